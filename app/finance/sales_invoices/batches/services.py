"""A sheet of invoices: sent, looked at, made into invoices."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, update

from app.finance.sales_invoices.batches.columns import HEADINGS
from app.finance.sales_invoices.batches.planning import Planned, Planner, placed
from app.finance.sales_invoices.batches.queries import (
    MADE_BEFORE,
    count_rows,
    get_batch,
    latest_days,
    list_made,
    list_ready,
)
from app.finance.sales_invoices.batches.sheet import (
    MAX_ROWS,
    Invoice,
    Problem,
    invoices_of,
    understand,
)
from app.finance.sales_invoices.freezing import as_json, from_json
from app.finance.sales_invoices.models import InvoiceBatch, InvoiceBatchRow
from app.finance.sales_invoices.services import settings
from app.finance.sales_invoices.services.drafting import WORK, Wish, create_draft
from app.finance.sales_invoices.services.validating import validate_draft
from app.spreadsheets.columns import Columns
from app.spreadsheets.reading import read_safely
from app.spreadsheets.reasons import FileRefused, Reason, reason_json
from tenants import audit, files
from tenants.core.db import db
from tenants.core.errors import Conflict, CoulisseError, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.jobs import enqueue
from tenants.models import StoredFile
from tenants.permissions import Actor
from tenants.queries import get_tenant
from tenants.uploads import take_file

Progress = Callable[[int, int, str], None]
Position = dict[str, Any]
READ_AT_ONCE = 250
# The counter of the numbers stays locked for so many at most.
MADE_AT_ONCE = 10
NOT_NOW = _m("This sheet has another state by now. Look at it again.")
NOTHING = _m("No invoice of this sheet can be made.")
BEFORE = _m("This invoice was made already, as %(number)s.")
BEFORE_FROM = _m("This invoice was made already from “%(name)s”, as %(number)s.")
BEFORE_DRAFT = _m("This invoice was made already from “%(name)s” and is a draft.")


def start_batch(
    *, stored: StoredFile, request_id: UUID | None = None, actor: Actor, now: datetime
) -> InvoiceBatch:
    """The sheet is read by a job; no invoice is made before `issue_batch`."""
    actor.require(WORK, "finance")
    settings.get_seller()
    row = InvoiceBatch(
        id=uuid7(), name=stored.name, file_id=stored.id, sha256=stored.sha256, state="reading",
        request_id=request_id, created_by=actor.user_id, created_by_name=actor.name, created_at=now,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    row.job_id = enqueue(
        "sales_invoices.read_batch", queue="interactive", actor_id=actor.user_id,
        title=_m("Reading “%(name)s”"), title_params={"name": row.name}, for_client=True,
        subject=("invoice_batch", row.id), batch_id=row.id,
    )  # fmt: skip
    _record("sent", row, actor, now, sha256=row.sha256)
    return row


def upload_batch(
    *, name: str, content_type: str, content: bytes, request_id: UUID | None = None, actor: Actor,
    now: datetime,
) -> InvoiceBatch:  # fmt: skip
    actor.require(WORK, "finance")
    stored = take_file(name=name, content_type=content_type, content=content, actor=actor, now=now)
    return start_batch(stored=stored, request_id=request_id, actor=actor, now=now)


def read_batch(*, batch_id: UUID, now: datetime, progress: Progress) -> None:
    """The dry run: what each invoice would be, kept for people to look at. Run again it begins anew."""
    row = get_batch(batch_id=batch_id, for_change=True)
    if row.state != "reading":
        return
    try:
        sheet, invoices = _read(row)
    except FileRefused as refused:
        row.state, row.problem = "refused", reason_json(refused.reason)
        db.session.flush()
        return
    db.session.execute(
        delete(InvoiceBatchRow).where(
            InvoiceBatchRow.tenant_id == row.tenant_id, InvoiceBatchRow.batch_id == row.id
        )
    )
    company = get_tenant()
    planner = Planner(
        sheet, seller=settings.get_seller(), language=company.document_language, now=now,
        time_zone=company.time_zone, latest=latest_days(),
    )  # fmt: skip
    for start in range(0, len(invoices), READ_AT_ONCE):
        part = invoices[start : start + READ_AT_ONCE]
        _keep_plan(row, planner.plan(part), start)
        progress(start + len(part), len(invoices), "reading")
    row.rows_in, row.invoices_in = len(sheet.table.rows), len(invoices)
    row.ignored, row.state = list(sheet.ignored), "read"
    _count(row)
    db.session.flush()


def _read(row: InvoiceBatch) -> tuple[Columns, list[Invoice]]:
    data = files.read(files.get_file(file_id=row.file_id))
    sheet = understand(read_safely(data, HEADINGS.known, most=MAX_ROWS))
    return sheet, invoices_of(sheet)


def _keep_plan(row: InvoiceBatch, planned: Sequence[Planned], first: int) -> None:
    before = list_made(keys=[one.key for one in planned if one.key])
    for one in planned:
        if not one.problems and one.key in before:
            one.problems.append((0, "", _made_before(before[one.key])))
    db.session.execute(
        insert(InvoiceBatchRow),
        [
            {"tenant_id": row.tenant_id, "id": uuid7(), "batch_id": row.id,
             "position": position, **_kept(one)}
            for position, one in enumerate(planned, start=first + 1)
        ],
    )  # fmt: skip


def _kept(one: Planned) -> dict[str, Any]:
    totals = one.document.totals if one.document else None
    return {
        "reference": one.invoice.reference, "lines": one.invoice.lines,
        "customer_name": one.customer_name[:200], "currency": one.wish.currency if one.wish else "",
        "net": totals.net if totals else None, "tax": totals.tax if totals else None,
        "gross": totals.gross if totals else None,
        "state": "rejected" if one.problems else "ready",
        "wish": {"key": one.key, **as_json(one.wish)} if one.wish else None,
        "reasons": [_told(problem) for problem in one.problems],
    }  # fmt: skip


def _told(problem: Problem) -> list[Any]:
    line, title, reason = problem
    return [line, title, reason_json(reason)]


def _made_before(made: Any) -> Reason:
    params = {"number": made.number, "name": made.name or ""}
    if not made.name:
        return Reason(MADE_BEFORE, BEFORE, {"number": made.number or "–"})
    return Reason(MADE_BEFORE, BEFORE_FROM if made.number else BEFORE_DRAFT, params)


def _count(row: InvoiceBatch) -> None:
    counts = count_rows(batch_id=row.id)
    row.rejected, row.made = counts["rejected"], counts["made"]


def issue_batch(
    *, batch_id: UUID, aim: str, again: bool = False, actor: Actor, now: datetime
) -> None:
    """Makes what the dry run found good. With `again` those too that an earlier sheet made. One that
    stopped in between goes on."""
    actor.require(WORK, "finance")
    row = get_batch(batch_id=batch_id, for_change=True)
    if row.state not in ("read", "issuing"):
        raise Conflict(NOT_NOW)
    if row.state == "read":
        row.aim, row.again = aim, again
        if again:
            _take_again(row)
        if count_rows(batch_id=batch_id)["ready"] == 0:
            raise Invalid(NOTHING)
        row.state, row.started_by_name = "issuing", actor.name
        _record("started", row, actor, now, aim=aim, again=again)
    row.job_id = enqueue(
        "sales_invoices.issue_batch", actor_id=actor.user_id,
        title=_m("Issuing the invoices of “%(name)s”"), title_params={"name": row.name},
        for_client=True, subject=("invoice_batch", row.id), batch_id=row.id, actor_name=actor.name,
    )  # fmt: skip
    db.session.flush()


def _take_again(row: InvoiceBatch) -> None:
    """Their reason stays until they are made, which tells them from those that are new."""
    db.session.execute(
        update(InvoiceBatchRow)
        .where(
            InvoiceBatchRow.tenant_id == row.tenant_id, InvoiceBatchRow.batch_id == row.id,
            InvoiceBatchRow.state == "rejected",
            InvoiceBatchRow.reasons[0][2]["code"].astext == MADE_BEFORE,
        )
        .values(state="ready")
        .execution_options(synchronize_session=False)
    )  # fmt: skip


def drop_batch(*, batch_id: UUID, actor: Actor, now: datetime) -> None:
    """Not wanted: no invoice was made."""
    actor.require(WORK, "finance")
    row = get_batch(batch_id=batch_id, for_change=True)
    if row.state not in ("reading", "read", "refused"):
        raise Conflict(NOT_NOW)
    row.state = "dropped"
    db.session.flush()
    _record("dropped", row, actor, now)


def make_batch(
    *, batch_id: UUID, actor: Actor, now: datetime, progress: Progress
) -> Iterator[Position]:
    """Yields where the transaction may end: what is made is noted in the same one, so that nothing
    is made twice wherever it stops. What is refused leaves no number and stops no other."""
    row = get_batch(batch_id=batch_id)
    total = row.invoices_in - row.rejected
    while row.state == "issuing":
        part = list_ready(batch_id=batch_id, limit=MADE_AT_ONCE)
        if not part:
            break
        _make_part(row, part, actor, now)
        counts = count_rows(batch_id=batch_id)
        progress(total - counts["ready"], total, "issuing")
        yield {"left": counts["ready"]}
        row = get_batch(batch_id=batch_id)
    row = get_batch(batch_id=batch_id, for_change=True)
    if row.state != "issuing":
        return
    _count(row)
    row.state, row.ended_at = "done", now
    db.session.flush()
    _record("issued", row, actor, now, made=row.made, rejected=row.rejected)


def _make_part(
    row: InvoiceBatch, part: Sequence[InvoiceBatchRow], actor: Actor, now: datetime
) -> None:
    keys = {one.id: _source_key(one) for one in part}
    before = list_made(keys=list(keys.values()))
    for one in part:
        key = keys[one.id]
        if key in before:
            one.state, one.reasons = "rejected", [_told((0, "", _made_before(before[key])))]
            continue
        try:
            with db.session.begin_nested():
                one.invoice_id = _make(row, one, key, actor, now)
                one.state, one.reasons = "made", []
        except CoulisseError as error:
            db.session.refresh(one)
            one.state, one.reasons = "rejected", _reasons(one, error)
    db.session.flush()


def _source_key(one: InvoiceBatchRow) -> str:
    """Of what the sheet says, so that a later sheet knows it; once more needs a key of its own."""
    assert one.wish is not None
    again = any(reason["code"] == MADE_BEFORE for _, _, reason in one.reasons)
    return f"batch:{one.batch_id}:{one.position}" if again else str(one.wish["key"])


def _make(row: InvoiceBatch, one: InvoiceBatchRow, key: str, actor: Actor, now: datetime) -> UUID:
    assert one.wish is not None
    made = create_draft(
        wish=from_json(Wish, one.wish), actor=actor, now=now, request_id=row.request_id,
        source_key=key,
    )  # fmt: skip
    if row.aim == "validate":
        validate_draft(invoice_id=made.id, expected_version=None, actor=actor, now=now)
    return made.id


def _reasons(one: InvoiceBatchRow, error: CoulisseError) -> list[Any]:
    errors = getattr(error, "field_errors", None) or {}
    found = [
        placed(one.lines, {}, place, sentence)
        for place, sentences in errors.items()
        for sentence in sentences
    ]
    reason = Reason("refused", error.message, {k: str(v) for k, v in error.params.items()})
    return [_told(problem) for problem in found or [(0, "", reason)]]


def _record(what: str, row: InvoiceBatch, actor: Actor, now: datetime, **facts: object) -> None:
    audit.record(
        f"finance.invoice_batch.{what}", actor=actor, now=now, object_type="invoice_batch",
        object_id=row.id, **facts,
    )  # fmt: skip
