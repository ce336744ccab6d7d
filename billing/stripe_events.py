"""What happened at Stripe, asked for afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from billing.stripe_calls import everything, plain, translated
from billing.stripe_params import Json


class Events:
    _v1: Any

    def events_since(self, created: int, *, undelivered_only: bool = False) -> list[Json]:
        """Oldest first; Stripe keeps 30 days."""
        params: Any = {"created": {"gte": created}, "limit": 100}
        if undelivered_only:
            params["delivery_success"] = False
        with translated():
            return everything(self._v1.events.list(params))[::-1]

    # Disputes: what they are about is asked, never read from an event.

    def fetch_dispute(self, dispute: str) -> Json:
        with translated():
            return plain(self._v1.disputes.retrieve(dispute))

    def disputed_invoice(self, dispute: str) -> Json | None:
        """The invoice whose payment is disputed; None for a payment of no invoice."""
        intent = self.fetch_dispute(dispute)["payment_intent"]
        if not intent:
            return None
        paid: Any = {"type": "payment_intent", "payment_intent": intent}
        with translated():
            found = self._v1.invoice_payments.list({"payment": paid, "limit": 1}).data
            return plain(self._v1.invoices.retrieve(found[0].invoice)) if found else None

    # What is there that nobody of ours made, and what isn't any more.

    def list_customers(self) -> list[Json]:
        with translated():
            return everything(self._v1.customers.list({"limit": 100}))

    def prices_by_key(self, lookup_keys: Sequence[str]) -> dict[str, Json]:
        """The active ones; at most ten are asked for at a time."""
        found: dict[str, Json] = {}
        for start in range(0, len(lookup_keys), 10):
            some: Any = list(lookup_keys[start : start + 10])
            with translated():
                rows = everything(
                    self._v1.prices.list({"lookup_keys": some, "active": True, "limit": 100})
                )
            found |= {row["lookup_key"]: row for row in rows}
        return found
