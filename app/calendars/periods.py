"""Days, weeks, months, quarters and years with numbers one after the other, and names that stay."""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from typing import Literal, NamedTuple

Unit = Literal["day", "week", "month", "quarter", "year"]
UNITS: tuple[Unit, ...] = ("day", "week", "month", "quarter", "year")


class Period(NamedTuple):
    unit: Unit
    number: int

    @property
    def name(self) -> str:
        """2026-11-23, 2026-W47, 2026-11, 2026-Q4, 2026: in the order of time within a unit."""
        return _NAMES[self.unit](self.first_day)

    @property
    def first_day(self) -> date:
        return _FIRST[self.unit](self.number)

    @property
    def last_day(self) -> date:
        return date.fromordinal(_FIRST[self.unit](self.number + 1).toordinal() - 1)

    def moved(self, by: int) -> "Period":
        return Period(self.unit, self.number + by)


def period_of(unit: Unit, day: date) -> Period:
    return Period(unit, _NUMBER[unit](day))


def period_named(name: str) -> Period:
    """ValueError for what is no period's name."""
    for unit, pattern in _PATTERNS.items():
        if pattern.fullmatch(name):
            with suppress(ValueError):
                return period_of(unit, _read(unit, name))
    raise ValueError(f"{name!r} is no period")


def _read(unit: Unit, name: str) -> date:
    if unit == "year":
        return date(int(name), 1, 1)
    if unit == "quarter":
        return date(int(name[:4]), int(name[-1]) * 3 - 2, 1)
    if unit == "month":
        return date.fromisoformat(f"{name}-01")
    return date.fromisoformat(name)


_NUMBER: Mapping[Unit, Callable[[date], int]] = {
    "day": date.toordinal,
    "week": lambda day: (day.toordinal() - 1) // 7,
    "month": lambda day: day.year * 12 + day.month - 1,
    "quarter": lambda day: day.year * 4 + (day.month - 1) // 3,
    "year": lambda day: day.year,
}
_FIRST: Mapping[Unit, Callable[[int], date]] = {
    "day": date.fromordinal,
    "week": lambda number: date.fromordinal(number * 7 + 1),
    "month": lambda number: date(number // 12, number % 12 + 1, 1),
    "quarter": lambda number: date(number // 4, number % 4 * 3 + 1, 1),
    "year": lambda number: date(number, 1, 1),
}
_NAMES: Mapping[Unit, Callable[[date], str]] = {
    "day": date.isoformat,
    "week": lambda day: "{}-W{:02}".format(*day.isocalendar()),
    "month": lambda day: f"{day:%Y-%m}",
    "quarter": lambda day: f"{day.year}-Q{day.month // 3 + 1}",
    "year": lambda day: f"{day:%Y}",
}
_PATTERNS: Mapping[Unit, re.Pattern[str]] = {
    "day": re.compile(r"\d{4}-\d\d-\d\d", re.ASCII),
    "week": re.compile(r"\d{4}-W\d\d", re.ASCII),
    "month": re.compile(r"\d{4}-\d\d", re.ASCII),
    "quarter": re.compile(r"\d{4}-Q[1-4]", re.ASCII),
    "year": re.compile(r"\d{4}", re.ASCII),
}
