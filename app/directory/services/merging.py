"""Two entries of the same customer or supplier become one, and two again where that was a mistake."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, any_, literal, update
from sqlalchemy.dialects.postgresql import ARRAY

from app.directory import rights
from app.directory.conflicts import AlreadyThere, exclusive, find_taken
from app.directory.models import (
    Party,
    PartyAccount,
    PartyAddress,
    PartyContact,
    PartyEndpoint,
    PartyIdentifier,
    PartyMerge,
)
from app.directory.queries import Parts, get_merge, get_party, known_since, load_parts
from app.directory.second_person import to_call_back
from app.directory.services.accounts import hold_account, is_live, use_again
from app.directory.services.telling import tell, told
from app.directory.services.writing import one_at_a_time, touch
from app.directory.showing import data_of
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor
from tenants.scoping import scoped_tenant_id

# Filled in the one that stays where it has nothing.
FILLED = (
    "reference",
    "trade_name",
    "legal_form",
    "payment_days",
    "payment_text",
    "buyer_reference",
)
MODELS: dict[str, Any] = {
    "identifiers": PartyIdentifier, "addresses": PartyAddress, "endpoints": PartyEndpoint,
    "contacts": PartyContact, "accounts": PartyAccount,
}  # fmt: skip
ITSELF = _m("An entry can't become part of itself.")
NO_MORE = _m("One of the two changed since. Look at both again.")


class NotMergeable(Conflict):
    code = "party_not_mergeable"
    message = _m("One of the two is part of another entry already.")


@dataclass(frozen=True, slots=True)
class Plan:
    """`moved`: ids by kind that come over; `stays`: (scheme, kept value, other value) that differ and
    stay with the other one; `filled` and `roles` are what the kept one gains; `waiting` are accounts
    of either side that are in use and have to be called back."""

    moved: dict[str, list[UUID]]
    stays: list[tuple[str, str, str]]
    filled: dict[str, Any]
    roles: tuple[str, ...]
    waiting: list[PartyAccount]

    @property
    def counts(self) -> dict[str, int]:
        return {kind: len(ids) for kind, ids in self.moved.items()}


def plan(*, kept: Party, other: Party) -> Plan:
    """What a merge would do; nothing is written."""
    if kept.id == other.id:
        raise Conflict(ITSELF, code="party_itself")
    if kept.merged_into is not None or other.merged_into is not None:
        raise NotMergeable
    parts = load_parts([kept.id, other.id])
    return _plan(kept, parts[kept.id], other, parts[other.id])


def _plan(kept: Party, mine: Parts, other: Party, theirs: Parts) -> Plan:
    moved: dict[str, list[UUID]] = {kind: [] for kind in MODELS}
    stays = []
    for scheme, row in theirs.identifier_rows.items():
        known = mine.identifiers.get(scheme)
        if known is None and not _of_another_site(scheme, mine, theirs):
            moved["identifiers"].append(row.id)
        elif known is not None and known != row.value:
            stays.append((scheme, known, row.value))
    places = {_place(row) for row in mine.addresses}
    moved["addresses"] = [row.id for row in theirs.addresses if _place(row) not in places]
    ends = {(row.scheme, row.value) for row in mine.endpoints}
    moved["endpoints"] = [row.id for row in theirs.endpoints if (row.scheme, row.value) not in ends]
    people = {(row.name, row.email) for row in mine.contacts}
    moved["contacts"] = [row.id for row in theirs.contacts if (row.name, row.email) not in people]
    live = {row.iban_index for row in mine.accounts if is_live(row)}
    moved["accounts"] = [row.id for row in theirs.accounts if row.iban_index not in live]
    filled = {
        name: getattr(other, name)
        for name in FILLED
        if getattr(other, name) not in ("", None) and getattr(kept, name) in ("", None)
    }
    gained = tuple(role for role in other.roles if role not in kept.roles)
    waiting = to_call_back(
        kept=mine.accounts, kept_since=known_since(party_id=kept.id), other=theirs.accounts,
        other_since=known_since(party_id=other.id),
    )  # fmt: skip
    return Plan(moved, stays, filled, gained, waiting)


def _of_another_site(scheme: str, mine: Parts, theirs: Parts) -> bool:
    """Without the SIREN that it belongs to, a number would say something false."""
    one, two = mine.identifiers.get("siren"), theirs.identifiers.get("siren")
    return scheme in ("siret", "vat") and bool(one and two and one != two)


def _place(row: PartyAddress) -> tuple[str, ...]:
    return (row.kind, row.street, row.house_number, row.extra, row.postcode, row.city, row.country)


def merge(
    *, kept: Party, other: Party, expected: tuple[int, int], actor: Actor, now: datetime
) -> PartyMerge:
    """`expected` are the versions of both that the preview was made from."""
    rights.require(actor, rights.WRITE)
    one_at_a_time()
    kept, other = _both(kept.id, other.id)
    found = plan(kept=kept, other=other)
    if (kept.version, other.version) != expected:
        raise Conflict(NO_MORE)
    parts = load_parts([kept.id, other.id])
    moved: dict[str, Any] = {kind: [str(one) for one in ids] for kind, ids in found.moved.items()}
    moved |= {"filled": sorted(found.filled), "roles": list(found.roles)}
    moved["was_archived"] = other.archived_at is not None
    moved["by"] = str(actor.user_id) if actor.user_id else ""
    moved["mains"] = [
        str(row.id)
        for kind in ("addresses", "endpoints", "contacts")
        for row in getattr(parts[other.id], kind)
        if row.main
    ]
    other.merged_into, other.archived_at = kept.id, other.archived_at or now
    for number in parts[other.id].identifier_rows.values():
        number.exclusive = False
    db.session.flush()
    _unmain(parts[kept.id], parts[other.id], found)
    moved["held"] = {
        str(row.id): hold_account(account=row, actor=actor, now=now) for row in found.waiting
    }
    moved["account_states"] = _account_states(parts.values())
    for kind, ids in found.moved.items():
        _move(MODELS[kind], ids, kept.id)
    for name, value in found.filled.items():
        setattr(kept, name, value)
    for role in found.roles:
        setattr(kept, role, True)
    _refresh(kept)
    touch(kept, actor=actor, now=now)
    touch(other, actor=actor, now=now)
    row = PartyMerge(
        id=uuid7(), kept_id=kept.id, merged_id=other.id, moved=moved, kept_version=kept.version,
        at=now, by_name=actor.name,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    _record("merged", kept, actor, now, other=other.id, waiting=len(found.waiting), **found.counts)
    tell([told("merged", other, into=kept.id), told("changed", kept)], now=now)
    return row


def _both(kept_id: UUID, other_id: UUID) -> tuple[Party, Party]:
    """In one order, whoever merges which into which."""
    rows = {one: get_party(party_id=one, lock=True) for one in sorted((kept_id, other_id))}
    return rows[kept_id], rows[other_id]


def _unmain(mine: Parts, theirs: Parts, found: Plan) -> None:
    """What comes over is main only where there was none."""
    for row in theirs.addresses:
        if row.id in found.moved["addresses"] and row.main and mine.address(row.kind):
            row.main = False
    for one in theirs.endpoints:
        if one.id in found.moved["endpoints"] and mine.endpoint:
            one.main = False
    for who in theirs.contacts:
        if who.id in found.moved["contacts"] and mine.contact:
            who.main = False
    db.session.flush()


def _account_states(parts: Iterable[Parts]) -> dict[str, str]:
    return {str(row.id): row.state for one in parts for row in one.accounts}


def _move(model: Any, ids: list[UUID], party_id: UUID) -> None:
    if ids:
        db.session.execute(
            update(model)
            .where(
                model.tenant_id == scoped_tenant_id(),
                model.id == any_(literal(ids, ARRAY(Uuid))),
            )
            .values(party_id=party_id)
            .execution_options(synchronize_session=False)
        )


def _refresh(party: Party) -> None:
    """Its numbers after what came or went, with what is nobody else's."""
    db.session.flush()
    db.session.expire_all()
    parts = load_parts([party.id])[party.id]
    data = data_of(party, parts)
    for scheme, row in parts.identifier_rows.items():
        row.exclusive = exclusive(scheme, data)
    db.session.flush()


