"""What people and programs do with a party."""

from datetime import datetime
from uuid import UUID

from app.directory import rights
from app.directory.checking import checked
from app.directory.conflicts import AlreadyThere, LooksAlike, find_alike, find_taken
from app.directory.data import PartyData
from app.directory.models import Party
from app.directory.queries import list_identified, load_parts
from app.directory.services.accounts import first_account
from app.directory.services.telling import tell, told
from app.directory.services.writing import change_party, held, new_party, one_at_a_time, touch
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Invalid
from tenants.numbers import next_number
from tenants.permissions import Actor
from tenants.queries import get_tenant


def sound(data: PartyData) -> PartyData:
    """In its usual form; Invalid names the fields where it is wrong."""
    company = get_tenant()
    found, problems = checked(data, language=company.document_language, country=company.country)
    if problems:
        raise Invalid(field_errors=problems)
    return found


def create_party(*, data: PartyData, actor: Actor, now: datetime, anyway: bool = False) -> Party:
    """Whom the directory has already is refused; one who looks alike too, unless `anyway`."""
    rights.require(actor, rights.WRITE)
    data = sound(data)
    one_at_a_time()
    taken = find_taken(data)
    if taken:
        raise AlreadyThere(taken)
    alike = [] if anyway else find_alike(data)
    if alike:
        raise LooksAlike(alike)
    row = new_party(data, number=next_number("party"), actor=actor, now=now)
    db.session.flush()
    if data.iban:
        first_account(party=row, data=data, actor=actor, now=now)
    _record("created", row, actor, now, roles=row.roles)
    return row


def update_party(
    *, party: Party, data: PartyData, expected_version: int | None, actor: Actor, now: datetime
) -> list[str]:
    """Answers the names of the fields that changed. An account in `data` is left alone: see
    `services.accounts`."""
    rights.require(actor, rights.WRITE)
    data = sound(data)
    one_at_a_time()
    row = held(party, expected_version)
    taken = find_taken(data, besides=row.id)
    if taken:
        raise AlreadyThere(taken)
    changed = change_party(row, load_parts([row.id])[row.id], data, actor=actor, now=now)
    db.session.flush()
    if changed:
        _record("changed", row, actor, now, fields=changed, version=row.version)
    return changed


def find_or_create(*, data: PartyData, actor: Actor, now: datetime) -> tuple[Party, bool]:
    """The one with the same identifiers, number or name and postcode, else a new one. Nothing is
    changed in one that is there."""
    rights.require(actor, rights.WRITE)
    data = sound(data)
    one_at_a_time()
    taken = find_taken(data)
    if taken:
        return taken[0].party, False
    if not list_identified(set(data.identifiers.items())):
        alike = [row for row in find_alike(data) if _fits(row.id, data)]
        if alike:
            return alike[0], False
    return create_party(data=data, actor=actor, now=now, anyway=True), True


def _fits(party_id: UUID, data: PartyData) -> bool:
    """No number of it says that it is somebody else."""
    known = load_parts([party_id])[party_id].identifiers
    return all(known.get(scheme, value) == value for scheme, value in data.identifiers.items())


def archive_party(*, party: Party, actor: Actor, now: datetime) -> None:
    """It is offered nowhere any more; what refers to it stays."""
    rights.require(actor, rights.WRITE)
    row = held(party, None)
    if row.archived_at is None:
        row.archived_at = now
        touch(row, actor=actor, now=now)
        db.session.flush()
        _record("archived", row, actor, now)


def restore_party(*, party: Party, actor: Actor, now: datetime) -> None:
    rights.require(actor, rights.WRITE)
    row = held(party, None)
    if row.archived_at is not None:
        row.archived_at = None
        touch(row, actor=actor, now=now)
        db.session.flush()
        _record("restored", row, actor, now)


def _record(what: str, row: Party, actor: Actor, now: datetime, **facts: object) -> None:
    audit.record(
        f"directory.party.{what}", actor=actor, now=now, object_type="party", object_id=row.id,
        number=row.number, **facts,
    )  # fmt: skip
    tell([told("created" if what == "created" else "changed", row)], now=now)
