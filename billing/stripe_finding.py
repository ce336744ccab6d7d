"""What came of a call whose answer never arrived, once Stripe has forgotten its key."""

from __future__ import annotations

from typing import Any

from billing.stripe_calls import everything, plain, translated
from billing.stripe_params import Json


class Finding:
    _v1: Any

    def find_customer(self, tenant_id: str, *, since: int) -> Json | None:
        return self._first(self._v1.customers, {}, since, "tenant_id", tenant_id)

    def find_subscription(self, customer: str, tenant_id: str, *, since: int) -> Json | None:
        wanted = {"customer": customer, "status": "all"}
        return self._first(self._v1.subscriptions, wanted, since, "tenant_id", tenant_id)

    def find_invoice_item(self, customer: str, item_id: str, *, since: int) -> Json | None:
        wanted = {"customer": customer}
        return self._first(self._v1.invoice_items, wanted, since, "item_id", item_id)

    def find_invoice(self, customer: str, name: str, value: str, *, since: int) -> Json | None:
        return self._first(self._v1.invoices, {"customer": customer}, since, name, value)

    def subscription_now(self, subscription: str) -> Json:
        with translated():
            held = plain(self._v1.subscriptions.retrieve(subscription))
        held["items"] = held["items"]["data"]
        return held

    def invoice_status(self, invoice: str) -> str:
        with translated():
            return str(self._v1.invoices.retrieve(invoice).status)

    def _first(self, where: Any, wanted: Json, since: int, name: str, value: str) -> Json | None:
        """The oldest of this time whose metadata say so."""
        params = wanted | {"created": {"gte": since}, "limit": 100}
        with translated():
            rows = everything(where.list(params))
        found = [row for row in rows if row["metadata"].get(name) == value]
        return found[-1] if found else None
