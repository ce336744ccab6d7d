"""A file of customers and suppliers: sent, looked at, taken, taken back."""

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert

from app.directory import rights
from app.directory.accounts import read_account
from app.directory.importing.columns import HEADINGS
from app.directory.importing.models import PartyImport, PartyImportRow
from app.directory.importing.planning import Planned, Planner
from app.directory.importing.queries import (
    count_outcomes,
    find_taken_file,
    get_import,
    outcomes_before,
    rows_by_line,
)
from app.directory.importing.rows import MAX_ROWS, Row, chunks, read_rows, understand
from app.directory.models import Party
from app.directory.services.accounts import keep_account
from app.directory.services.telling import tell, told
from app.directory.services.writing import change_party, new_party, one_at_a_time, touch
from app.directory.showing import data_of
from app.spreadsheets.columns import Columns
from app.spreadsheets.reading import read_safely
from app.spreadsheets.reasons import FileRefused, reason_json
from tenants import audit, files
from tenants.core.db import db
from tenants.core.errors import Conflict
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.jobs import enqueue
from tenants.keys import data_key
from tenants.numbers import next_number, take_numbers
from tenants.permissions import Actor
from tenants.queries import get_tenant
from tenants.uploads import take_file

Progress = Callable[[int, int, str], None]
Position = dict[str, Any]
AT_ONCE = 500
NOT_NOW = _m("This import has another state by now. Look at it again.")
TWICE = _m("The same file was taken already, as import %(number)s.")


class TakenBefore(Conflict):
    code = "file_taken_before"
    message = TWICE


