"""Days as people count them on a calendar on the wall: slowly, and by nobody's rules but these."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


def _days(*texts: str) -> frozenset[date]:
    return frozenset(date.fromisoformat(text) for text in texts)


# Read off printed calendars, from September 2026 to January 2027.
_FRANCE = _days("2026-11-01", "2026-11-11", "2026-12-25", "2027-01-01")
_GERMANY = _days("2026-10-03", "2026-12-25", "2026-12-26", "2027-01-01")
HOLIDAYS: Mapping[tuple[str, str], frozenset[date]] = {
    ("FR", ""): _FRANCE,
    ("FR", "67"): _FRANCE | _days("2026-12-26"),
    ("FR", "971"): _FRANCE,
    ("FR", "974"): _FRANCE | _days("2026-12-20"),
    ("DE", ""): _GERMANY,
    ("DE", "BB"): _GERMANY | _days("2026-10-31"),
    ("DE", "BY"): _GERMANY | _days("2026-11-01", "2027-01-06"),
    ("DE", "SN"): _GERMANY | _days("2026-10-31", "2026-11-18"),
}


class Wall:
    """Whether a day is worked on; `closed` beside the holidays."""

    def __init__(
        self,
        country: str,
        region: str,
        *,
        closed: frozenset[date] = frozenset(),
        six_days: bool = False,
    ) -> None:
        self._free = HOLIDAYS[country, region] | closed
        self._weekdays = range(6 if six_days else 5)

    def open(self, day: date) -> bool:
        return day.weekday() in self._weekdays and day not in self._free

    def step(self, day: date, count: int) -> date:
        """So many open days later, or earlier."""
        one = DAY if count > 0 else -DAY
        left = abs(count)
        while left:
            day += one
            left -= self.open(day)
        return day

    def shifted(self, day: date, shift: str) -> date | None:
        if self.open(day) or shift == "none":
            return day
        if shift == "skip":
            return None
        return self.step(day, 1 if shift == "after" else -1)


def every_day(first: date, last: date) -> list[date]:
    return [first + n * DAY for n in range((last - first).days + 1)]


def days_of_month(day: date) -> list[date]:
    first = day.replace(day=1)
    return [one for n in range(31) if (one := first + n * DAY).month == day.month]


def local(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()
