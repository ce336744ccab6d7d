"""A week as a table: requests by days, with what the calendar expects."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from app.calendars.business_time import BusinessCalendar

DAYS = 7


@dataclass(frozen=True, slots=True)
class Week:
    """`first` is a Monday."""

    first: date

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range(DAYS)]

    @property
    def last(self) -> date:
        return self.first + timedelta(days=DAYS - 1)

    @property
    def name(self) -> str:
        year, week, _ = self.first.isocalendar()
        return f"{year}-W{week:02}"

    def shifted(self, weeks: int) -> "Week":
        return Week(self.first + timedelta(days=DAYS * weeks))


def week_of(day: date) -> Week:
    return Week(day - timedelta(days=day.weekday()))


def find_week(name: str, *, today: date) -> Week:
    """By its ISO name, as 2026-W47; the current one for anything else."""
    try:
        year, week = (int(part) for part in name.split("-W"))
        found = Week(date.fromisocalendar(year, week, 1))
    except ValueError:
        return week_of(today)
    return found if date(2020, 1, 1) <= found.first <= date(2100, 1, 1) else week_of(today)


@dataclass(slots=True)
class Line:
    """`key` tells lines apart; `head` is the first entry of it, with what names it."""

    head: Any
    minutes: dict[date, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.minutes.values())


@dataclass(frozen=True, slots=True)
class Sheet:
    week: Week
    lines: Sequence[Line]
    elsewhere: Mapping[date, int]
    expected: Mapping[date, int]

    def on(self, day: date) -> int:
        return sum(line.minutes.get(day, 0) for line in self.lines) + self.elsewhere.get(day, 0)

    @property
    def total(self) -> int:
        return sum(self.on(day) for day in self.week.days)

    @property
    def due(self) -> int:
        return sum(self.expected.values())


def lines_of(entries: Sequence[Any], key: Callable[[Any], tuple[Any, ...]]) -> list[Line]:
    found: dict[tuple[Any, ...], Line] = {}
    for one in entries:
        line = found.setdefault(key(one), Line(one))
        line.minutes[one.worked_on] = line.minutes.get(one.worked_on, 0) + int(one.minutes)
    return list(found.values())


def of_request(entry: Any) -> tuple[str, int]:
    return entry.client_code, entry.number


def make_sheet(
    *, week: Week, entries: Sequence[Any], days: Mapping[date, int], expected: Mapping[date, int]
) -> Sheet:
    """`days` are all minutes of the person; what the entries don't explain was worked for clients
    that are closed to them by now."""
    lines = sorted(lines_of(entries, of_request), key=lambda line: of_request(line.head))
    seen = {day: sum(line.minutes.get(day, 0) for line in lines) for day in week.days}
    elsewhere = {day: days.get(day, 0) - seen[day] for day in week.days}
    return Sheet(week, lines, {day: n for day, n in elsewhere.items() if n}, expected)


def expected_minutes(calendar: BusinessCalendar, days: Sequence[date]) -> dict[date, int]:
    return {day: sum(end - start for start, end in calendar.periods(day)) for day in days}


def by_person(sums: Sequence[Any], people: Sequence[Any]) -> list[tuple[Any, Line]]:
    """Everybody who is active, and whoever recorded something."""
    found: dict[UUID, Line] = {line.head.user_id: line for line in lines_of(sums, _person)}
    return [
        (one, found.get(one.user_id) or Line(one))
        for one in people
        if one.active or one.user_id in found
    ]


def _person(row: Any) -> tuple[UUID]:
    return (row.user_id,)
