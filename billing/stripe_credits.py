"""What clients get back: credit notes on invoices, credit for usage, usage taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from billing.stripe_calls import everything, keyed, plain, translated
from billing.stripe_params import Json

Lines = Sequence[Mapping[str, Any]]


class Credits:
    _v1: Any
    _v2: Any

    def preview_credit_note(self, invoice: str, lines: Lines) -> Json:
        """`lines` are `{"invoice_line_item": id, "amount": net}`, or `{"description", "amount",
        "tax_rates": [id]}`; the answer has `total`, and `post_payment_amount` of it."""
        with translated():
            return plain(self._v1.credit_notes.preview(_note(invoice, lines)))

    def create_credit_note(
        self,
        invoice: str,
        lines: Lines,
        idempotency_key: str,
        *,
        memo: str,
        metadata: Mapping[str, str],
        to_balance: int,
    ) -> Json:
        """`to_balance` is what of it was paid already, by its preview: it goes to the customer's
        balance, for the next invoice. The same at each repeat, as Stripe wants of a key."""
        params = _note(invoice, lines) | {
            "reason": "product_unsatisfactory",
            "memo": memo,
            "metadata": dict(metadata),
            "email_type": "none",
        }
        if to_balance:
            params["credit_amount"] = to_balance
        with translated():
            return plain(self._v1.credit_notes.create(params, keyed(idempotency_key)))

    def list_credit_notes(
        self, *, customer: str | None = None, invoice: str | None = None
    ) -> list[Json]:
        """Newest first, each with all its lines as a plain list."""
        params: Json = {"limit": 100}
        params |= {"customer": customer} if customer else {"invoice": invoice}
        with translated():
            return [
                self._with_note_lines(row) for row in everything(self._v1.credit_notes.list(params))
            ]

    def _with_note_lines(self, note: Json) -> Json:
        lines = note["lines"]["data"]
        if note["lines"]["has_more"]:
            lines = everything(self._v1.credit_notes.line_items.list(note["id"], {"limit": 100}))
        return note | {"lines": lines}

    def list_credit_grants(self, customer: str) -> list[Json]:
        params: Json = {"customer": customer, "limit": 100}
        with translated():
            return everything(self._v1.billing.credit_grants.list(params))

    def give_credit(
        self,
        customer: str,
        amount: int,
        currency: str,
        name: str,
        metadata: Mapping[str, str],
        idempotency_key: str,
        *,
        expires_at: int,
    ) -> Json:
        """In minor units, before taxes: metered prices use it up until it expires."""
        params: Json = {
            "customer": customer,
            "amount": {
                "type": "monetary",
                "monetary": {"currency": currency.lower(), "value": amount},
            },
            "applicability_config": {"scope": {"price_type": "metered"}},
            "category": "promotional",
            "expires_at": expires_at,
            "metadata": dict(metadata),
            "name": name,
        }
        with translated():
            return plain(self._v1.billing.credit_grants.create(params, keyed(idempotency_key)))

    def expire_credit(self, grant: str, idempotency_key: str) -> Json:
        with translated():
            return plain(self._v1.billing.credit_grants.expire(grant, {}, keyed(idempotency_key)))

    def credit_left(self, customer: str) -> int:
        """In minor units, of the one currency that a customer has."""
        scope: Json = {"price_type": "metered"}
        params: Json = {
            "customer": customer,
            "filter": {"type": "applicability_scope", "applicability_scope": scope},
        }
        with translated():
            summary = plain(self._v1.billing.credit_balance_summary.retrieve(params))
        return sum(row["available_balance"]["monetary"]["value"] for row in summary["balances"])

    def cancel_meter_event(self, event_name: str, identifier: str, idempotency_key: str) -> None:
        """Within 24 hours of its arrival."""
        params: Json = {
            "type": "cancel",
            "event_name": event_name,
            "cancel": {"identifier": identifier},
        }
        with translated():
            self._v1.billing.meter_event_adjustments.create(params, keyed(idempotency_key))

    def fetch_thin_event(self, event: str) -> Json:
        """With the `data` that its webhook left out."""
        with translated():
            return plain(self._v2.core.events.retrieve(event))

    def thin_events_since(self, created: int) -> list[Json]:
        """Newest first; Stripe keeps 30 days."""
        since = datetime.fromtimestamp(created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        params: Json = {"created": {"gte": since}, "limit": 100}
        with translated():
            return [plain(row) for row in self._v2.core.events.list(params).auto_paging_iter()]


def _note(invoice: str, lines: Lines) -> Json:
    return {"invoice": invoice, "lines": [_note_line(line) for line in lines]}


def _note_line(line: Mapping[str, Any]) -> Json:
    if "invoice_line_item" in line:
        return {"type": "invoice_line_item", **line}
    rest = {name: value for name, value in line.items() if name != "amount"}
    return {"type": "custom_line_item", "quantity": 1, "unit_amount": line["amount"], **rest}
