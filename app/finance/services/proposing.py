"""Matches proposed for what no decision covers yet."""

import dataclasses

from sqlalchemy import insert

from app.finance import matching
from app.finance.models import Match, OpenItem, PaymentControl, StatementLine
from app.finance.read_results import Reason, reason_json
from tenants.core.db import db
from tenants.core.ids import uuid7
from tenants.keys import data_key


def propose(*, control: PaymentControl) -> int:
    """Match what no live match covers yet; answers the number of proposals."""
    db.session.flush()
    key = data_key()
    items = [
        matching.Item(
            id=str(row.id), number=row.number, customer=row.customer,
            iban=key.open(row.iban_sealed, iban_place(row, "open_items.iban"))
            if row.iban_sealed else "",
            currency=row.currency, open_amount=row.open_amount,
            issued_on=row.issued_on, due_on=row.due_on,
        )
        for row in db.session.query(OpenItem).filter(
            OpenItem.tenant_id == control.tenant_id, OpenItem.control_id == control.id
        )
    ]  # fmt: skip
    rows = {
        str(row.id): row
        for row in db.session.query(StatementLine).filter(
            StatementLine.tenant_id == control.tenant_id, StatementLine.control_id == control.id
        )
    }
    lines = [
        matching.Line(
            id=line_id, amount=row.amount, currency=row.currency, booked_on=row.booked_on,
            name=row.name,
            iban=key.open(row.iban_sealed, iban_place(row, "statement_lines.iban"))
            if row.iban_sealed else "",
            texts=tuple(row.reference_texts), reversal=row.reversal,
        )
        for line_id, row in rows.items()
    ]  # fmt: skip
    found = matching.match(items, lines)
    if found.proposals:
        db.session.execute(
            insert(Match),
            [
                {
                    "tenant_id": control.tenant_id, "id": uuid7(), "control_id": control.id,
                    "line_id": p.line_id, "item_id": p.item_id, "amount": p.amount,
                    "rule": p.rule, "confidence": p.confidence,
                    "explanation": reason_json(_masked(p.explanation)), "state": "proposed",
                }
                for p in found.proposals
            ],
        )  # fmt: skip
    for ambiguity in found.ambiguities:
        rows[ambiguity.line_id].candidates = {
            "items": list(ambiguity.item_ids), "reason": reason_json(ambiguity.explanation),
        }  # fmt: skip
    db.session.flush()
    return len(found.proposals)


def _masked(reason: Reason) -> Reason:
    """Explanations are kept readable, so an account number stays out of them."""
    iban = str(reason.params.get("iban", ""))
    if not iban:
        return reason
    shown = f"{iban[:4]}\u00a0…\u00a0{iban[-4:]}"
    return dataclasses.replace(reason, params={**reason.params, "iban": shown})


def iban_place(row: OpenItem | StatementLine, column: str) -> str:
    return f"{row.tenant_id}|{column}|{row.id}"
