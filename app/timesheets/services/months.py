"""Until when time is settled, at every client at once."""

from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from app.timesheets.models import LockedMonth
from app.timesheets.queries import first_open_day
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Forbidden
from tenants.core.text import _m
from tenants.permissions import Actor

# Writers of time share it, the lock of a month excludes them: none writes into a month meanwhile.
GATE = 15_001
# Somewhere it is tomorrow already.
AHEAD = timedelta(hours=14)


class MonthSettled(Conflict):
    code = "month_settled"
    message = _m("The time of that month is settled. Choose a later day.")


class NotThatMonth(Conflict):
    code = "not_that_month"
    message = _m("Only a month that is over, and later than the last settled one, can be settled.")


def settled_before() -> date:
    """The first open day; it stays so until this transaction ends."""
    db.session.execute(select(func.pg_advisory_xact_lock_shared(GATE)))
    return first_open_day()


def require_open(day: date, *, now: datetime) -> None:
    if day < settled_before():
        raise MonthSettled(field_errors={"worked_on": [MonthSettled.message]})
    if day > (now + AHEAD).date():
        message = _m("This day is still to come.")
        raise Conflict(message, code="day_to_come", field_errors={"worked_on": [message]})


def lock_month(*, month: date, actor: Actor, now: datetime) -> LockedMonth:
    """In the provider's own scope. There is no way back: later corrections reverse."""
    if actor.user_id is None or not actor.can("desk.supervise"):
        raise Forbidden
    month = month.replace(day=1)
    db.session.execute(select(func.pg_advisory_xact_lock(GATE)))
    if not first_open_day() <= month < now.date().replace(day=1):
        raise NotThatMonth
    row = LockedMonth(month=month, locked_at=now, locked_by=actor.user_id,
                      locked_by_name=actor.name)  # fmt: skip
    db.session.add(row)
    audit.record(
        "timesheets.month.locked", actor=actor, now=now, object_type="month",
        month=month.isoformat(),
    )  # fmt: skip
    db.session.flush()
    return row
