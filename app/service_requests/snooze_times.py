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
    return typed.replace(tzinfo=zone).astimezone(UTC)
