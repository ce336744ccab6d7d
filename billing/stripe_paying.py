"""Invoices that a client pays by the card on file, and a subscription that should not be there."""

from __future__ import annotations

from typing import Any

from billing.stripe_calls import everything, keyed, plain, translated
from billing.stripe_params import Json

# In a credit note's metadata: it takes this whole invoice back.
GIVEN_BACK = "given_back"


class Paying:
    _v1: Any

    def collect_invoice(self, invoice: str, idempotency_key: str) -> Json:
        """Made final where it is a draft, charged where it is open, left alone where it is paid.
        Refused when the card is."""
        with translated():
            held = plain(self._v1.invoices.retrieve(invoice))
            if held["status"] == "draft":
                wanted: Any = {"auto_advance": False}
                key = keyed(f"{idempotency_key}:finalize:{invoice}")
                held = plain(self._v1.invoices.finalize_invoice(invoice, wanted, key))
            if held["status"] == "open":
                key = keyed(f"{idempotency_key}:pay:{invoice}")
                held = plain(self._v1.invoices.pay(invoice, {}, key))
        return held

    def void_invoice(self, invoice: str, idempotency_key: str) -> Json:
        """Nobody owes it any more; a change that waited for it is off."""
        with translated():
            return plain(self._v1.invoices.void_invoice(invoice, {}, keyed(idempotency_key)))

    def drop_subscription(self, subscription: str, idempotency_key: str) -> Json:
        """At once, and without a last invoice: its usage is another subscription's."""
        params: Json = {"invoice_now": False, "prorate": False}
        with translated():
            held = plain(self._v1.subscriptions.retrieve(subscription))
            if held["status"] in ("canceled", "incomplete_expired"):
                return held
            return plain(
                self._v1.subscriptions.cancel(subscription, params, keyed(idempotency_key))
            )

    def give_back(self, invoice: str, idempotency_key: str) -> int:
        """All of it, and what of that was paid to the card, in minor units; an open one is void.
        Repeated, it finds the note that it wrote: nothing is left of the invoice to preview."""
        with translated():
            held = plain(self._v1.invoices.retrieve(invoice))
            if held["status"] == "open":
                self._v1.invoices.void_invoice(invoice, {}, keyed(f"{idempotency_key}:void"))
            if held["status"] != "paid" or not held["amount_paid"]:
                return 0
            written = self._given_back(invoice)
            if written is not None:
                return int(written["post_payment_amount"])
            params: Json = {
                "invoice": invoice,
                "lines": [
                    {"type": "invoice_line_item", "invoice_line_item": line["id"],
                     "amount": line["amount"]}
                    for line in held["lines"]["data"] if line["amount"] > 0
                ],
            }  # fmt: skip
            paid = plain(self._v1.credit_notes.preview(params))["post_payment_amount"]
            params |= {
                "reason": "duplicate", "refund_amount": paid, "email_type": "none",
                "metadata": {GIVEN_BACK: invoice},
            }  # fmt: skip
            self._v1.credit_notes.create(params, keyed(f"{idempotency_key}:back"))
        return int(paid)

    def _given_back(self, invoice: str) -> Json | None:
        notes = everything(self._v1.credit_notes.list({"invoice": invoice, "limit": 100}))
        ours = (one for one in notes
                if one["metadata"].get(GIVEN_BACK) == invoice and one["status"] == "issued")  # fmt: skip
        return next(ours, None)
