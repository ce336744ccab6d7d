"""How much working time a request in a list has left, from what stands on its own row."""

from datetime import datetime
from typing import Any, NamedTuple

from app.calendars.business_time import BusinessCalendar
from app.service_requests.models import NEVER
from app.service_requests.transitions import ENDED, PAUSED, PAUSED_BY_CONTRACT

STILL = (*PAUSED, *PAUSED_BY_CONTRACT)


class Left(NamedTuple):
    """`state`: running, over or paused; `clock` is the one that ends first, at `at`."""

    state: str
    clock: str
    minutes: int
    at: datetime


def time_left(row: Any, calendar: BusinessCalendar, now: datetime) -> Left | None:
    """None where nothing is counted any more, or nothing was promised. `row` has `state,
    state_since, raised_at, respond_by, due_at` and `breach_at`."""
    if row.state in ENDED or row.state == "delivered":
        return None
    promised = row.due_at > row.raised_at
    if row.state in STILL and row.breach_at >= NEVER:
        if not promised:
            return None
        left = calendar.minutes_between(row.state_since, row.due_at)
        return Left("paused", "resolution", left, row.due_at)
    if row.respond_by and not (promised and row.due_at < row.respond_by):
        at, clock = row.respond_by, "first_response"
    elif promised:
        at, clock = row.due_at, "resolution"
    else:
        return None
    left = calendar.minutes_between(now, at)
    return Left("over", clock, min(left, 0), at) if now > at else Left("running", clock, left, at)
