"""Stripe's own pages, where a client pays and keeps its card, and the client's VAT ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from billing.stripe_calls import everything, keyed, plain, translated
from billing.stripe_params import Json, digest

PORTAL: Json = {
    "business_profile": {"headline": "Coulisse"},
    "features": {
        "customer_update": {
            "enabled": True,
            "allowed_updates": ["address", "email", "name", "tax_id"],
        },
        "invoice_history": {"enabled": True},
        "payment_method_update": {"enabled": True},
        "subscription_cancel": {"enabled": True, "mode": "at_period_end"},
        "subscription_update": {"enabled": False},
    },
}


class Hosted:
    _v1: Any

    def create_checkout(
        self,
        customer: str,
        items: Sequence[Mapping[str, Any]],
        metadata: Mapping[str, str],
        idempotency_key: str,
        *,
        reference: str,
        success_url: str,
        cancel_url: str,
        trial_end: int | None = None,
        default_tax_rates: Sequence[str] = (),
        expires_at: int | None = None,
        language: str | None = None,
    ) -> Json:
        """`items` as at a subscription. Without a `trial_end` the first, shorter period begins at
        once and the next with the month. Stripe writes the session's id where `success_url` says
        `{CHECKOUT_SESSION_ID}`."""
        data: Json = {"billing_mode": {"type": "flexible"}, "metadata": dict(metadata)}
        if trial_end is None:
            midnight = {"hour": 0, "minute": 0, "second": 0}
            data["billing_cycle_anchor_config"] = {"day_of_month": 1} | midnight
        else:
            data["trial_end"] = trial_end
            data["trial_settings"] = {"end_behavior": {"missing_payment_method": "pause"}}
        if default_tax_rates:
            data["default_tax_rates"] = list(default_tax_rates)
        params: Json = {
            "mode": "subscription",
            "ui_mode": "hosted_page",
            "customer": customer,
            "client_reference_id": reference,
            "line_items": [dict(item) for item in items],
            "subscription_data": data,
            "metadata": dict(metadata),
            "success_url": success_url,
            "cancel_url": cancel_url,
            "tax_id_collection": {"enabled": True},
            "customer_update": {"address": "auto", "name": "auto"},
        }
        if expires_at is not None:
            params["expires_at"] = expires_at
        if language is not None:
            params["locale"] = language
        with translated():
            return plain(self._v1.checkout.sessions.create(params, keyed(idempotency_key)))

    def fetch_checkout(self, session: str) -> Json:
        with translated():
            return plain(self._v1.checkout.sessions.retrieve(session))

    def expire_checkout(self, session: str, idempotency_key: str) -> Json:
        """Refused when it is complete or over already."""
        with translated():
            return plain(self._v1.checkout.sessions.expire(session, {}, keyed(idempotency_key)))

    def ensure_portal(self) -> str:
        """The portal's settings, the ones that this version of the product wants; their id."""
        version = digest(PORTAL)
        with translated():
            held = everything(
                self._v1.billing_portal.configurations.list({"active": True, "limit": 100})
            )
            for row in held:
                if row["metadata"].get("coulisse") == version:
                    return str(row["id"])
            params = PORTAL | {"metadata": {"coulisse": version}}
            key = keyed(f"portal:{version}")
            return str(self._v1.billing_portal.configurations.create(params, key).id)

    def open_portal(
        self,
        customer: str,
        configuration: str,
        idempotency_key: str,
        *,
        return_url: str,
        language: str | None = None,
    ) -> str:
        """The address of the portal for this customer, good for a short while."""
        params: Json = {
            "customer": customer,
            "configuration": configuration,
            "return_url": return_url,
        }
        if language is not None:
            params["locale"] = language
        with translated():
            opened = self._v1.billing_portal.sessions.create(params, keyed(idempotency_key))
        return str(opened.url)

    def add_vat_id(self, customer: str, kind: str, value: str, idempotency_key: str) -> Json:
        """Stripe checks it afterwards: its `verification` is pending at first."""
        params: Json = {"type": kind, "value": value}
        with translated():
            added = self._v1.customers.tax_ids.create(customer, params, keyed(idempotency_key))
        return plain(added)

    def vat_ids(self, customer: str) -> list[Json]:
        with translated():
            return everything(self._v1.customers.tax_ids.list(customer, {"limit": 100}))

    def remove_vat_id(self, customer: str, vat_id: str) -> None:
        with translated():
            self._v1.customers.tax_ids.delete(customer, vat_id)
