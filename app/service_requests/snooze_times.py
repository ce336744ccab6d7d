"""When a request comes back, in the reader's own zone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MORNING = time(9)


def preset(name: str, *, now: datetime, zone: ZoneInfo) -> datetime:
    """Tomorrow or next Monday, at nine."""
    today = now.astimezone(zone).date()
    days = 1 if name == "tomorrow" else 7 - today.weekday()
    return at_nine(today + timedelta(days=days), zone)


def at_nine(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, MORNING, zone).astimezone(UTC)


def local(typed: datetime, zone: ZoneInfo) -> datetime:
    """At the edges of the calendar, where UTC has no such moment, its own first or last one."""
    try:
        return typed.replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:
        first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
        return first if typed.year == first.year else last
