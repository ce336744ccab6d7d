"""Matches proposed for what no decision covers yet."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from app.finance import matching
from app.finance.masking import mask_account
from app.finance.models import Match, OpenItem, PaymentControl, StatementLine
from app.finance.queries import live_by_item, live_by_line
from app.finance.services.recalling import Recall, recall
from app.finance.services.tolerances import tolerances
from app.spreadsheets.reasons import Reason, reason_json
from tenants.core.crypto import DataKey
from tenants.core.db import db
from tenants.core.ids import uuid7
from tenants.keys import data_key

# Steps of ours done, and how many there are.
Steps = Callable[[int, int], None]
_STEPS = matching.PHASES + 3


def propose(
    *,
    control: PaymentControl,
    lines: Sequence[StatementLine] | None = None,
    steps: Steps | None = None,
) -> int:
    """Match what no live match covers yet, of these lines or of all; answers how many proposals."""

    def at(step: int) -> None:
        if steps:
            steps(step, _STEPS)

    db.session.flush()
    key, learned = data_key(), recall()
    items = _items(control, key)
    at(1)
    rows = {str(row.id): row for row in (_rows(control) if lines is None else lines)}
    paying = _lines(control, rows.values(), key, learned)
    at(2)
    found = matching.match(
        items, paying, tolerances().by_currency, progress=lambda phase: at(2 + phase)
    )
    _keep(control, found)
    _suggest(rows, found, learned)
    at(_STEPS)
    return len(found.proposals)


def _items(control: PaymentControl, key: DataKey) -> list[matching.Item]:
    taken = live_by_item(control=control)
    return [
        matching.Item(
            id=str(row.id), number=row.number, customer=row.customer,
            iban=key.open(row.iban_sealed, iban_place(row, "open_items.iban"))
            if row.iban_sealed else "",
            currency=row.currency, open_amount=row.open_amount - taken.get(row.id, 0),
            issued_on=row.issued_on, due_on=row.due_on,
        )
        for row in db.session.execute(
            select(OpenItem).where(
                OpenItem.tenant_id == control.tenant_id, OpenItem.control_id == control.id
            )
        ).scalars()
    ]  # fmt: skip


def _rows(control: PaymentControl) -> Sequence[StatementLine]:
    return list(
        db.session.execute(
            select(StatementLine).where(
                StatementLine.tenant_id == control.tenant_id,
                StatementLine.control_id == control.id,
            )
        ).scalars()
    )


def _lines(
    control: PaymentControl, rows: Any, key: DataKey, learned: Recall
) -> list[matching.Line]:
    taken = live_by_line(control=control)
    return [
        matching.Line(
            id=str(row.id), amount=row.amount - taken.get(row.id, 0), currency=row.currency,
            booked_on=row.booked_on, name=row.name,
            iban=key.open(row.iban_sealed, iban_place(row, "statement_lines.iban"))
            if row.iban_sealed else "",
            texts=(*row.reference_texts, *(str(one[0]) for one in row.documents)),
            reversal=row.reversal, charges=row.charges, learned=learned.payers_of(row),
        )
        for row in rows
    ]  # fmt: skip


def _keep(control: PaymentControl, found: matching.Matches) -> None:
    groups: dict[str, UUID] = {}
    rows = [
        {
            "tenant_id": control.tenant_id, "id": uuid7(), "control_id": control.id,
            "line_id": p.line_id, "item_id": p.item_id, "amount": p.amount,
            "difference": p.difference, "difference_kind": p.difference_kind,
            "group_id": groups.setdefault(p.line_id, uuid7()) if p.netted else None,
            "learned_rule_id": p.learned_rule or None,
            "rule": p.rule, "confidence": p.confidence,
            "explanation": reason_json(_masked(p.explanation)), "state": "proposed",
        }
        for p in found.proposals
    ]  # fmt: skip
    if rows:
        db.session.execute(insert(Match), rows)
    db.session.flush()


def _suggest(rows: Mapping[str, StatementLine], found: matching.Matches, learned: Recall) -> None:
    """What to look at where nothing is proposed: candidates, or why such lines stayed open."""
    for ambiguity in found.ambiguities:
        rows[ambiguity.line_id].candidates = {
            "items": list(ambiguity.item_ids), "reason": reason_json(ambiguity.explanation),
        }  # fmt: skip
    known = {p.line_id for p in found.proposals} | {a.line_id for a in found.ambiguities}
    for line_id, row in rows.items():
        before = learned.left_open(row) if line_id not in known else None
        if before is not None:
            rule, reason = before
            row.candidates = {
                "items": [], "reason": reason_json(reason),
                "leave_open": {"rule": str(rule.id), "note": rule.note},
            }  # fmt: skip
    db.session.flush()


def _masked(reason: Reason) -> Reason:
    """Explanations are kept readable, so an account number stays out of them."""
    iban = str(reason.params.get("iban", ""))
    if not iban:
        return reason
    return dataclasses.replace(reason, params={**reason.params, "iban": mask_account(iban)})


def iban_place(row: OpenItem | StatementLine, column: str) -> str:
    return f"{row.tenant_id}|{column}|{row.id}"