def undo_merge(*, kept: Party, merge_id: UUID, actor: Actor, now: datetime) -> Party:
    """Both are as before. Refused once the kept one was changed."""
    rights.require(actor, rights.WRITE)
    one_at_a_time()
    kept, other = _both(kept.id, get_merge(party_id=kept.id, merge_id=merge_id).merged_id)
    row = get_merge(party_id=kept.id, merge_id=merge_id)
    if row.undone_at is not None or kept.version != row.kept_version:
        raise Conflict(NO_MORE, code="party_changed_since")
    accounts = _as_merged(kept, other, row)
    _still_free(kept, other, row)
    row.undone_at, row.undone_by_name = now, actor.name
    moved = row.moved
    for name in moved["filled"]:
        setattr(kept, name, None if name == "payment_days" else "")
    for role in moved["roles"]:
        setattr(kept, role, False)
    # The number in the books is nobody's for a moment.
    db.session.flush()
    for kind, model in MODELS.items():
        _move(model, [UUID(one) for one in moved[kind]], other.id)
    for key, facts in moved.get("held", {}).items():
        use_again(account=accounts[key], facts=facts, actor=actor, now=now)
    other.merged_into = None
    other.archived_at = other.archived_at if moved["was_archived"] else None
    _refresh(kept)
    parts = load_parts([other.id])[other.id]
    back: list[Any] = [*parts.addresses, *parts.endpoints, *parts.contacts]
    for one in back:
        one.main = str(one.id) in moved["mains"]
    touch(kept, actor=actor, now=now)
    touch(other, actor=actor, now=now)
    _refresh(other)
    _record("merge_undone", kept, actor, now, other=other.id)
    tell([told("changed", kept), told("changed", other)], now=now)
    return other


def _as_merged(kept: Party, other: Party, row: PartyMerge) -> dict[str, PartyAccount]:
    """The accounts of both, as long as nobody has decided on one of them since."""
    parts = load_parts([kept.id, other.id])
    now = _account_states(parts.values())
    if any(now.get(key) != state for key, state in row.moved.get("account_states", {}).items()):
        raise Conflict(NO_MORE, code="party_changed_since")
    return {str(one.id): one for each in parts.values() for one in each.accounts}


def _still_free(kept: Party, other: Party, row: PartyMerge) -> None:
    """While it was part of another one, its numbers could be given to a third."""
    parts = load_parts([kept.id, other.id])
    numbers = parts[other.id].identifiers | {
        scheme: one.value
        for scheme, one in parts[kept.id].identifier_rows.items()
        if str(one.id) in row.moved["identifiers"]
    }
    data = data_of(other, parts[other.id]).changed(numbers)
    taken = [one for one in find_taken(data, besides=other.id) if one.party.id != kept.id]
    if taken:
        raise AlreadyThere(taken)


def _record(what: str, row: Party, actor: Actor, now: datetime, **facts: object) -> None:
    audit.record(
        f"directory.party.{what}", actor=actor, now=now, object_type="party", object_id=row.id,
        number=row.number, **facts,
    )  # fmt: skip
