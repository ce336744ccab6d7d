"""Several addresses, contacts and e-invoice addresses of one party: the main one of each kind is
what invoices and letters take unless somebody chooses another."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from app.directory import rights
from app.directory.models import Party, PartyAddress, PartyContact, PartyEndpoint
from app.directory.part_checking import KINDS, VALUES, checked_part
from app.directory.queries import Parts, load_parts
from app.directory.services.telling import tell, told
from app.directory.services.writing import held, touch
from app.directory.showing import data_of
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Invalid, NotFound
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor
from tenants.queries import get_tenant

MODELS: dict[str, Any] = {
    "addresses": PartyAddress, "contacts": PartyContact, "endpoints": PartyEndpoint,
}  # fmt: skip
MOST = 50
SAME = _m("The same stands there already.")
TOO_MANY = _m("An entry has at most 50 of these.")
# What makes two of a kind the same. An e-invoice address may hold again, on other days.
_SAME_BY = {
    "addresses": VALUES["addresses"],
    "contacts": ("name", "email", "phone"),
    "endpoints": ("scheme", "value"),
}


class TooMany(Conflict):
    code = "too_many_parts"
    message = TOO_MANY


def add_part(
    *, party: Party, kind: str, values: Mapping[str, Any], main: bool = False,
    expected_version: int | None, actor: Actor, now: datetime,
) -> UUID:  # fmt: skip
    """The first of its kind is the main one."""
    rights.require(actor, rights.WRITE)
    party = held(party, expected_version)
    parts = load_parts([party.id])[party.id]
    rows = _rows(parts, kind)
    if len(rows) >= MOST:
        raise TooMany
    found = _sound(kind, values, party, parts)
    _alone(kind, found, rows)
    row = MODELS[kind](id=uuid7(), party_id=party.id, main=False, **found)
    beside = _beside(kind, row, rows)
    if main or not beside:
        _displace(beside)
        row.main = True
    db.session.add(row)
    _changed("added", party, kind, row.id, actor, now)
    part_id: UUID = row.id
    return part_id


def change_part(
    *, party: Party, kind: str, part_id: UUID, values: Mapping[str, Any], main: bool = False,
    expected_version: int | None, actor: Actor, now: datetime,
) -> None:  # fmt: skip
    """A main one stays it; an address keeps its kind."""
    rights.require(actor, rights.WRITE)
    party = held(party, expected_version)
    parts = load_parts([party.id])[party.id]
    rows = _rows(parts, kind)
    row = _one(rows, part_id)
    given = dict(values) | ({"kind": row.kind} if kind == "addresses" else {})
    found = _sound(kind, given, party, parts)
    _alone(kind, found, [one for one in rows if one.id != part_id])
    for name, value in found.items():
        setattr(row, name, value)
    if main and not row.main:
        _displace(_beside(kind, row, rows))
        row.main = True
    _changed("changed", party, kind, part_id, actor, now)


def remove_part(
    *, party: Party, kind: str, part_id: UUID, expected_version: int | None, actor: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """The next one of its kind takes the place of a main one. Invoices keep what they say."""
    rights.require(actor, rights.WRITE)
    party, rows, row = _held(party, kind, part_id, expected_version)
    beside = [one for one in _beside(kind, row, rows) if one.id != part_id]
    db.session.delete(row)
    db.session.flush()
    if row.main and beside:
        beside[0].main = True
    _changed("removed", party, kind, part_id, actor, now)


def make_main(
    *, party: Party, kind: str, part_id: UUID, expected_version: int | None, actor: Actor,
    now: datetime,
) -> None:  # fmt: skip
    rights.require(actor, rights.WRITE)
    party, rows, row = _held(party, kind, part_id, expected_version)
    if row.main:
        return
    _displace(_beside(kind, row, rows))
    row.main = True
    _changed("made_main", party, kind, part_id, actor, now)


def get_part(*, party: Party, kind: str, part_id: UUID) -> Any:
    return _one(_rows(load_parts([party.id])[party.id], kind), part_id)


def _held(
    party: Party, kind: str, part_id: UUID, expected_version: int | None
) -> tuple[Party, list[Any], Any]:
    """The entry, all of that kind and the one meant, until the transaction ends."""
    party = held(party, expected_version)
    rows = _rows(load_parts([party.id])[party.id], kind)
    return party, rows, _one(rows, part_id)


def _rows(parts: Parts, kind: str) -> list[Any]:
    if kind not in KINDS:
        raise NotFound
    return list(getattr(parts, kind))


def _one(rows: Sequence[Any], part_id: UUID) -> Any:
    row = next((one for one in rows if one.id == part_id), None)
    if row is None:
        raise NotFound
    return row


def _beside(kind: str, row: Any, rows: Sequence[Any]) -> list[Any]:
    """Those of which one is the main one."""
    return [one for one in rows if kind != "addresses" or one.kind == row.kind]


def _displace(rows: Sequence[Any]) -> None:
    for one in rows:
        one.main = False
    db.session.flush()


def _sound(kind: str, values: Mapping[str, Any], party: Party, parts: Parts) -> dict[str, Any]:
    company = get_tenant()
    found, problems = checked_part(
        kind, values, data_of(party, parts), language=company.document_language,
        country=company.country,
    )  # fmt: skip
    if problems:
        raise Invalid(field_errors=problems)
    return found


def _alone(kind: str, found: Mapping[str, Any], rows: Sequence[Any]) -> None:
    names = _SAME_BY[kind]
    same = [one for one in rows if all(getattr(one, name) == found[name] for name in names)]
    if kind == "endpoints":
        same = [one for one in same if one.meets(found["valid_from"], found["valid_until"])]
    if same:
        field = {"addresses": "city", "contacts": "name", "endpoints": "value"}[kind]
        raise Invalid(field_errors={field: [SAME]})


def _changed(
    what: str, party: Party, kind: str, part_id: UUID, actor: Actor, now: datetime
) -> None:
    touch(party, actor=actor, now=now)
    db.session.flush()
    audit.record(
        f"directory.party.part_{what}", actor=actor, now=now, object_type="party",
        object_id=party.id, number=party.number, version=party.version, kind=kind, part=part_id,
    )  # fmt: skip
    tell([told("changed", party)], now=now)
