"""A company's side of periodic work: what its own calendar says is due, and when it looks again."""

import random
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import takewhile

from sqlalchemy import func, select

from app.calendars.business_time import BusinessCalendar
from app.calendars.recurrence import Moment, following, latest
from app.contracts.queries import get_terms
from tenants.core import clock
from tenants.core.db import db
from tenants.jobs import ENDED, Job, TenantSchedule, enqueue
from tenants.queries import get_access_state
from tenants.scoping import scoped_tenant_id
from workers.catching_up import Step, step
from workers.registry import Declaration
from workers.schedule import Periodic

# Holidays, zones and closures change without telling. Companies don't look all at once.
LOOK_EVERY, SPREAD = timedelta(days=1), 0.25
LOOK_FOR_ACCESS, LOOK_FOR_OTHERS = timedelta(hours=1), timedelta(minutes=5)
SOON = timedelta(seconds=1)


def turn(*, tasks: Iterable[Periodic], declared: Mapping[str, Declaration]) -> list[str]:
    """Add the jobs that are due by this company's calendar as it is now, and plan what comes; answers
    their keys. Whatever was planned by another calendar or rule is planned anew."""
    known = {task.name: task for task in tasks if not task.everywhere_at_once}
    # Others wait here until this one is through.
    rows = db.session.scalars(
        select(TenantSchedule)
        .where(TenantSchedule.tenant_id == scoped_tenant_id())
        .order_by(TenantSchedule.id)
        .with_for_update()
    ).all()
    now = _now()
    calendar, access = get_terms(now).calendar, get_access_state()
    added = []
    for row in rows:
        task = known.get(row.name)
        if task is None:
            # of a version of ours that comes or goes, whose own workers know it
            row.look_at = now + LOOK_FOR_OTHERS
            continue
        one = declared.get(task.job)
        allowed = one is None or access in one.states
        title = one.title if one else ""
        if key := _turn_one(row, task, calendar, now, allowed=allowed, title=title):
            added.append(key)
    db.session.flush()
    return added


def _turn_one(
    row: TenantSchedule,
    task: Periodic,
    calendar: BusinessCalendar,
    now: datetime,
    *,
    allowed: bool,
    title: str,
) -> str | None:
    _follow_rule(row, task, calendar, now)
    coming = following(task.when, calendar, row.last_period)
    due = list(takewhile(lambda one: one.at <= now, coming))
    before = _find_job(task, row.last_period) if due and task.catch_up == "each" else None
    found = step(
        due, catch_up=task.catch_up, held=task.held, now=now, allowed=allowed,
        busy=before is not None and before.state not in ENDED,
    )  # fmt: skip
    key = _add(task, found.run, title=title) if found.run else None
    row.last_period = found.settled or row.last_period
    following_one = next(following(task.when, calendar, row.last_period))
    waits = bool(due) and not allowed and task.held == "wait"
    row.next_run_at = None if waits else following_one.at
    row.look_at = _next_look(found, following_one, before, now, waits=waits)
    return key


def _follow_rule(
    row: TenantSchedule, task: Periodic, calendar: BusinessCalendar, now: datetime
) -> None:
    if row.rule != task.when.text:
        if row.rule:
            row.counts_from = now
        row.rule, row.last_period = task.when.text, ""
    if not row.last_period:
        row.last_period = latest(task.when, calendar, row.counts_from).period


def _next_look(
    found: Step, following_one: Moment, before: Job | None, now: datetime, *, waits: bool
) -> datetime:
    if waits:
        return now + LOOK_FOR_ACCESS
    if found.again and found.run:
        return now + SOON
    if found.again and before:
        # The longer the one before takes, the seldomer it is asked after.
        age = _now() - clock.offset() - before.created_at
        return now + max(SOON, min(age / 2, LOOK_FOR_ACCESS))
    return min(max(following_one.at, now + SOON), _tomorrow(now))


def _tomorrow(now: datetime) -> datetime:
    return now + LOOK_EVERY * (1 - SPREAD * random.random())  # noqa: S311 - no secret


def _add(task: Periodic, moment: Moment, *, title: str) -> str:
    key = _key(task, moment.period)
    enqueue(
        task.job, queue=task.queue, key=key, title=title, for_client=bool(title),
        period=moment.period,
    )  # fmt: skip
    return key


def _find_job(task: Periodic, period: str) -> Job | None:
    return db.session.scalars(
        select(Job).where(
            Job.tenant_id == scoped_tenant_id(), Job.idempotency_key == _key(task, period)
        )
    ).one_or_none()


def _key(task: Periodic, period: str) -> str:
    return f"schedule:{task.name}:{period}"


def _now() -> datetime:
    """By the database's clock, like the dispatcher."""
    found: datetime = db.session.execute(select(func.clock_timestamp())).scalar_one()
    return found + clock.offset()
