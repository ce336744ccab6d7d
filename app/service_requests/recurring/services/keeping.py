"""Writing what comes again: made, changed, paused, ended."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.catalogue.memory import get_item, is_offered
from app.service_requests.recurring.making import Obstacle, values_of
from app.service_requests.recurring.models import Recurrence, RecurrenceVersion
from app.service_requests.recurring.period_words import LONGEST_TITLE
from app.service_requests.recurring.queries import ClientFacts, count_standing, get_facts
from app.service_requests.recurring.recording import record
from app.service_requests.recurring.rules import Plan, Refused
from app.service_requests.recurring.services.raising import remember_next, start_raising
from app.service_requests.services.assigning import list_colleagues
from tenants.core.db import db
from tenants.core.errors import Conflict, Forbidden, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.numbers import next_number
from tenants.permissions import Actor

MOST_ASKED = 10
MOST = 200


class RecurrenceChanged(Conflict):
    code = "recurrence_changed"
    message = _m(
        "Somebody else changed this recurring work since you opened it. Look at what it says now, "
        "then save again."
    )


class RecurrenceEnded(Conflict):
    code = "recurrence_ended"
    message = _m("This recurring work has ended. Begin a new one instead.")


class TooMuchRecurring(Conflict):
    code = "too_much_recurring"
    message = _m(
        "This client has %(most)s recurring works, which is all there may be. End one that nobody "
        "needs any more, or ask whoever runs this installation for more."
    )


class NoDays(Conflict):
    code = "no_days"
    message = _m("By its rule no day comes any more. Change the rule first, or end this work.")


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to come again; `form` as it was typed, by the names of the item's form."""

    title: str
    item: str
    form: Mapping[str, Any]
    rule: Mapping[str, Any]
    starts_on: date
    ends_on: date | None = None
    about: int = 0
    lead_days: int = 0
    assignee_id: UUID | None = None
    questions: Sequence[str] = field(default_factory=tuple)
    documents: Sequence[str] = field(default_factory=tuple)


def begin_recurrence(*, wish: Wish, actor: Actor, now: datetime, most: int = MOST) -> Recurrence:
    """`most` is how many of a company may stand at a time."""
    require_work(actor)
    item = get_item(wish.item)
    require_work(actor, item.line)
    facts = get_facts(now)
    if not is_offered(item, facts.country):
        raise Invalid(field_errors={"item": [_m("Choose one of the list.")]})
    plan = check(wish, facts)
    # Whoever else begins one waits here until this one is counted.
    number = next_number("recurrence")
    if count_standing() >= most:
        raise TooMuchRecurring(most=most)
    row = Recurrence(
        id=uuid7(), number=number, item=item.code, line=item.line, revision=0,
        state="active", created_at=now, created_by=actor.user_id, created_by_name=actor.name,
        counts_from=max(facts.today, wish.starts_on), assignee_name="",
    )  # fmt: skip
    _write(row, wish, actor=actor, now=now)
    db.session.add(row)
    db.session.flush()
    _keep_version(row, wish, actor=actor, now=now)
    remember_next(row, plan, facts.today)
    record(row, "begun", actor=actor, now=now, line=row.line, item=row.item)
    start_raising(row, key=f"r{row.revision}")
    db.session.flush()
    return row


def change_recurrence(
    *, recurrence: Recurrence, wish: Wish, expected_revision: int, actor: Actor, now: datetime
) -> None:
    """What was raised stays as it was raised; another rule counts from today."""
    require_work(actor)
    require_work(actor, recurrence.line)
    require_active(recurrence)
    if recurrence.revision != expected_revision:
        raise RecurrenceChanged
    if get_item(wish.item).line != recurrence.line:
        raise Invalid(field_errors={"item": [_OTHER_LINE]})
    facts = get_facts(now)
    plan = check(wish, facts)
    days_before = (recurrence.rule, recurrence.starts_on)
    _write(recurrence, wish, actor=actor, now=now)
    if (recurrence.rule, recurrence.starts_on) != days_before:
        recurrence.counts_from = max(facts.today, wish.starts_on)
    db.session.flush()
    _keep_version(recurrence, wish, actor=actor, now=now)
    remember_next(recurrence, plan, facts.today)
    record(recurrence, "changed", actor=actor, now=now)
    start_raising(recurrence, key=f"r{recurrence.revision}")
    db.session.flush()


def pause(
    *, recurrence: Recurrence, first: date, last: date | None, actor: Actor, now: datetime
) -> None:
    """What is due on these days is left out; without a last day until somebody goes on."""
    require_work(actor)
    require_work(actor, recurrence.line)
    require_active(recurrence)
    if last is not None and last < first:
        raise Invalid(field_errors={"last": [_m("The last day comes after the first.")]})
    recurrence.paused_from, recurrence.paused_until = first, last
    _touched(recurrence, actor=actor, now=now)
    record(recurrence, "paused", actor=actor, now=now, first=first, last=last)


def go_on(*, recurrence: Recurrence, actor: Actor, now: datetime) -> None:
    """What was left out meanwhile stays left out."""
    require_work(actor)
    require_work(actor, recurrence.line)
    require_active(recurrence)
    if recurrence.paused_from is None:
        return
    facts = get_facts(now)
    if recurrence.is_paused(facts.today):
        recurrence.counts_from = max(recurrence.counts_from, facts.today)
    recurrence.paused_from = recurrence.paused_until = None
    _touched(recurrence, actor=actor, now=now)
    record(recurrence, "resumed", actor=actor, now=now)
    start_raising(recurrence, key=now.isoformat())


