"""Bank accounts of parties. A later one is a favourite of fraudsters: it waits until a second person
has called back on a number that was known before."""

from datetime import datetime
from typing import Any
from uuid import UUID

from app.directory import rights
from app.directory.accounts import Account, read_account
from app.directory.data import PartyData
from app.directory.models import Party, PartyAccount
from app.directory.queries import came_in_list_of, get_account, list_merges_of_account, load_parts
from app.directory.services.writing import one_at_a_time
from app.directory.showing import account_place
from app.spreadsheets.plain_text import clean
from tenants import audit
from tenants.core.crypto import DataKey
from tenants.core.db import db
from tenants.core.errors import Conflict, Forbidden, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.keys import data_key
from tenants.permissions import Actor

SAME = _m("This account stands there already.")
DECIDED = _m("This account was decided on in the meantime.")
NEEDED = _m("This is needed.")
SAME_PERSON = _m("Somebody else than who entered the account has to release it.")
SAME_MERGER = _m("Somebody else than who merged the entries has to release the account.")
SAME_SENDER = _m("Somebody else than who sent the list has to release the account.")
# What a release or refusal writes, and a merge that makes the account wait again takes away.
_DECISION = (
    "called_number", "called_person", "called_on", "decided_by", "decided_by_name", "decided_at",
    "decision_note",
)  # fmt: skip
_MOMENTS = ("called_on", "decided_at")


class SecondPerson(Forbidden):
    code = "second_person"
    message = SAME_PERSON


def first_account(*, party: Party, data: PartyData, actor: Actor, now: datetime) -> PartyAccount:
    """What comes with a new party is no change and may be used."""
    return keep_account(
        party=party, found=_read(data.iban, data.bic), holder=data.holder, state="active",
        source="", actor=actor, now=now, key=data_key(),
    )  # fmt: skip


def add_account(
    *, party: Party, iban: str, bic: str = "", holder: str = "", source: str, actor: Actor,
    now: datetime,
) -> PartyAccount:  # fmt: skip
    """In quarantine. `source` says how it came: a letter, a mail, an invoice."""
    rights.require(actor, rights.WRITE)
    source = clean(source, 300)
    if not source:
        raise Invalid(field_errors={"source": [NEEDED]})
    found, key = _read(iban, bic), data_key()
    index = key.blind_index(found.iban)
    live = [row for row in load_parts([party.id])[party.id].accounts if is_live(row)]
    if any(row.iban_index == index for row in live):
        raise Invalid(field_errors={"iban": [SAME]})
    return keep_account(
        party=party, found=found, holder=holder, state="quarantined", source=source, actor=actor,
        now=now, key=key,
    )  # fmt: skip


def is_live(row: PartyAccount) -> bool:
    return row.state in ("active", "quarantined")


def keep_account(
    *, party: Party, found: Account, holder: str, state: str, source: str, actor: Actor,
    now: datetime, key: DataKey,
) -> PartyAccount:  # fmt: skip
    row = PartyAccount(
        id=uuid7(), tenant_id=party.tenant_id, party_id=party.id, iban_sealed="",
        iban_index=key.blind_index(found.iban), iban_shown=found.shown, bic=found.bic,
        bank_name=found.bank_name, holder=clean(holder, 140), state=state, source=source,
        entered_by=actor.user_id, entered_by_name=actor.name, entered_at=now,
    )  # fmt: skip
    row.iban_sealed = key.seal(found.iban, account_place(row))
    db.session.add(row)
    db.session.flush()
    _record("entered", row, actor, now, state=state)
    return row


def release_account(
    *, party: Party, account: PartyAccount, called_number: str, called_person: str,
    actor: Actor, now: datetime, note: str = "",
) -> None:  # fmt: skip
    """By a second person, with whom was called on which number; the accounts before it retire."""
    rights.require(actor, rights.RELEASE)
    one_at_a_time()
    row = _waiting(party, account)
    if actor.user_id is None or actor.user_id == row.entered_by:
        raise SecondPerson
    if any(one.moved.get("by") == str(actor.user_id) for one in list_merges_of_account(row.id)):
        raise SecondPerson(SAME_MERGER)
    if came_in_list_of(account_id=row.id, user_id=actor.user_id):
        raise SecondPerson(SAME_SENDER)
    number, person = clean(called_number, 40), clean(called_person, 120)
    lacking = {"called_number": number, "called_person": person}
    if not all(lacking.values()):
        raise Invalid(field_errors={name: [NEEDED] for name, value in lacking.items() if not value})
    for other in load_parts([party.id])[party.id].accounts:
        if other.state == "active":
            other.state = "retired"
    row.called_number, row.called_person, row.called_on = number, person, now
    _decide(row, "active", note, actor, now)


def refuse_account(
    *, party: Party, account: PartyAccount, note: str, actor: Actor, now: datetime
) -> None:
    """Anybody may stop it; the reason stays."""
    rights.require(actor, rights.WRITE)
    row = _waiting(party, account)
    if not clean(note, 300):
        raise Invalid(field_errors={"note": [NEEDED]})
    _decide(row, "refused", note, actor, now)


def retire_account(*, party: Party, account: PartyAccount, actor: Actor, now: datetime) -> None:
    rights.require(actor, rights.WRITE)
    row = get_account(party_id=party.id, account_id=account.id, lock=True)
    if row.state != "active":
        raise Conflict(DECIDED)
    row.state = "retired"
    db.session.flush()
    _record("retired", row, actor, now)


def hold_account(*, account: PartyAccount, actor: Actor, now: datetime) -> dict[str, Any]:
    """A merge makes it wait for a second person; answers what `use_again` needs."""
    rights.require(actor, rights.WRITE)
    facts = {name: getattr(account, name) for name in _DECISION}
    account.state = "quarantined"
    for name, value in facts.items():
        setattr(account, name, "" if isinstance(value, str) else None)
    db.session.flush()
    _record("held", account, actor, now)
    return {
        name: value if value is None or isinstance(value, str)
        else value.isoformat() if isinstance(value, datetime) else str(value)
        for name, value in facts.items()
    }  # fmt: skip


def use_again(*, account: PartyAccount, facts: dict[str, Any], actor: Actor, now: datetime) -> None:
    """The merge is taken back, and with it what `hold_account` did."""
    rights.require(actor, rights.WRITE)
    account.state = "active"
    for name in _DECISION:
        value = facts[name]
        if value and name in _MOMENTS:
            value = datetime.fromisoformat(value)
        elif value and name == "decided_by":
            value = UUID(value)
        setattr(account, name, value)
    db.session.flush()
    _record("used_again", account, actor, now)


def _waiting(party: Party, account: PartyAccount) -> PartyAccount:
    row = get_account(party_id=party.id, account_id=account.id, lock=True)
    if row.state != "quarantined":
        raise Conflict(DECIDED)
    return row


def _decide(row: PartyAccount, state: str, note: str, actor: Actor, now: datetime) -> None:
    row.state, row.decision_note = state, clean(note, 300)
    row.decided_by, row.decided_by_name, row.decided_at = actor.user_id, actor.name, now
    db.session.flush()
    _record({"active": "released"}.get(state, state), row, actor, now)


def _read(iban: str, bic: str) -> Account:
    try:
        return read_account(iban, bic)
    except ValueError as error:
        raise Invalid(field_errors={"iban": [str(error)]}) from error


def _record(what: str, row: PartyAccount, actor: Actor, now: datetime, **facts: object) -> None:
    audit.record(
        f"directory.account.{what}", actor=actor, now=now, object_type="party",
        object_id=row.party_id, account=row.id, **facts,
    )  # fmt: skip
