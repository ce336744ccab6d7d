"""On which days something comes again and again, each for a period of its own: pure.

A rule has a base, which says a day for each period, and what becomes of that day: moved off a
closed day, then by so many business days. A later period's day is never the earlier one, and a day
that moves takes its period's name along: no change of holidays makes a period come twice.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Literal, NamedTuple

from app.calendars.business_time import BusinessCalendar
from app.calendars.periods import Period, Unit, period_of

DAY = timedelta(days=1)
# What becomes of a day that is closed: it stays, the business day before or after, or nothing.
Shift = Literal["none", "before", "after", "skip"]
SHIFTS: tuple[Shift, ...] = ("none", "before", "after", "skip")
MOST_OFFSET = 40
# No base day lies further from the day that becomes of it: forty business days and the holidays.
_MARGIN = timedelta(days=100)
# How many are ever listed, and how far ahead: calendars know their holidays for some years.
MOST = 400
FARTHEST = timedelta(days=3 * 366)


class Due(NamedTuple):
    period: Period
    on: date


class Base(ABC):
    @abstractmethod
    def days(
        self, first: date, last: date, calendar: BusinessCalendar
    ) -> Iterator[tuple[Period, date]]:
        """In order, those that lie between, and perhaps some more."""


class _OfPeriods(Base):
    unit: Unit

    def days(
        self, first: date, last: date, calendar: BusinessCalendar
    ) -> Iterator[tuple[Period, date]]:
        period, ending = period_of(self.unit, first).moved(-1), period_of(self.unit, last)
        while period.number <= ending.number + 1:
            yield period, self.day(period, calendar)
            period = period.moved(1)

    @abstractmethod
    def day(self, period: Period, calendar: BusinessCalendar) -> date: ...


@dataclass(frozen=True, slots=True)
class FixedDay(_OfPeriods):
    """The so-many-th day of a week (1 is Monday), or of a month of the quarter or year; a shorter
    month has its last day instead."""

    unit: Unit
    nth: int
    month: int = 1

    def __post_init__(self) -> None:
        most = {"week": 7, "month": 31, "quarter": 31, "year": 31}.get(self.unit, 0)
        _check(1 <= self.nth <= most and _has_month(self.unit, self.month))

    def day(self, period: Period, calendar: BusinessCalendar) -> date:
        if self.unit == "week":
            return period.first_day + (self.nth - 1) * DAY
        month = _month(period, self.month)
        return min(month.first_day + (self.nth - 1) * DAY, month.last_day)


@dataclass(frozen=True, slots=True)
class BusinessDay(_OfPeriods):
    """The nth one of the period, -1 the last; with a month, of that month of the quarter or year.
    Where there are fewer: the last (first) one; where there is none: the next one after it."""

    unit: Unit
    nth: int
    month: int | None = None

    def __post_init__(self) -> None:
        most = 23 if self.unit == "month" or self.month else {"quarter": 66, "year": 262}
        limit = most if isinstance(most, int) else most.get(self.unit, 0)
        _check(1 <= abs(self.nth) <= limit and _has_month(self.unit, self.month or 1))

    def day(self, period: Period, calendar: BusinessCalendar) -> date:
        whole = period if self.month is None else _month(period, self.month)
        first, last = whole.first_day, whole.last_day
        if self.nth > 0:
            found = calendar.add_business_days(first - DAY, self.nth)
            if found <= last:
                return found
            found = calendar.add_business_days(last + DAY, -1)
        else:
            found = calendar.add_business_days(last + DAY, self.nth)
            if found >= first:
                return found
            found = calendar.add_business_days(first - DAY, 1)
        return found if first <= found <= last else calendar.add_business_days(last, 1)


@dataclass(frozen=True, slots=True)
class DateRule:
    base: Base
    shift: Shift = "none"
    offset: int = 0

    def __post_init__(self) -> None:
        _check(abs(self.offset) <= MOST_OFFSET and self.shift in SHIFTS)

    def between(self, first: date, last: date, calendar: BusinessCalendar) -> Iterator[Due]:
        """What falls due on these days, both included, in order."""
        for period, day in self.base.days(first - _MARGIN, last + _MARGIN, calendar):
            found = self._moved(day, calendar)
            if found is not None and first <= found <= last:
                yield Due(period, found)

    def coming(self, first: date, calendar: BusinessCalendar, *, most: int = MOST) -> list[Due]:
        """From this day on, as far as calendars reach."""
        return list(islice(self.between(first, first + FARTHEST, calendar), min(most, MOST)))

    def _moved(self, day: date, calendar: BusinessCalendar) -> date | None:
        if not calendar.is_business_day(day):
            if self.shift == "skip":
                return None
            if self.shift != "none":
                day = calendar.add_business_days(day, -1 if self.shift == "before" else 1)
        return calendar.add_business_days(day, self.offset) if self.offset else day


def _month(period: Period, nth: int) -> Period:
    return period_of("month", period.first_day).moved(nth - 1)


def _has_month(unit: Unit, month: int) -> bool:
    return 1 <= month <= {"quarter": 3, "year": 12}.get(unit, 1)


def _check(sound: bool) -> None:
    if not sound:
        raise ValueError("there is no such day")
