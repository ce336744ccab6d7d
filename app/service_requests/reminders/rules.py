"""When the client is reminded: at the opening of the so-many-th business day after the question."""

from collections.abc import Sequence
from datetime import datetime

from app.calendars.business_time import BusinessCalendar


def reminder_at(*, asked_at: datetime, day: int, calendar: BusinessCalendar) -> datetime:
    wanted = calendar.add_business_days(calendar.local_day(asked_at), day)
    return calendar.next_open(calendar.midnight(wanted))


def due_step(
    *, asked_at: datetime, days: Sequence[int], calendar: BusinessCalendar, now: datetime
) -> int | None:
    """The last of `days` whose time has come, from 0; None before the first one."""
    come = [
        step
        for step, day in enumerate(days)
        if reminder_at(asked_at=asked_at, day=day, calendar=calendar) <= now
    ]
    return max(come, default=None)


def supervisor_at(
    *, asked_at: datetime, days: Sequence[int], calendar: BusinessCalendar
) -> datetime | None:
    """A business day after the last reminder somebody else decides; None where nobody is reminded."""
    if not days:
        return None
    return reminder_at(asked_at=asked_at, day=max(days) + 1, calendar=calendar)
