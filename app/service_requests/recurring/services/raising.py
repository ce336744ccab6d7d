"""Raising what is due: once for each period, whoever else looks at the same time."""

from datetime import date, datetime, timedelta
from uuid import UUID

from app.service_requests.recurring import telling
from app.service_requests.recurring.making import Obstacle, raise_for
from app.service_requests.recurring.models import Recurrence
from app.service_requests.recurring.queries import (
    ClientFacts,
    get_facts,
    get_recurrence_by_id,
    known_periods,
    list_active,
)
from app.service_requests.recurring.recording import Settled, write_down
from app.service_requests.recurring.rules import Plan, Planned, Refused
from tenants.core.db import db
from tenants.core.errors import Forbidden
from tenants.jobs import enqueue
from tenants.permissions import Actor

# What was missed for longer than this is raised by hand alone.
CAUGHT_UP = timedelta(days=31)
# For how long a day may still come to lie before others that are done with.
LOOKED_BACK = timedelta(days=93)


def look(*, period: str, actor: Actor, now: datetime) -> int:
    """Every day: the next days of all recurrences of the client in scope are found anew, and those
    with something due get a job each, so that none holds up another. Answers how many. `period` is
    the day that it is done for."""
    if actor.side != "system":
        raise Forbidden
    facts, due = get_facts(now), 0
    for row in list_active():
        try:
            plan = facts.plan(row)
        except Refused:
            row.next_on = row.next_raise_on = None
            telling.no_days(row, actor=actor)
            continue
        if find_due(row, plan, facts.today):
            start_raising(row, key=period)
            due += 1
        else:
            remember_next(row, plan, facts.today)
    db.session.flush()
    return due


def start_raising(row: Recurrence, *, key: str) -> None:
    enqueue(
        "requests.raise_recurrence", key=f"recurrence:{row.id}:{key}", recurrence_id=row.id,
    )  # fmt: skip


def raise_due(*, recurrence_id: UUID, actor: Actor, now: datetime) -> int:
    """All that is due of one, in order; how many requests there are more."""
    if actor.side != "system":
        raise Forbidden
    # Others wait here until this one is through, and then find nothing left.
    row = get_recurrence_by_id(recurrence_id=recurrence_id, for_change=True)
    if not row.is_active:
        return 0
    facts = get_facts(now)
    try:
        plan, raised = facts.plan(row), 0
    except Refused:
        telling.no_days(row, actor=actor)
        return 0
    for one in find_due(row, plan, facts.today):
        settled = _settle(row, one, facts, actor=actor, now=now)
        write_down(row, one, settled, actor=actor, now=now)
        raised += settled.request is not None
    row.counts_from = max(row.counts_from, facts.today - LOOKED_BACK)
    remember_next(row, plan, facts.today)
    db.session.flush()
    return raised


def find_due(row: Recurrence, plan: Plan, today: date) -> list[Planned]:
    """What has to be raised by now, and of which nothing became yet."""
    first, last = max(row.starts_on, row.counts_from), plan.horizon(today)
    if row.ends_on is not None:
        last = min(last, row.ends_on)
    found = [one for one in plan.between(first, last) if one.raise_on <= today]
    names = [one.period.name for one in found]
    known = known_periods(recurrence_id=row.id, periods=names) if names else {}
    return [one for one in found if one.period.name not in known]


def remember_next(row: Recurrence, plan: Plan, today: date) -> None:
    found = next_ones(row, plan, today, most=1) if row.is_active else []
    row.next_on = found[0].due_on if found else None
    row.next_raise_on = found[0].raise_on if found else None


def next_ones(row: Recurrence, plan: Plan, today: date, *, most: int) -> list[Planned]:
    """What comes, without what is settled already and without pauses."""
    first = max(today, row.starts_on, row.counts_from)
    found = plan.coming(first, most=most + 40, last=row.ends_on)
    known = known_periods(recurrence_id=row.id, periods=[one.period.name for one in found])
    return [
        one for one in found
        if one.period.name not in known and not row.is_paused(one.due_on)
    ][:most]  # fmt: skip


def _settle(
    row: Recurrence, one: Planned, facts: ClientFacts, *, actor: Actor, now: datetime
) -> Settled:
    if row.is_paused(one.due_on):
        return Settled("skipped", "paused")
    if one.due_on < facts.today - CAUGHT_UP:
        return Settled("skipped", "too_late")
    try:
        if not facts.terms.in_scope(row.item):
            raise Obstacle("out_of_scope")
        return Settled("raised", request=raise_for(row, one, facts, actor=actor, now=now))
    except Obstacle as obstacle:
        return Settled("blocked", obstacle.code, obstacle.words)
