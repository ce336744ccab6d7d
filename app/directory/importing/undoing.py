"""An import taken back by its number: what nobody has used or changed since, and a list of the rest."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, any_, delete, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.directory import rights, uses
from app.directory.conflicts import find_taken
from app.directory.data import PartyData
from app.directory.importing.models import PartyImport, PartyImportRow
from app.directory.importing.planning import taken_by
from app.directory.importing.queries import count_undone, get_import, list_taken
from app.directory.importing.services import AT_ONCE, NOT_NOW, Position, Progress
from app.directory.models import (
    Party,
    PartyAccount,
    PartyAddress,
    PartyContact,
    PartyEndpoint,
    PartyIdentifier,
    PartyMerge,
)
from app.directory.queries import Parts, load_parts
from app.directory.services.telling import tell, told
from app.directory.services.writing import change_party, one_at_a_time, touch
from app.spreadsheets.reasons import Reason, reason_json
from app.webhooks.catalogue import Event
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict
from tenants.core.text import _m
from tenants.jobs import enqueue
from tenants.permissions import Actor
from tenants.scoping import scoped_tenant_id

_CHILDREN: tuple[Any, ...] = (
    PartyIdentifier, PartyAddress, PartyEndpoint, PartyContact, PartyAccount,
)  # fmt: skip
_FIRST = 2**31 - 1
MERGED = _m("It stands in the history of a merge.")


def undo_import(*, party_import: PartyImport, actor: Actor, now: datetime) -> None:
    rights.require(actor, rights.WRITE)
    row = get_import(import_id=party_import.id, lock=True)
    if row.state != "taken":
        raise Conflict(NOT_NOW)
    row.state, row.undone_by_name = "undoing", actor.name
    row.job_id = enqueue(
        "directory.undo_import", queue="interactive", actor_id=actor.user_id,
        title=_m("Taking “%(name)s” back out of the directory"),
        title_params={"name": row.file_name}, for_client=actor.side == "client",
        subject=("party_import", row.id), import_id=row.id, actor_name=actor.name,
    )  # fmt: skip
    db.session.flush()


def unwrite_import(
    *, import_id: UUID, actor: Actor, now: datetime, progress: Progress,
    position: Position | None = None,
) -> Iterator[Position]:  # fmt: skip
    """From the end of the file. Yields where the transaction may end."""
    row = get_import(import_id=import_id)
    if row.state != "undoing":
        return
    total, done = row.rows_new + row.rows_changed, 0
    last = int(position["line"]) if position else _FIRST
    while part := list_taken(import_id=import_id, before=last, limit=AT_ONCE):
        _undo(part, actor, now)
        last, done = part[-1].line, done + len(part)
        progress(min(done, total), total, "undoing")
        yield {"line": last}
    row = get_import(import_id=import_id, lock=True)
    row.rows_undone, row.rows_kept = count_undone(import_id=import_id)
    row.state, row.undone_at = "undone", now
    db.session.flush()
    audit.record(
        "directory.import.undone", actor=actor, now=now, object_type="party_import",
        object_id=row.id, number=row.number, undone=row.rows_undone, kept=row.rows_kept,
    )  # fmt: skip


def _undo(rows: Sequence[PartyImportRow], actor: Actor, now: datetime) -> None:
    one_at_a_time()
    ids = [row.party_id for row in rows if row.party_id is not None]
    parties = _held(ids)
    parts = load_parts(ids)
    used = dict.fromkeys(_merged(ids), MERGED) | uses.used(ids)
    gone: list[UUID] = []
    events: list[Event] = []
    for row in rows:
        party = parties.get(row.party_id) if row.party_id else None
        if party is None:
            row.undo = "gone"
        elif party.version != row.version or party.merged_into is not None:
            row.undo = "changed_since"
        elif row.outcome == "changed":
            row.undo = _restore(row, party, parts[party.id], actor, now)
            if row.undo == "undone":
                events.append(told("changed", party))
        elif party.id in used:
            row.undo = "in_use"
            row.reasons = [["", reason_json(Reason("in_use", used[party.id]))]]
        elif _released(parts[party.id]):
            row.undo = "changed_since"
        else:
            row.undo, row.party_id = "undone", None
            gone.append(party.id)
            events.append(told("removed", party))
    db.session.flush()
    _delete(gone)
    tell(events, now=now)


def _held(ids: Sequence[UUID]) -> dict[UUID, Party]:
    """Nobody changes them or refers to them meanwhile."""
    rows = db.session.scalars(
        select(Party)
        .where(Party.tenant_id == scoped_tenant_id(), Party.id == any_(literal(ids, ARRAY(Uuid))))
        .order_by(Party.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.id: row for row in rows}


def _merged(ids: Sequence[UUID]) -> set[UUID]:
    """Parties that stand in the history of a merge."""
    wanted = any_(literal(list(ids), ARRAY(Uuid)))
    rows = db.session.execute(
        select(PartyMerge.kept_id, PartyMerge.merged_id).where(
            PartyMerge.tenant_id == scoped_tenant_id(),
            (PartyMerge.kept_id == wanted) | (PartyMerge.merged_id == wanted),
        )
    )
    return {one for row in rows for one in row}


def _released(parts: Parts) -> bool:
    """A later account is somebody's work."""
    return len(parts.accounts) > 1


def _restore(row: PartyImportRow, party: Party, parts: Parts, actor: Actor, now: datetime) -> str:
    before = dict(row.before or {})
    account_id = before.pop("account", None)
    data = PartyData(**before)
    if taken := find_taken(data, besides=party.id):
        row.reasons = [["", reason_json(taken_by(taken[0].party))]]
        return "changed_since"
    account = next((one for one in parts.accounts if str(one.id) == account_id), None)
    if account is not None and account.state != "quarantined":
        return "changed_since"
    if account is not None:
        db.session.delete(account)
    if not change_party(party, parts, data, actor=actor, now=now):
        touch(party, actor=actor, now=now)
    return "undone"


def _delete(ids: Sequence[UUID]) -> None:
    if not ids:
        return
    wanted = literal(list(ids), ARRAY(Uuid))
    for model in _CHILDREN:
        db.session.execute(
            delete(model)
            .where(model.tenant_id == scoped_tenant_id(), model.party_id == any_(wanted))
            .execution_options(synchronize_session=False)
        )
    db.session.execute(
        delete(Party)
        .where(Party.tenant_id == scoped_tenant_id(), Party.id == any_(wanted))
        .execution_options(synchronize_session=False)
    )
    db.session.expire_all()
