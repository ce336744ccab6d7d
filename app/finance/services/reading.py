"""Taking the two files of a payment control: read, check, keep, match. Runs in a job."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert

from app.finance.models import (
    BankStatement,
    ImportReject,
    Match,
    OpenItem,
    PaymentControl,
    StatementLine,
)
from app.finance.queries import find_control, find_taken_statement
from app.finance.read_results import (
    FileRefused,
    OpenItemsFile,
    Reason,
    StatementFile,
    reason_json,
)
from app.finance.reading import read_open_items_file, read_statement_file
from app.finance.services.proposing import propose
from app.service_requests.models import ServiceRequest
from app.service_requests.queries import list_files
from tenants import audit, files
from tenants.core.crypto import DataKey
from tenants.core.db import db
from tenants.core.ids import uuid7
from tenants.keys import data_key
from tenants.permissions import Actor

# done, total, message
Progress = Callable[[int, int, str], None]
STEPS = 4


def open_control(*, request: ServiceRequest, now: datetime) -> PaymentControl:
    """The control of a request, made at its first use."""
    control = find_control(request_id=request.id)
    if control is None:
        control = PaymentControl(id=uuid7(), request_id=request.id, created_at=now)
        db.session.add(control)
        db.session.flush()
    return control


def take_files(
    *, request: ServiceRequest, actor: Actor, now: datetime, progress: Progress
) -> PaymentControl:
    """Read the newest file of each slot and propose matches.

    The same two files as before change nothing. A file that can't be read leaves the control
    'refused' with its reason, nothing half taken.
    """
    control = open_control(request=request, now=now)
    newest: dict[str, Any] = {}
    for row in list_files(request_id=request.id):
        if row.slot in ("open_items", "statement"):
            newest[row.slot] = row
    same = all(
        getattr(control, f"{slot}_sha256") == newest[slot].sha256
        for slot in ("open_items", "statement")
        if slot in newest
    )
    if control.state != "reading" and same:
        return control
    _forget(control)
    for slot, row in newest.items():
        setattr(control, f"{slot}_sha256", row.sha256)
        setattr(control, f"{slot}_file_id", row.id)
    earlier = find_taken_statement(sha256=control.statement_sha256, not_control=control.id)
    if earlier is not None:
        control.state, control.duplicate_of = "duplicate", earlier
        return _finish(control, actor, now)
    slot = "open_items"
    try:
        progress(0, STEPS, "open_items")
        items = read_open_items_file(files.read(files.get_file(file_id=newest["open_items"].id)))
        slot = "statement"
        progress(1, STEPS, "statement")
        found = read_statement_file(files.read(files.get_file(file_id=newest["statement"].id)))
    except FileRefused as refused:
        control.state = "refused"
        control.problem = {**reason_json(refused.reason), "slot": slot}
        return _finish(control, actor, now)
    progress(2, STEPS, "keeping")
    key = data_key()
    _keep_items(control, items, key)
    _keep_statements(control, found, key)
    balanced = all(statement.balanced for statement in found.statements)
    control.state = "ready" if balanced else "unbalanced"
    if balanced:
        progress(3, STEPS, "matching")
        propose(control=control)
    progress(STEPS, STEPS, "done")
    return _finish(control, actor, now)


def _forget(control: PaymentControl) -> None:
    """New files replace what an earlier attempt kept; undecided work on it goes with it."""
    for model in (Match, StatementLine, OpenItem, BankStatement, ImportReject):
        db.session.execute(
            delete(model).where(
                model.tenant_id == control.tenant_id,
                model.control_id == control.id,
            )
        )
    control.problem = control.duplicate_of = None
    control.accepted_at = control.accepted_by = None
    control.accepted_by_name = control.accepted_reason = ""
    control.items_in = control.items_rejected = control.lines_in = control.lines_rejected = 0


def _keep_items(control: PaymentControl, found: OpenItemsFile, key: DataKey) -> None:
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
    _keep_rejects(
        control, "open_items", [(r.line, r.column, r.raw, r.reason) for r in found.rejects]
    )


def _keep_statements(control: PaymentControl, found: StatementFile, key: DataKey) -> None:
    lines: list[dict[str, Any]] = []
    for number, statement in enumerate(found.statements, start=1):
        statement_id = uuid7()
        db.session.add(
            BankStatement(
                id=statement_id, control_id=control.id, position=number,
                statement_id=statement.statement_id,
                account_sealed=key.seal(
                    statement.account,
                    f"{control.tenant_id}|bank_statements.account|{statement_id}",
                ),
                currency=statement.currency, starts_on=statement.starts_on,
                ends_on=statement.ends_on,
                opening=statement.opening.amount if statement.opening else None,
                closing=statement.closing.amount if statement.closing else None,
                movements=statement.movements, difference=statement.difference,
                problem=reason_json(statement.balance_problem)
                if statement.balance_problem else None,
            )
        )  # fmt: skip
        for line in statement.lines:
            row_id = uuid7()
            references = (line.end_to_end_id, line.creditor_reference, line.remittance,
                          line.additional)  # fmt: skip
            lines.append(
                {
                    "tenant_id": control.tenant_id, "id": row_id, "control_id": control.id,
                    "statement": number, "position": line.position, "booked_on": line.booked_on,
                    "valued_on": line.valued_on, "amount": line.amount, "charges": line.charges,
                    "currency": line.currency, "name": line.name,
                    **_iban(key, line.iban, f"{control.tenant_id}|statement_lines.iban|{row_id}"),
                    "remittance": line.remittance or line.additional,
                    "reference_texts": [text for text in references if text],
                    "reversal": line.reversal,
                }
            )  # fmt: skip
        control.lines_in += statement.lines_in
        control.lines_rejected += statement.lines_in - len(statement.lines)
        _keep_rejects(
            control, "statement", [(r.entry, "", r.raw, r.reason) for r in statement.rejects]
        )
    if lines:
        db.session.execute(insert(StatementLine), lines)


def _keep_rejects(
    control: PaymentControl, source: str, found: list[tuple[int, str, str, Reason]]
) -> None:
    if found:
        db.session.execute(
            insert(ImportReject),
            [
                {
                    "tenant_id": control.tenant_id, "id": uuid7(), "control_id": control.id,
                    "source": source, "line": line, "column_name": column, "raw": raw,
                    "reason": reason_json(reason),
                }
                for line, column, raw, reason in found
            ],
        )  # fmt: skip


def _iban(key: DataKey, iban: str, place: str) -> dict[str, str]:
    if not iban:
        return {"iban_sealed": "", "iban_index": ""}
    return {"iban_sealed": key.seal(iban, place), "iban_index": key.blind_index(iban)}


def _finish(control: PaymentControl, actor: Actor, now: datetime) -> PaymentControl:
    audit.record(
        "finance.payment_control.read", actor=actor, now=now, object_type="payment_control",
        object_id=control.id, state=control.state, items=control.items_in,
        lines=control.lines_in, open_items=control.open_items_sha256,
        statement=control.statement_sha256,
    )  # fmt: skip
    db.session.flush()
    return control
