"""How long a delivered request stays open to its client, in business days of their calendar."""

from datetime import date, datetime

from app.calendars.business_time import BusinessCalendar

CONFIRM_DAYS = 5
REOPEN_DAYS = 10


def last_day(calendar: BusinessCalendar, since: datetime, days: int) -> date:
    """The days-th business day after the one of `since`; it counts until its midnight."""
    return calendar.add_business_days(calendar.local_day(since), days)


def is_over(calendar: BusinessCalendar, since: datetime, days: int, now: datetime) -> bool:
    return calendar.local_day(now) > last_day(calendar, since, days)
