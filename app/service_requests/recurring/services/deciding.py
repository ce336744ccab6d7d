"""What somebody decides about one period: left out, raised after all, or made up for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app.calendars.date_rules import FARTHEST
from app.calendars.periods import period_named
from app.service_requests.models import ServiceRequest
from app.service_requests.recurring.making import raise_for
from app.service_requests.recurring.models import Recurrence, RecurrenceInstance
from app.service_requests.recurring.queries import (
    ClientFacts,
    get_facts,
    get_instance,
    known_periods,
)
from app.service_requests.recurring.recording import Settled, record, write_down
from app.service_requests.recurring.rules import Plan, Planned
from app.service_requests.recurring.services.keeping import (
    require_active,
    require_work,
    sound_plan,
)
from app.service_requests.recurring.services.raising import LOOKED_BACK, remember_next
from tenants.core.db import db
from tenants.core.errors import Conflict, Invalid, NotFound
from tenants.core.text import _m
from tenants.permissions import Actor

MOST_BACKFILLED = 36
_FROM_TO = _m("Choose a first and a last day that have passed, with 36 days of this work at most.")


class PeriodSettled(Conflict):
    code = "period_settled"
    message = _m("Something became of this period already. Look at the list.")


@dataclass(frozen=True, slots=True)
class Missed:
    """A past day, and what became of it already: '' for nothing."""

    planned: Planned
    state: str


def skip(
    *, recurrence: Recurrence, period: str, words: str, actor: Actor, now: datetime
) -> RecurrenceInstance:
    """A coming one is left out."""
    require_work(actor)
    require_work(actor, recurrence.line)
    facts = get_facts(now)
    require_active(recurrence)
    plan = sound_plan(recurrence, facts)
    one = _find(recurrence, plan, period, facts.today)
    if get_instance(recurrence_id=recurrence.id, period=period) is not None:
        raise PeriodSettled
    settled = Settled("skipped", "by_hand", words)
    instance = write_down(recurrence, one, settled, actor=actor, now=now)
    remember_next(recurrence, plan, facts.today)
    db.session.flush()
    return instance


def raise_now(
    *, recurrence: Recurrence, period: str, actor: Actor, now: datetime
) -> ServiceRequest:
    """What was left out or stands still, or a coming one before its day; Obstacle says why not."""
    require_work(actor)
    require_work(actor, recurrence.line)
    facts = get_facts(now)
    require_active(recurrence)
    plan = sound_plan(recurrence, facts)
    one = _find(recurrence, plan, period, facts.today)
    made = _raise(recurrence, one, facts, actor=actor, now=now)
    remember_next(recurrence, plan, facts.today)
    db.session.flush()
    return made


def preview(*, recurrence: Recurrence, first: date, last: date, now: datetime) -> Sequence[Missed]:
    """The past days of this work between two days, both included."""
    facts = get_facts(now)
    if first > last or last > facts.today or (facts.today - first).days > 3 * 366:
        raise Invalid(field_errors={"first": [_FROM_TO]})
    found = sound_plan(recurrence, facts).between(first, last)
    if len(found) > MOST_BACKFILLED:
        raise Invalid(field_errors={"first": [_FROM_TO]})
    names = [one.period.name for one in found]
    known = known_periods(recurrence_id=recurrence.id, periods=names)
    return [Missed(one, known.get(one.period.name, "")) for one in found]


def backfill(
    *, recurrence: Recurrence, first: date, last: date, periods: Sequence[str], actor: Actor,
    now: datetime,
) -> list[ServiceRequest]:  # fmt: skip
    """The chosen ones of a past time, all or none."""
    require_work(actor)
    require_work(actor, recurrence.line)
    require_active(recurrence)
    chosen = [
        one.planned
        for one in preview(recurrence=recurrence, first=first, last=last, now=now)
        if one.planned.period.name in periods
    ]
    if not chosen:
        raise Invalid(field_errors={"period": [_m("Choose one day at least.")]})
    facts = get_facts(now)
    return [_raise(recurrence, one, facts, actor=actor, now=now) for one in chosen]


def _raise(
    row: Recurrence, one: Planned, facts: ClientFacts, *, actor: Actor, now: datetime
) -> ServiceRequest:
    there = get_instance(recurrence_id=row.id, period=one.period.name)
    if there is not None and there.request_id is not None:
        raise PeriodSettled
    request = raise_for(row, one, facts, actor=actor, now=now)
    if there is None:
        write_down(row, one, Settled("backfilled", request=request), actor=actor, now=now)
        return request
    there.state, there.request_id, there.title = "backfilled", request.id, request.title
    there.reason = there.words = ""
    there.at, there.by_id, there.by_name = now, actor.user_id, actor.name
    record(row, "backfilled", actor=actor, now=now, period=there.period, request=request.id)
    return request


def _find(row: Recurrence, plan: Plan, period: str, today: date) -> Planned:
    """As it was written down, else as it comes; NotFound for what is no period of it."""
    there = get_instance(recurrence_id=row.id, period=period)
    if there is not None:
        return Planned(
            period_named(there.period), period_named(there.about), there.due_on, there.raise_on
        )
    for one in plan.between(today - LOOKED_BACK, today + FARTHEST):
        if one.period.name == period:
            return one
    raise NotFound
