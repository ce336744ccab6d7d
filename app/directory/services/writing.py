"""From data to rows: a new party's, and what differs in one that is there."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.directory.conflicts import exclusive
from app.directory.data import (
    ACCOUNT_FIELDS,
    FIELDS,
    OWN_FIELDS,
    PREFIXES,
    PartyData,
)
from app.directory.models import (
    Party,
    PartyAddress,
    PartyContact,
    PartyEndpoint,
    PartyIdentifier,
)
from app.directory.naming import name_key
from app.directory.queries import Parts, get_party
from app.directory.showing import data_of
from tenants.core.db import db
from tenants.core.errors import Conflict
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor
from tenants.scoping import scoped_tenant_id

MERGED = _m("This entry became part of another one. Change that one.")
COMPARED = tuple(name for name in FIELDS if name not in ACCOUNT_FIELDS)


def differences(before: PartyData, after: PartyData) -> list[str]:
    return [name for name in COMPARED if getattr(before, name) != getattr(after, name)]


def new_party(data: PartyData, *, number: int, actor: Actor, now: datetime) -> Party:
    """Added to the session with all that hangs on it but its account."""
    row = Party(
        id=uuid7(), number=number, version=1, name_key=name_key(data.name),
        created_at=now, created_by_name=actor.name, changed_at=now, changed_by_name=actor.name,
        **{name: getattr(data, name) for name in OWN_FIELDS},
    )  # fmt: skip
    db.session.add(row)
    _write_parts(row.id, Parts(), data, now.date())
    return row


def change_party(
    row: Party, parts: Parts, data: PartyData, *, actor: Actor, now: datetime
) -> list[str]:
    """The names of what was changed, which the caller flushes; nothing where all is the same."""
    changed = differences(data_of(row, parts), data)
    if not changed:
        return []
    for name in OWN_FIELDS:
        setattr(row, name, getattr(data, name))
    row.name_key = name_key(data.name)
    _write_parts(row.id, parts, data, now.date())
    touch(row, actor=actor, now=now)
    return changed


def one_at_a_time() -> None:
    """Until the transaction ends nobody else gives numbers or names to the company's parties: what
    two would take at once, the second finds taken."""
    key = f"parties|{scoped_tenant_id()}"
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


def held(party: Party, expected_version: int | None) -> Party:
    """Nobody else changes it until the transaction ends."""
    row = get_party(party_id=party.id, lock=True)
    if row.merged_into is not None:
        raise Conflict(MERGED, code="party_merged")
    if expected_version is not None and row.version != expected_version:
        raise Conflict
    return row


def touch(row: Party, *, actor: Actor, now: datetime) -> None:
    row.version += 1
    row.changed_at, row.changed_by_name = now, actor.name


def _write_parts(party_id: UUID, parts: Parts, data: PartyData, today: date) -> None:
    _write_identifiers(party_id, parts, data)
    for kind in PREFIXES:
        named = data.delivery_name if kind == "delivery" else ""
        wanted = None
        if data.has_address(kind) or named:
            wanted = {"kind": kind, "name": named, **data.address(kind)}
        of_kind = [row for row in parts.addresses if row.kind == kind]
        _one(PartyAddress, party_id, of_kind, wanted)
    endpoint = None
    if data.endpoint_scheme:
        # The days that the one before held say nothing of another one.
        endpoint = {
            "scheme": data.endpoint_scheme, "value": data.endpoint_value,
            "valid_from": None, "valid_until": None,
        }  # fmt: skip
    if not _same_endpoint(parts, endpoint, today):
        _one(PartyEndpoint, party_id, parts.endpoints, endpoint)
    contact = None
    if data.contact_name:
        contact = {
            "name": data.contact_name, "job": data.contact_job, "email": data.contact_email,
            "phone": data.contact_phone,
        }  # fmt: skip
    _one(PartyContact, party_id, parts.contacts, contact)


def _one(model: Any, party_id: UUID, rows: Sequence[Any], wanted: dict[str, Any] | None) -> None:
    """The main one of its kind: made, changed or taken away, when the next one takes its place."""
    row = next((one for one in rows if one.main), None)
    if wanted is None:
        if row is not None:
            db.session.delete(row)
            _next_main([one for one in rows if one is not row])
    elif row is None:
        db.session.add(model(id=uuid7(), party_id=party_id, main=True, **wanted))
    else:
        for name, value in wanted.items():
            setattr(row, name, value)


def _next_main(rows: Sequence[Any]) -> None:
    if rows:
        db.session.flush()
        rows[0].main = True


def _same_endpoint(parts: Parts, wanted: dict[str, Any] | None, today: date) -> bool:
    """What is a further address already becomes the main one, and the one before stays beside it. Who
    takes up one whose days are over wants it again."""
    twins = [
        row
        for row in parts.endpoints
        if wanted and (row.scheme, row.value) == (wanted["scheme"], wanted["value"])
    ]
    if not twins or any(row.main for row in twins):
        return bool(twins)
    twin = max(twins, key=lambda row: (row.holds_on(today), row.valid_from or date.min))
    for row in parts.endpoints:
        row.main = False
    db.session.flush()
    twin.main = True
    if twin.valid_until is not None and twin.valid_until < today:
        twin.valid_until = None
    return True


def _write_identifiers(party_id: UUID, parts: Parts, data: PartyData) -> None:
    wanted = data.identifiers
    rows = parts.identifier_rows
    for scheme in [one for one in rows if one not in wanted]:
        db.session.delete(rows[scheme])
    for scheme, value in wanted.items():
        alone = exclusive(scheme, data)
        if scheme in rows:
            rows[scheme].value, rows[scheme].exclusive = value, alone
        else:
            db.session.add(
                PartyIdentifier(
                    id=uuid7(), party_id=party_id, scheme=scheme, value=value, exclusive=alone
                )
            )