def end_recurrence(*, recurrence: Recurrence, actor: Actor, now: datetime) -> None:
    """For good; what was raised goes on."""
    require_work(actor)
    require_work(actor, recurrence.line)
    if not recurrence.is_active:
        return
    recurrence.state = "ended"
    _touched(recurrence, actor=actor, now=now)
    record(recurrence, "ended", actor=actor, now=now)


def sound_plan(row: Recurrence, facts: ClientFacts) -> Plan:
    try:
        return facts.plan(row)
    except Refused as refused:
        raise NoDays from refused


def require_work(actor: Actor, line: str | None = None) -> None:
    if actor.side == "client":
        raise Forbidden
    actor.require("request.work", line)


def check(wish: Wish, facts: ClientFacts) -> Plan:
    """Invalid, field by field."""
    errors: dict[str, list[str]] = {}
    if not 0 < len(wish.title) <= LONGEST_TITLE:
        errors["title"] = [_m("Give it a title of 90 characters at most.")]
    for name, asked in (("questions", wish.questions), ("documents", wish.documents)):
        if len(asked) > MOST_ASKED:
            errors[name] = [_m("Ten at most, one a line.")]
    if wish.ends_on is not None and wish.ends_on < wish.starts_on:
        errors["ends_on"] = [_m("The last day comes after the first.")]
    if errors:
        raise Invalid(field_errors=errors)
    plan = plan_of(wish, facts)
    first = max(facts.today, wish.starts_on)
    coming = plan.coming(first, most=1, last=wish.ends_on)
    if not coming:
        raise Invalid(field_errors={"starts_on": [_NO_DAY]})
    try:
        values_of(
            get_item(wish.item), wish.form, title=wish.title, one=coming[0],
            language=facts.language,
        )  # fmt: skip
    except Obstacle as obstacle:
        raise Invalid(field_errors=_form_errors(obstacle.words)) from obstacle
    return plan


def plan_of(wish: Wish, facts: ClientFacts) -> Plan:
    try:
        return facts.plan_of(
            wish.rule, start=wish.starts_on, about=wish.about, lead_days=wish.lead_days
        )
    except Refused as refused:
        raise Invalid(field_errors={refused.field: [refused.message]}) from refused


def _form_errors(names: str) -> dict[str, list[str]]:
    found = {f"f_{name}": [_FILL_IN] for name in names.split(", ") if name not in ("period",)}
    return found or {"about": [_MONTH_WANTED]}


_NO_DAY = _m("By this rule no day comes between the first and the last day. Change one of them.")
_FILL_IN = _m("Fill this in as the item's form asks for it.")
_MONTH_WANTED = _m("This item is about a month. Choose a rule that comes once a month.")
_OTHER_LINE = _m("Choose an item of the same line, or begin new recurring work.")


def _write(row: Recurrence, wish: Wish, *, actor: Actor, now: datetime) -> None:
    row.title, row.item, row.form, row.rule = (
        wish.title,
        wish.item,
        dict(wish.form),
        dict(wish.rule),
    )
    row.starts_on, row.ends_on = wish.starts_on, wish.ends_on
    row.about, row.lead_days = wish.about, wish.lead_days
    row.questions, row.documents = list(wish.questions), list(wish.documents)
    _name_assignee(row, wish.assignee_id, now)
    row.revision += 1
    row.changed_at, row.changed_by_name = now, actor.name


def _name_assignee(row: Recurrence, user_id: UUID | None, now: datetime) -> None:
    """Somebody who left since may stay named: nothing is given to them."""
    if user_id is None or user_id == row.assignee_id:
        row.assignee_id = user_id
        row.assignee_name = row.assignee_name if user_id else ""
        return
    names = {one.user_id: one.name for one in list_colleagues(line=row.line, now=now)}
    if user_id not in names:
        raise Invalid(field_errors={"assignee": [_m("Choose one of the list.")]})
    row.assignee_id, row.assignee_name = user_id, names[user_id]


def _keep_version(row: Recurrence, wish: Wish, *, actor: Actor, now: datetime) -> None:
    document = asdict(wish) | {
        "starts_on": wish.starts_on.isoformat(),
        "ends_on": wish.ends_on.isoformat() if wish.ends_on else None,
        "assignee_id": str(wish.assignee_id) if wish.assignee_id else None,
    }
    db.session.add(
        RecurrenceVersion(
            id=uuid7(), recurrence_id=row.id, revision=row.revision, document=document, at=now,
            by_id=actor.user_id, by_name=actor.name,
        )
    )  # fmt: skip
    db.session.flush()


def _touched(row: Recurrence, *, actor: Actor, now: datetime) -> None:
    facts = get_facts(now)
    row.changed_at, row.changed_by_name = now, actor.name
    if row.is_active:
        remember_next(row, sound_plan(row, facts), facts.today)
    else:
        row.next_on = row.next_raise_on = None
    db.session.flush()


def require_active(row: Recurrence) -> None:
    if not row.is_active:
        raise RecurrenceEnded
