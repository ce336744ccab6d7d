"""Taking the two files of a payment control: read, check, keep, match. Runs in a job, in steps that
are each committed: what a killed worker kept stays, and its follower goes on behind it."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete

from app.finance.models import (
    BankStatement,
    ImportReject,
    Match,
    OpenItem,
    PaymentControl,
    StatementLine,
)
from app.finance.queries import find_control, find_taken_statement, get_control, list_statements
from app.finance.read_results import OpenItemsFile
from app.finance.reading import ReadStatement, read_open_items_file, read_statement_file
from app.finance.services.continuity import Marks, compare, sort_out
from app.finance.services.keeping import keep_head, keep_items, keep_line_rejects, keep_lines
from app.finance.services.profiles import list_layouts
from app.finance.services.proposing import propose
from app.service_requests.models import ServiceRequest
from app.service_requests.queries import list_files
from app.spreadsheets.reasons import FileRefused, reason_json
from tenants import audit, files
from tenants.core.db import db
from tenants.core.ids import uuid7
from tenants.keys import data_key
from tenants.permissions import Actor

# done, total, message
Progress = Callable[[int, int, str], None]
Position = dict[str, Any]
SLOTS = ("open_items", "statement")
# 500 lines each; so many are kept in one transaction.
FRAMES_AT_ONCE = 4


def open_control(*, request: ServiceRequest, now: datetime) -> PaymentControl:
    """The control of a request, made at its first use."""
    control = find_control(request_id=request.id)
    if control is None:
        control = PaymentControl(id=uuid7(), request_id=request.id, created_at=now)
        db.session.add(control)
        db.session.flush()
    return control


def take_files(
    *,
    request: ServiceRequest,
    actor: Actor,
    now: datetime,
    progress: Progress,
    position: Position | None = None,
) -> Iterator[Position]:
    """Read the newest file of each slot and propose matches; yields where it may be committed.

    The same two files as before change nothing. A file that can't be read leaves the control
    'refused' with its reason, nothing half taken. `position` is what an earlier run yielded last.
    """
    request_id = request.id
    control = open_control(request=request, now=now)
    newest = {row.slot: row for row in list_files(request_id=request.id) if row.slot in SLOTS}
    mark = " ".join(newest[slot].sha256 for slot in SLOTS if slot in newest)
    kept = int(position["frames"]) if position and position["files"] == mark else None
    if kept is None and not _begin(control, newest, actor, now):
        return
    found = _read(control, newest, progress, anew=kept is None)
    if found is None:
        _finish(control, actor, now)
        return
    for frames in _keep(request_id, found, kept, progress):
        yield {"files": mark, "frames": frames}
    control = _again(request_id)
    control.state = _state(control)
    if control.state == "ready":
        propose(control=control, steps=lambda done, of: progress(done, of, "matching"))
    progress(1, 1, "done")
    _finish(control, actor, now)


def _begin(control: PaymentControl, newest: dict[str, Any], actor: Actor, now: datetime) -> bool:
    """False where nothing is to be read: the same files as before, or a statement taken before."""
    same = all(getattr(control, f"{slot}_sha256") == row.sha256 for slot, row in newest.items())
    if control.state != "reading" and same:
        return False
    _forget(control)
    for slot, row in newest.items():
        setattr(control, f"{slot}_sha256", row.sha256)
        setattr(control, f"{slot}_file_id", row.id)
    earlier = find_taken_statement(sha256=control.statement_sha256, not_control=control.id)
    if earlier is not None:
        control.state, control.duplicate_of = "duplicate", earlier
        _finish(control, actor, now)
        return False
    return True


def _read(
    control: PaymentControl, newest: dict[str, Any], progress: Progress, *, anew: bool
) -> ReadStatement | None:
    """Both files whole before a row of them is kept; None where one is refused."""
    slot = "open_items"
    try:
        items = None
        if anew:
            progress(0, 0, "open_items")
            items = read_open_items_file(files.read(newest[slot]))
        slot = "statement"
        progress(0, 0, "statement")
        found = read_statement_file(
            files.read(newest[slot]),
            list_layouts(),
            progress=lambda lines: progress(lines, 0, "statement"),
        )
    except FileRefused as refused:
        control.state = "refused"
        control.problem = {**reason_json(refused.reason), "slot": slot}
        return None
    if items is not None:
        _keep_heads(control, items, found)
    return found


def _keep_heads(control: PaymentControl, items: OpenItemsFile, found: ReadStatement) -> None:
    key = data_key()
    keep_items(control, items, key)
    control.statement_format = found.end.format
    continuity = compare(control=control, heads=found.heads)
    for number, head in enumerate(found.heads, start=1):
        keep_head(control, number, head, key, continuity[number - 1])
    db.session.flush()


def _keep(
    request_id: UUID, found: ReadStatement, kept: int | None, progress: Progress
) -> Iterator[int]:
    """Yields how many frames are kept, wherever the transaction may end."""
    control, key = _again(request_id), data_key()
    marks = Marks(found.heads)
    done = 0
    # Reading may have taken its time, matching will: in big files each has a transaction alone.
    big = len(found.frames) > FRAMES_AT_ONCE
    if big and kept is None:
        yield 0
        control, key = _again(request_id), data_key()
    for count, (number, chunk) in enumerate(found.chunks(), start=1):
        lines = [(line, key.blind_index(marks.of(number, line))) for line in chunk.lines]
        done += len(chunk.lines) + len(chunk.rejects)
        if count <= (kept or 0):
            continue
        fresh, taken = sort_out(control=control, statement=number, lines=lines)
        keep_lines(control, number, fresh, key)
        keep_line_rejects(control, [*chunk.rejects, *taken])
        control.lines_in += len(chunk.lines) + len(chunk.rejects)
        control.lines_rejected += len(chunk.rejects) + len(taken)
        db.session.flush()
        progress(done, found.lines_in, "keeping")
        if big and (count % FRAMES_AT_ONCE == 0 or count == len(found.frames)):
            yield count
            control, key = _again(request_id), data_key()


def _again(request_id: UUID) -> PaymentControl:
    """Each transaction has a session of its own."""
    return get_control(request_id=request_id)


def _state(control: PaymentControl) -> str:
    found = list_statements(control=control)
    if any(row.difference for row in found):
        return "unbalanced"
    return "unchecked" if any(row.difference is None for row in found) else "ready"


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
    control.accepted_by_name = control.accepted_reason = control.statement_format = ""
    control.items_in = control.items_rejected = control.lines_in = control.lines_rejected = 0


def _finish(control: PaymentControl, actor: Actor, now: datetime) -> None:
    audit.record(
        "finance.payment_control.read", actor=actor, now=now, object_type="payment_control",
        object_id=control.id, state=control.state, items=control.items_in,
        lines=control.lines_in, open_items=control.open_items_sha256,
        statement=control.statement_sha256,
    )  # fmt: skip
    db.session.flush()
