"""Another plan, another quantity, the end: first as Stripe's preview, then as the change itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from billing.stripe_calls import keyed, plain, translated
from billing.stripe_errors import StripeRefused
from billing.stripe_params import Json

Items = Sequence[Mapping[str, Any]]


class Changes:
    _v1: Any
    _with_lines: Any

    def preview_change(
        self, subscription: str, items: Items, idempotency_key: str, *, proration_date: int
    ) -> Json:
        """The invoice that `change_items` with the same `proration_date` would charge. `items` are
        `{"id": item, "price": id}`, `{"id": item, "deleted": True}` or as at the creation."""
        details: Json = _charged_at_once(items, proration_date)
        params: Json = {"subscription": subscription, "subscription_details": details}
        with translated():
            found = self._v1.invoices.create_preview(params, keyed(idempotency_key))
            previewed: Json = self._with_lines(plain(found))
        return previewed

    def preview_start(
        self,
        customer: str,
        items: Items,
        idempotency_key: str,
        *,
        default_tax_rates: Sequence[str] = (),
        trial_end: int | None = None,
        anchor: int | None = None,
    ) -> Json:
        """The first invoice of a new subscription, whose next period begins at the `anchor`."""
        details: Json = {
            "items": [dict(item) for item in items],
            "billing_mode": {"type": "flexible"},
        }
        if default_tax_rates:
            details["default_tax_rates"] = list(default_tax_rates)
        if trial_end is not None:
            details["trial_end"] = trial_end
        if anchor is not None:
            details["billing_cycle_anchor"] = {"type": "timestamp", "timestamp": anchor}
        params: Json = {"customer": customer, "subscription_details": details}
        with translated():
            found = self._v1.invoices.create_preview(params, keyed(idempotency_key))
            previewed: Json = self._with_lines(plain(found))
        return previewed

    def change_items(
        self, subscription: str, items: Items, idempotency_key: str, *, proration_date: int
    ) -> Json:
        """Charged at once; while the charge fails the subscription stays as it was and has a
        `pending_update`."""
        params: Json = _charged_at_once(items, proration_date)
        params["payment_behavior"] = "pending_if_incomplete"
        with translated():
            return plain(
                self._v1.subscriptions.update(subscription, params, keyed(idempotency_key))
            )

    def set_items(
        self,
        subscription: str,
        items: Items,
        idempotency_key: str,
        *,
        metadata: Mapping[str, str],
    ) -> Json:
        """Nothing is credited or charged: the whole period that runs has these prices. What a
        schedule had planned with other ones is off."""
        params: Json = {
            "items": [dict(item) for item in items],
            "metadata": dict(metadata),
            "proration_behavior": "none",
        }
        self.release_held(subscription, f"{idempotency_key}:release")
        with translated():
            return plain(
                self._v1.subscriptions.update(subscription, params, keyed(idempotency_key))
            )

    def end_subscription(self, subscription: str, idempotency_key: str) -> Json:
        """When what is paid for is over; the usage until then comes with the last invoice. What a
        schedule had planned is off."""
        self.release_held(subscription, f"{idempotency_key}:release")
        params: Json = {"cancel_at": "max_period_end", "proration_behavior": "none"}
        with translated():
            return plain(
                self._v1.subscriptions.update(subscription, params, keyed(idempotency_key))
            )

    def keep_subscription(
        self, subscription: str, idempotency_key: str, *, by_flag: bool = False
    ) -> Json:
        """Takes back the end that was planned; `by_flag` one without a moment of its own."""
        params: Json = {"cancel_at_period_end": False} if by_flag else {"cancel_at": ""}
        with translated():
            return plain(
                self._v1.subscriptions.update(subscription, params, keyed(idempotency_key))
            )

    def cancel_now(self, subscription: str, idempotency_key: str) -> Json:
        """Usage is charged and unused time credited at once."""
        params: Json = {"invoice_now": True, "prorate": True}
        with translated():
            return plain(
                self._v1.subscriptions.cancel(subscription, params, keyed(idempotency_key))
            )

    def release_held(self, subscription: str, idempotency_key: str) -> bool:
        """Whether there was a schedule."""
        with translated():
            ident = plain(self._v1.subscriptions.retrieve(subscription))["schedule"]
        if ident is None:
            return False
        with suppress(StripeRefused):
            # Released or over meanwhile.
            self.release_schedule(ident, idempotency_key)
        return True

    def release_schedule(self, schedule: str, idempotency_key: str) -> Json:
        """What it planned is off, the subscription goes on as it is."""
        with translated():
            return plain(
                self._v1.subscription_schedules.release(schedule, {}, keyed(idempotency_key))
            )


def _charged_at_once(items: Items, proration_date: int) -> Json:
    return {
        "items": [dict(item) for item in items],
        "proration_behavior": "always_invoice",
        "proration_date": proration_date,
    }