def start_import(
    *, name: str, content_type: str, content: bytes, role: str, actor: Actor, now: datetime
) -> PartyImport:
    """The file is read by a job; nothing is written in the directory before `take_import`."""
    rights.require(actor, rights.WRITE)
    stored = take_file(name=name, content_type=content_type, content=content, actor=actor, now=now)
    row = PartyImport(
        id=uuid7(), number=next_number("party_import"), state="reading", file_id=stored.id,
        file_name=stored.name, sha256=stored.sha256, role=role, columns=[], ignored=[],
        created_by=actor.user_id, created_by_name=actor.name, created_at=now,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    row.job_id = enqueue(
        "directory.read_import", queue="interactive", actor_id=actor.user_id,
        title=_m("Reading “%(name)s”"), title_params={"name": row.file_name},
        for_client=actor.side == "client", subject=("party_import", row.id), import_id=row.id,
    )  # fmt: skip
    _record("started", row, actor, now, sha256=row.sha256)
    return row


def read_import(
    *, import_id: UUID, progress: Progress, position: Position | None = None
) -> Iterator[Position]:
    """The dry run: what each line would do, kept for people to look at. Yields where the
    transaction may end; `position` is what an earlier run yielded last."""
    row = get_import(import_id=import_id, lock=True)
    if row.state != "reading":
        return
    try:
        found, lines = _read(row)
    except FileRefused as refused:
        row.state, row.problem = "refused", reason_json(refused.reason)
        db.session.flush()
        return
    if position is None:
        _forget_lines(row)
    planner, left = _planner_from(row, found, lines, position)
    for part in chunks(left, AT_ONCE):
        row = get_import(import_id=import_id)
        _keep_preview(row, planner.plan(part))
        progress(len(lines) - len(left) + _done(part, left), len(lines), "reading")
        yield {"line": part[-1].line}
    row = get_import(import_id=import_id, lock=True)
    row.columns = [[title, name] for name, title in found.titles.items()]
    row.ignored = list(found.ignored)
    row.rows_in, row.state = len(lines), "previewed"
    _count(row)
    db.session.flush()


def _read(row: PartyImport) -> tuple[Columns, list[Row]]:
    data = files.read(files.get_file(file_id=row.file_id))
    found = understand(read_safely(data, HEADINGS.known, most=MAX_ROWS))
    return found, read_rows(found)


def _planner(row: PartyImport, found: Columns) -> Planner:
    company = get_tenant()
    return Planner(
        found, role=row.role, language=company.document_language, country=company.country,
        key=data_key(),
    )  # fmt: skip


def _forget_lines(row: PartyImport) -> None:
    db.session.execute(
        delete(PartyImportRow).where(
            PartyImportRow.tenant_id == row.tenant_id, PartyImportRow.import_id == row.id
        )
    )


def _planner_from(
    row: PartyImport, found: Columns, lines: list[Row], position: Position | None
) -> tuple[Planner, list[Row]]:
    """With the lines that are left; it remembers what stood before them."""
    planner = _planner(row, found)
    last = int(position["line"]) if position else 0
    planner.passed(
        [line for line in lines if line.line <= last],
        outcomes_before(import_id=row.id, line=last) if last else {},
    )
    return planner, [line for line in lines if line.line > last]


def _keep_preview(row: PartyImport, planned: Sequence[Planned]) -> None:
    db.session.execute(
        insert(PartyImportRow),
        [
            {
                "tenant_id": row.tenant_id, "id": uuid7(), "import_id": row.id,
                "line": one.row.line, **_told(one),
                "party_id": one.party.id if one.party else None,
            }
            for one in planned
        ],
    )  # fmt: skip


def _told(one: Planned) -> dict[str, Any]:
    return {
        "outcome": one.outcome,
        "name": (one.data.name if one.data else one.row.name)[:200],
        "changes": one.changes,
        "reasons": [[title, reason_json(reason)] for title, reason in one.problems],
    }


def _count(row: PartyImport) -> None:
    counts = count_outcomes(import_id=row.id)
    row.rows_new, row.rows_changed = counts.get("new", 0), counts.get("changed", 0)
    row.rows_same, row.rows_rejected = counts.get("same", 0), counts.get("rejected", 0)


def take_import(
    *, party_import: PartyImport, actor: Actor, now: datetime, anyway: bool = False
) -> None:
    """Writes what the preview showed; lines that are rejected stay out."""
    rights.require(actor, rights.WRITE)
    row = get_import(import_id=party_import.id, lock=True)
    if row.state != "previewed":
        raise Conflict(NOT_NOW)
    before = find_taken_file(sha256=row.sha256, besides=row.id)
    if before is not None and not anyway:
        raise TakenBefore(number=before.number)
    row.state, row.taken_by_name = "taking", actor.name
    row.job_id = enqueue(
        "directory.take_import", queue="interactive", actor_id=actor.user_id,
        title=_m("Taking “%(name)s” into the directory"), title_params={"name": row.file_name},
        for_client=actor.side == "client", subject=("party_import", row.id), import_id=row.id,
        actor_name=actor.name,
    )  # fmt: skip
    db.session.flush()
    _record("ordered", row, actor, now)


def drop_import(*, party_import: PartyImport, actor: Actor, now: datetime) -> None:
    """Looked at and not wanted: nothing was written."""
    rights.require(actor, rights.WRITE)
    row = get_import(import_id=party_import.id, lock=True)
    if row.state not in ("previewed", "refused"):
        raise Conflict(NOT_NOW)
    row.state = "dropped"
    db.session.flush()
    _record("dropped", row, actor, now)


def write_import(
    *, import_id: UUID, actor: Actor, now: datetime, progress: Progress,
    position: Position | None = None,
) -> Iterator[Position]:  # fmt: skip
    """Yields where the transaction may end; `position` is what an earlier run yielded last."""
    row = get_import(import_id=import_id)
    if row.state != "taking":
        return
    found, lines = _read(row)
    planner, left = _planner_from(row, found, lines, position)
    for part in chunks(left, AT_ONCE):
        row = get_import(import_id=import_id)
        one_at_a_time()
        kept = rows_by_line(import_id=row.id, lines=[line.line for line in part])
        shown = [line for line in part if kept[line.line].outcome != "rejected"]
        planned = planner.plan(shown)
        _write(row, planned, kept, actor, now)
        planner.wrote(planned)
        progress(len(lines) - len(left) + _done(part, left), len(lines), "taking")
        yield {"line": part[-1].line}
    row = get_import(import_id=import_id, lock=True)
    _count(row)
    row.state, row.taken_at = "taken", now
    db.session.flush()
    _record(
        "taken", row, actor, now, new=row.rows_new, changed=row.rows_changed, same=row.rows_same,
        rejected=row.rows_rejected,
    )  # fmt: skip


def _done(part: Sequence[Row], left: Sequence[Row]) -> int:
    return sum(1 for line in left if line.line <= part[-1].line)


def _write(
    row: PartyImport, planned: Sequence[Planned], kept: dict[int, PartyImportRow], actor: Actor,
    now: datetime,
) -> None:  # fmt: skip
    fresh = sum(one.outcome == "new" for one in planned)
    number = take_numbers("party", fresh) if fresh else 0
    for one in planned:
        noted = kept[one.row.line]
        for name, value in _told(one).items():
            setattr(noted, name, value)
        noted.taken = one.outcome != "rejected"
        party = one.party
        if one.outcome == "new" and one.data is not None:
            party = new_party(one.data, number=number, actor=actor, now=now)
            number += 1
        elif one.outcome == "changed":
            noted.before = _change(one, actor, now)
        noted.party_id = party.id if party else None
        noted.version = party.version if party else None
        one.party = party
    db.session.flush()
    _keep_accounts(row, planned, kept, actor, now)
    kinds = {"new": "created", "changed": "changed"}
    tell(
        [told(kinds[one.outcome], one.party) for one in planned if one.party and one.outcome in kinds],
        now=now,
    )  # fmt: skip


def _change(one: Planned, actor: Actor, now: datetime) -> dict[str, Any]:
    assert one.party is not None
    assert one.parts is not None
    assert one.data is not None
    before = dataclasses.asdict(data_of(one.party, one.parts))
    if not change_party(one.party, one.parts, one.data, actor=actor, now=now):
        touch(one.party, actor=actor, now=now)
    return before


def _keep_accounts(
    row: PartyImport, planned: Sequence[Planned], kept: dict[int, PartyImportRow], actor: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """That of a new party may be used; another one of a known party waits for a second person."""
    key = None
    for one in planned:
        if one.data is None or not one.data.iban or not (one.outcome == "new" or one.account):
            continue
        key = key or data_key()
        party: Party | None = one.party
        assert party is not None
        account = keep_account(
            party=party, found=read_account(one.data.iban, one.data.bic),
            holder=one.data.holder, state="active" if one.outcome == "new" else "quarantined",
            source="" if one.outcome == "new" else row.file_name, actor=actor, now=now, key=key,
        )  # fmt: skip
        noted = kept[one.row.line]
        if noted.before is not None:
            noted.before = {**noted.before, "account": str(account.id)}
    db.session.flush()


def _record(what: str, row: PartyImport, actor: Actor, now: datetime, **facts: object) -> None:
    audit.record(
        f"directory.import.{what}", actor=actor, now=now, object_type="party_import",
        object_id=row.id, number=row.number, **facts,
    )  # fmt: skip
