"""Where billing periods begin and end. Times are Unix seconds, the calendar is UTC."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime

from billing.sim.state import DAY

STEP = {"day": DAY, "week": 7 * DAY}


def boundary(anchor: int, interval: str, count: int, index: int) -> int:
    """The anchor moved by `index` periods; the 31st falls on a short month's last day."""
    if interval in STEP:
        return anchor + index * count * STEP[interval]
    origin = datetime.fromtimestamp(anchor, UTC)
    months = origin.year * 12 + origin.month - 1
    months += index * count * (12 if interval == "year" else 1)
    year, month = divmod(months, 12)
    day = min(origin.day, calendar.monthrange(year, month + 1)[1])
    return int(origin.replace(year=year, month=month + 1, day=day).timestamp())


def next_boundary(anchor: int, interval: str, count: int, after: int) -> int:
    longest = STEP.get(interval, 31 * DAY if interval == "month" else 366 * DAY) * count
    index = (after - anchor) // longest - 1
    while boundary(anchor, interval, count, index) <= after:
        index += 1
    return boundary(anchor, interval, count, index)


def previous_boundary(anchor: int, interval: str, count: int, before: int) -> int:
    longest = STEP.get(interval, 31 * DAY if interval == "month" else 366 * DAY) * count
    index = (before - anchor) // longest - 1
    while boundary(anchor, interval, count, index + 1) < before:
        index += 1
    return boundary(anchor, interval, count, index)


def anchor_from(config: dict[str, int], now: int) -> int:
    """The next moment that matches `day_of_month`, `hour`, `minute`, `second`."""
    at = datetime.fromtimestamp(now, UTC)
    at = at.replace(
        hour=config.get("hour", at.hour),
        minute=config.get("minute", at.minute),
        second=config.get("second", at.second),
    )
    year, month = at.year, at.month
    while True:
        day = min(config["day_of_month"], calendar.monthrange(year, month)[1])
        found = int(at.replace(year=year, month=month, day=day).timestamp())
        if found > now:
            return found
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
