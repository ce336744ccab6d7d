"""Rows of what was read from the two files, account numbers sealed."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert

from app.finance.masking import mask_accounts
from app.finance.models import (
    BankStatement,
    ImportReject,
    OpenItem,
    PaymentControl,
    StatementLine,
)
from app.finance.read_results import LineReject, OpenItemsFile, StatementHead
from app.finance.read_results import StatementLine as ReadLine
from app.spreadsheets.reasons import Reason, reason_json
from tenants.core.crypto import DataKey
from tenants.core.db import db
from tenants.core.ids import uuid7


def keep_items(control: PaymentControl, found: OpenItemsFile, key: DataKey) -> None:
    control.items_in, control.items_rejected = found.rows_in, found.rows_in - len(found.items)
    rows = []
    for item in found.items:
        row_id = uuid7()
        rows.append(
            {
                "tenant_id": control.tenant_id, "id": row_id, "control_id": control.id,
                "line": item.line, "number": item.number, "customer": item.customer,
                **_iban(key, item.iban, f"{control.tenant_id}|open_items.iban|{row_id}"),
                "issued_on": item.issued_on, "due_on": item.due_on, "currency": item.currency,
                "amount": item.amount, "open_amount": item.open_amount,
            }
        )  # fmt: skip
    if rows:
        db.session.execute(insert(OpenItem), rows)
    keep_rejects(
        control, "open_items", [(r.line, r.column, r.raw, r.reason) for r in found.rejects]
    )


def keep_head(
    control: PaymentControl,
    number: int,
    head: StatementHead,
    key: DataKey,
    continuity: Reason | None,
) -> None:
    statement_id = uuid7()
    place = f"{control.tenant_id}|bank_statements.account|{statement_id}"
    db.session.add(
        BankStatement(
            id=statement_id, control_id=control.id, position=number,
            statement_id=mask_accounts(head.statement_id),
            account_sealed=key.seal(head.account, place),
            account_index=key.blind_index(head.account) if head.account else "",
            sequence_number=head.sequence_number, currency=head.currency,
            starts_on=head.starts_on, ends_on=head.ends_on,
            opening=head.opening.amount if head.opening else None,
            closing=head.closing.amount if head.closing else None,
            movements=head.movements, difference=head.difference,
            problem=reason_json(head.balance_problem) if head.balance_problem else None,
            continuity=reason_json(continuity) if continuity else None,
        )
    )  # fmt: skip


def keep_lines(
    control: PaymentControl,
    number: int,
    lines: Sequence[tuple[ReadLine, str]],
    key: DataKey,
) -> None:
    """Each line with its fingerprint."""
    rows: list[dict[str, Any]] = []
    for line, mark in lines:
        row_id = uuid7()
        texts = (line.end_to_end_id, line.creditor_reference, line.remittance, line.additional)
        rows.append(
            {
                "tenant_id": control.tenant_id, "id": row_id, "control_id": control.id,
                "statement": number, "position": line.position, "booked_on": line.booked_on,
                "valued_on": line.valued_on, "amount": line.amount, "charges": line.charges,
                "currency": line.currency, "name": line.name,
                **_iban(key, line.iban, f"{control.tenant_id}|statement_lines.iban|{row_id}"),
                "remittance": line.remittance or line.additional,
                "bank_reference": line.bank_reference,
                "reference_texts": [text for text in texts if text],
                "documents": [[one.number, one.amount] for one in line.documents],
                "mandate_id": line.mandate_id, "return_reason": line.return_reason,
                "reversal": line.reversal, "fingerprint": mark,
            }
        )  # fmt: skip
    if rows:
        db.session.execute(insert(StatementLine), rows)


def keep_line_rejects(control: PaymentControl, found: Sequence[LineReject]) -> None:
    keep_rejects(control, "statement", [(r.entry, r.column, r.raw, r.reason) for r in found])


def keep_rejects(
    control: PaymentControl, source: str, found: list[tuple[int, str, str, Reason]]
) -> None:
    if found:
        db.session.execute(
            insert(ImportReject),
            [
                {
                    "tenant_id": control.tenant_id, "id": uuid7(), "control_id": control.id,
                    "source": source, "line": line, "column_name": column,
                    "raw": mask_accounts(raw), "reason": _masked(reason),
                }
                for line, column, raw, reason in found
            ],
        )  # fmt: skip


def _masked(reason: Reason) -> dict[str, Any]:
    found = reason_json(reason)
    found["params"] = {
        name: mask_accounts(value) if isinstance(value, str) else value
        for name, value in reason.params.items()
    }
    return found


def _iban(key: DataKey, iban: str, place: str) -> dict[str, str]:
    if not iban:
        return {"iban_sealed": "", "iban_index": ""}
    return {"iban_sealed": key.seal(iban, place), "iban_index": key.blind_index(iban)}
