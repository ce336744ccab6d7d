"""Payment controls as the JSON API shows them; no statement goes to the database."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from app.finance.masking import mask_account, mask_accounts
from app.finance.models import BankStatement, ImportReject, PaymentControl, StatementLine
from app.finance.presenting import sentence, shown_lines
from app.finance.queries import LineCounts
from tenants.core.crypto import DataKey
from tenants.core.schema import amount_of


def control_row(
    control: PaymentControl, counts: LineCounts, statements: Sequence[BankStatement], key: DataKey
) -> dict[str, Any]:
    columns = (
        "state", "duplicate_of", "items_in", "items_rejected", "lines_in", "lines_rejected",
        "open_items_sha256", "statement_sha256", "accepted_by_name", "accepted_reason",
    )  # fmt: skip
    return {name: getattr(control, name) for name in columns} | {
        "problem": sentence(control.problem),
        "lines": counts,
        "statements": [_statement(one, key) for one in statements],
    }


def _statement(row: BankStatement, key: DataKey) -> dict[str, Any]:
    account = key.open(row.account_sealed, f"{row.tenant_id}|bank_statements.account|{row.id}")
    amounts = ("opening", "closing", "movements", "difference")
    return {
        "id": row.id, "statement": row.statement_id, "account": mask_account(account),
        "starts_on": row.starts_on, "ends_on": row.ends_on,
    } | {name: amount_of(getattr(row, name), row.currency) for name in amounts}  # fmt: skip


def line_rows(
    lines: Sequence[StatementLine], matches: Sequence[Any], *, provider: bool
) -> list[dict[str, Any]]:
    """Proposals are for the provider's side only."""
    of_line: dict[UUID, list[Any]] = defaultdict(list)
    for match in matches:
        if provider or match.state == "confirmed":
            of_line[match.line_id].append(match)
    shown = shown_lines(lines, matches=matches, items=(), provider=provider)
    return [
        {
            "id": line.id, "statement": line.statement, "position": line.position,
            "booked_on": line.booked_on, "name": line.name, "text": line.remittance,
            "amount": amount_of(line.amount, line.currency),
            "left": amount_of(look.left, line.currency), "state": look.state, "note": line.note,
            "matches": [match_row(match) for match in of_line[line.id]],
        }
        for line, look in zip(lines, shown, strict=True)
    ]  # fmt: skip


def match_row(row: Any) -> dict[str, Any]:
    return {
        "id": row.id, "item_id": row.item_id, "item_number": row.number, "customer": row.customer,
        "amount": amount_of(row.amount, row.currency), "state": row.state, "rule": row.rule,
        "confidence": row.confidence, "explanation": sentence(row.explanation),
        "decided_by": row.decided_by_name, "note": row.note, "group": row.group_id,
        "difference": amount_of(row.difference, row.currency),
    }  # fmt: skip


def item_row(row: Any) -> dict[str, Any]:
    return {
        "id": row.id, "line": row.line, "number": row.number, "customer": row.customer,
        "issued_on": row.issued_on, "due_on": row.due_on,
        "open": amount_of(row.open_amount, row.currency),
        "confirmed": amount_of(int(row.confirmed), row.currency),
        "remaining": amount_of(int(row.remaining), row.currency),
    }  # fmt: skip


def reject_row(row: ImportReject) -> dict[str, Any]:
    return {
        "source": row.source, "line": row.line, "column": row.column_name,
        "raw": mask_accounts(row.raw), "reason": sentence(row.reason),
    }  # fmt: skip
