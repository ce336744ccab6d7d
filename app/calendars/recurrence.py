"""When something that comes again and again is due, by a company's own calendar.

A rule has periods in order, each with a name that stays ('2026-11', '2026-11-23') and one moment,
which follows from the calendar. A time of day that a night leaves out is the first that there is
after it; one that comes twice is the first.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from app.calendars.business_time import BusinessCalendar
from app.calendars.offsets import instant_of, micros, stretches

DAY = timedelta(days=1)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# What becomes of a day that isn't a business day: it stays, or the business day before or after.
Adjust = Literal["none", "before", "after"]


class Moment(NamedTuple):
    period: str
    at: datetime


class Rule(ABC):
    """Periods have numbers one after the other; a later one's moment is never the earlier one."""

    @property
    @abstractmethod
    def text(self) -> str:
        """The rule in words; rules with the same words are the same."""

    @abstractmethod
    def name(self, number: int) -> str: ...

    @abstractmethod
    def number(self, name: str) -> int:
        """ValueError for what isn't a period of this rule."""

    @abstractmethod
    def near(self, day: date) -> int:
        """The number of a period that lies about there."""

    @abstractmethod
    def moment(self, number: int, calendar: BusinessCalendar) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Every(Rule):
    """Whole multiples in UTC, whatever the calendar; periods are named by their moment."""

    every: timedelta

    @property
    def text(self) -> str:
        return f"every {_length(self.every)}"

    def name(self, number: int) -> str:
        return f"{_EPOCH + number * self.every:%Y-%m-%dT%H:%M:%SZ}"

    def number(self, name: str) -> int:
        at = datetime.strptime(name, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        number, rest = divmod(at - _EPOCH, self.every)
        if rest:
            raise ValueError(name)
        return number

    def near(self, day: date) -> int:
        return (datetime.combine(day, time(), UTC) - _EPOCH) // self.every

    def moment(self, number: int, calendar: BusinessCalendar) -> datetime:
        return _EPOCH + number * self.every


@dataclass(frozen=True, slots=True)
class _Local(Rule):
    """One day of the company's calendar, at a time of its own zone."""

    at: time

    @abstractmethod
    def day(self, number: int, calendar: BusinessCalendar) -> date: ...

    def moment(self, number: int, calendar: BusinessCalendar) -> datetime:
        return instant(self.day(number, calendar), self.at, calendar.zone)


@dataclass(frozen=True, slots=True)
class _Monthly(_Local):
    def name(self, number: int) -> str:
        return f"{_first(number):%Y-%m}"

    def number(self, name: str) -> int:
        return _month(date.fromisoformat(f"{name}-01"))

    def near(self, day: date) -> int:
        return _month(day)


@dataclass(frozen=True, slots=True)
class NthBusinessDay(_Monthly):
    """The nth one of the month; -1 is the last, -2 the one before. A month that has fewer: its
    last (first) one; that has none: the first one after it."""

    nth: int

    def __post_init__(self) -> None:
        if not 1 <= abs(self.nth) <= 23:
            raise ValueError("no month has such a business day")

    @property
    def text(self) -> str:
        ends = "" if self.nth > 0 else " from the end"
        which = "last" if self.nth == -1 else f"{ordinal(abs(self.nth))}{ends}"
        return f"{which} business day of the month, {self.at:%H:%M}"

    def day(self, number: int, calendar: BusinessCalendar) -> date:
        first, following = _first(number), _first(number + 1)
        days = (first + n * DAY for n in range((following - first).days))
        found = [one for one in days if calendar.is_business_day(one)]
        if not found:
            return calendar.add_business_days(following, 0)
        if self.nth > 0:
            return found[min(self.nth, len(found)) - 1]
        return found[max(self.nth, -len(found))]


@dataclass(frozen=True, slots=True)
class DayOfMonth(_Monthly):
    """A shorter month has its last day instead."""

    nth: int
    adjust: Adjust = "none"

    def __post_init__(self) -> None:
        if not 1 <= self.nth <= 31:
            raise ValueError("no month has such a day")

    @property
    def text(self) -> str:
        return f"day {self.nth} of the month, {self.at:%H:%M}{_adjusted(self.adjust)}"

    def day(self, number: int, calendar: BusinessCalendar) -> date:
        first, following = _first(number), _first(number + 1)
        day = first + min(self.nth, (following - first).days) * DAY - DAY
        return adjusted(day, self.adjust, calendar)


@dataclass(frozen=True, slots=True)
class Weekday(_Local):
    """Once a week; 0 is Monday. Periods are named by the day that it would be."""

    weekday: int
    adjust: Adjust = "none"

    def __post_init__(self) -> None:
        if not 0 <= self.weekday <= 6:
            raise ValueError("no such day of the week")

    @property
    def text(self) -> str:
        return f"{WEEKDAYS[self.weekday]}, {self.at:%H:%M}{_adjusted(self.adjust)}"

    def name(self, number: int) -> str:
        return self._day(number).isoformat()

    def number(self, name: str) -> int:
        day = date.fromisoformat(name)
        if day.weekday() != self.weekday:
            raise ValueError(name)
        return self.near(day)

    def near(self, day: date) -> int:
        return (day.toordinal() - 1) // 7

    def day(self, number: int, calendar: BusinessCalendar) -> date:
        return adjusted(self._day(number), self.adjust, calendar)

    def _day(self, number: int) -> date:
        return date.fromordinal(number * 7 + self.weekday + 1)


@dataclass(frozen=True, slots=True)
class Daily(_Local):
    """Every day, open or not."""

    @property
    def text(self) -> str:
        return f"every day, {self.at:%H:%M}"

    def name(self, number: int) -> str:
        return date.fromordinal(number).isoformat()

    def number(self, name: str) -> int:
        return date.fromisoformat(name).toordinal()

    def near(self, day: date) -> int:
        return day.toordinal()

    def day(self, number: int, calendar: BusinessCalendar) -> date:
        return date.fromordinal(number)


def following(rule: Rule, calendar: BusinessCalendar, period: str) -> Iterator[Moment]:
    """The moments of the periods after this one, without end."""
    for number in count(rule.number(period) + 1):
        yield Moment(rule.name(number), rule.moment(number, calendar))


def latest(rule: Rule, calendar: BusinessCalendar, at: datetime) -> Moment:
    """Of the last period whose moment has come."""
    number = rule.near(at.astimezone(ZoneInfo(calendar.zone)).date())
    while rule.moment(number + 1, calendar) <= at:
        number += 1
    while rule.moment(number, calendar) > at:
        number -= 1
    return Moment(rule.name(number), rule.moment(number, calendar))


def adjusted(day: date, adjust: Adjust, calendar: BusinessCalendar) -> date:
    if adjust == "none" or calendar.is_business_day(day):
        return day
    return calendar.add_business_days(day, -1 if adjust == "before" else 1)


def instant(day: date, at: time, zone: str) -> datetime:
    """When the clock on that wall first shows this time or, where it never does, a later one."""
    wall, there = datetime.combine(day, at), ZoneInfo(zone)
    found = wall.replace(tzinfo=there).astimezone(UTC)
    if found.astimezone(there).replace(tzinfo=None) == wall:
        return found
    # Read with the offset from after the change it lies before the change.
    before = wall.replace(tzinfo=there, fold=1).astimezone(UTC)
    parts = list(stretches(zone, micros(before), micros(found) + 1))
    return instant_of(parts[-1][0])


def ordinal(number: int) -> str:
    ending = (
        "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    )
    return f"{number}{ending}"


def _first(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


def _month(day: date) -> int:
    return day.year * 12 + day.month - 1


def _adjusted(adjust: Adjust) -> str:
    return "" if adjust == "none" else f" or the business day {adjust}"


def _length(every: timedelta) -> str:
    for unit, size in (("d", DAY), ("h", timedelta(hours=1)), ("min", timedelta(minutes=1))):
        number, rest = divmod(every, size)
        if not rest:
            return f"{number} {unit}"
    return f"{every.total_seconds():g} s"
