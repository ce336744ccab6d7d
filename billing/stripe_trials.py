"""Subscriptions that begin free, rest and go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from billing.stripe_calls import keyed, plain, translated
from billing.stripe_params import HOUR, Json


class Trials:
    _v1: Any

    def start_trial(
        self,
        customer: str,
        items: Sequence[Mapping[str, Any]],
        metadata: Mapping[str, str],
        idempotency_key: str,
        *,
        trial_end: int,
        default_tax_rates: Sequence[str] = (),
    ) -> Json:
        """Free until `trial_end`, a full hour, where the billing cycle begins; without a card by
        then the subscription pauses."""
        if trial_end % HOUR:
            raise ValueError("a trial ends on a full hour")
        params: Json = {
            "customer": customer,
            "items": [dict(item) for item in items],
            "metadata": dict(metadata),
            "billing_mode": {"type": "flexible"},
            "trial_end": trial_end,
            "trial_settings": {"end_behavior": {"missing_payment_method": "pause"}},
        }
        if default_tax_rates:
            params["default_tax_rates"] = list(default_tax_rates)
        with translated():
            return plain(self._v1.subscriptions.create(params, keyed(idempotency_key)))

    def pause_subscription(self, subscription: str, idempotency_key: str) -> Json:
        """From now on nothing is charged; unused time is credited and usage charged at once."""
        params: Json = {"type": "subscription", "invoicing_behavior": "invoice"}
        with translated():
            return plain(self._v1.subscriptions.pause(subscription, params, keyed(idempotency_key)))

    def resume_subscription(self, subscription: str, idempotency_key: str) -> Json:
        """Periods stay calendar months: what is left of the current one is charged at once."""
        params: Json = {
            "billing_cycle_anchor": {"type": "unchanged"},
            "proration_behavior": "always_invoice",
        }
        with translated():
            resumed = self._v1.subscriptions.resume(subscription, params, keyed(idempotency_key))
        return plain(resumed)
