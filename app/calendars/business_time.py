"""Time as it is agreed: counted only while a calendar is open, in its own time zone.

An instant is open when the clock on the wall stands in one of the day's periods. So a period that
falls into the hour that a night leaves out is shorter, one in the hour that comes twice is longer.
"""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate, pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.calendars.offsets import instant_of, micros, stretches, stretches_back, stretches_of_year

# Minutes of the local day, from and to: (540, 750) is 09:00-12:30.
Period = tuple[int, int]
Periods = tuple[Period, ...]
DAY_MINUTES = 24 * 60
MINUTE = timedelta(minutes=1)
_MINUTE, _DAY = 60_000_000, 86_400_000_000
# How far is looked before the count is given up; every closure ends long before.
_FAR = 200 * 366 * _DAY


class NeverOpen(ValueError):
    """The calendar doesn't open in any time that matters."""


class _Year(NamedTuple):
    """(from, to, offset, skew) of each stretch, and the skew of the whole year."""

    stretches: tuple[tuple[int, int, int, int], ...]
    skew: int


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """`week` has the periods of Monday to Sunday; `half_days` what a date has instead."""

    zone: str
    week: tuple[Periods, ...]
    closed: frozenset[date] = frozenset()
    half_days: Mapping[date, Periods] = field(default_factory=dict, hash=False)
    _before: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _special: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _differences: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _other: Mapping[int, Periods] = field(init=False, repr=False, compare=False)
    _years: dict[int, _Year] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.week) != 7 or not any(self.week):
            raise NeverOpen("a week has seven days, and is open on one of them")
        for periods in (*self.week, *self.half_days.values()):
            _check(periods)
        other = {day.toordinal(): periods for day, periods in self.half_days.items()}
        object.__setattr__(self, "_other", other | {day.toordinal(): () for day in self.closed})
        usual = [_length(periods) for periods in self.week]
        special = sorted(self._other)
        differences = (_length(self._periods(day)) - usual[(day - 1) % 7] for day in special)
        object.__setattr__(self, "_before", tuple(accumulate(usual, initial=0)))
        object.__setattr__(self, "_special", tuple(special))
        object.__setattr__(self, "_differences", tuple(accumulate(differences, initial=0)))

    def periods(self, day: date) -> Periods:
        return self._periods(day.toordinal())

    def is_business_day(self, day: date) -> bool:
        return bool(self.periods(day))

    def is_open(self, at: datetime) -> bool:
        local = at.astimezone(ZoneInfo(self.zone))
        minute = local.hour * 60 + local.minute
        return any(begin <= minute < end for begin, end in self.periods(local.date()))

    def time_between(self, start: datetime, end: datetime) -> timedelta:
        """The open time from start to end, exactly; below zero when end is the earlier."""
        if end < start:
            return -self.time_between(end, start)
        begun, before = self._within_year(start)
        ended, found = self._within_year(end)
        between = sum(self._year(year).skew for year in range(begun, ended))
        return timedelta(microseconds=found - before + between)

    def minutes_between(self, start: datetime, end: datetime) -> int:
        """Whole minutes, toward zero."""
        found = self.time_between(start, end)
        return found // MINUTE if found >= timedelta() else -(-found // MINUTE)

    def add_time(self, start: datetime, wanted: timedelta) -> datetime:
        """The first instant with this much open time since start; for less than nothing the last
        one with it until start."""
        amount = wanted // timedelta(microseconds=1)
        if amount < 0:
            return self._earlier(start, -amount)
        if amount == 0:
            return start
        at = micros(start)
        for a, b, offset in stretches(self.zone, at, at + _FAR):
            done = self._until(a + offset)
            here = self._until(b + offset) - done
            if amount <= here:
                return instant_of(self._first_with(done + amount, a + offset, b + offset) - offset)
            amount -= here
        raise NeverOpen("this calendar has no time left")

    def add_minutes(self, start: datetime, minutes: int) -> datetime:
        return self.add_time(start, timedelta(minutes=minutes))

    def next_open(self, at: datetime) -> datetime:
        """`at` itself while open, else the next opening."""
        if self.is_open(at):
            return at
        # Periods begin and end at whole minutes.
        return self.add_minutes(at, 1) - MINUTE

    def add_business_days(self, day: date, count: int) -> date:
        """The count-th business day after (before) it; for 0 the day itself or the next one."""
        step = timedelta(days=-1 if count < 0 else 1)
        left = abs(count)
        if left == 0:
            day, left = day - step, 1
        while left:
            day += step
            left -= self.is_business_day(day)
        return day

    def midnight(self, day: date) -> datetime:
        """The instant at which this day begins on the wall."""
        return datetime.combine(day, time(), ZoneInfo(self.zone)).astimezone(UTC)

    def closing(self, day: date) -> datetime:
        """When this day's last period ends; of a closed day, the one before it."""
        return self.add_time(self.midnight(day + timedelta(days=1)), -MINUTE) + MINUTE

    def local_day(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self.zone)).date()

    def _earlier(self, start: datetime, amount: int) -> datetime:
        at = micros(start)
        for a, b, offset in stretches_back(self.zone, at - _FAR, at):
            done = self._until(b + offset)
            here = done - self._until(a + offset)
            if amount <= here:
                return instant_of(self._last_with(done - amount, a + offset, b + offset) - offset)
            amount -= here
        raise NeverOpen("this calendar has no time before")

    def _periods(self, ordinal: int) -> Periods:
        found = self._other.get(ordinal)
        return self.week[(ordinal - 1) % 7] if found is None else found

    def _within_year(self, at: datetime) -> tuple[int, int]:
        """The UTC year, and what was open before: by the wall, and right within this year."""
        at = at.astimezone(UTC)
        found = micros(at)
        for _, ends, offset, skew in self._year(at.year).stretches:
            if found < ends:
                return at.year, self._until(found + offset) + skew
        raise AssertionError("a year has an end")

    def _year(self, year: int) -> _Year:
        """Counting by the wall goes wrong by as much as a change of the clocks hides or repeats of
        open time: mostly nothing, since it comes at night."""
        if year not in self._years:
            found: list[tuple[int, int, int, int]] = []
            skew = 0
            for begins, ends, offset in stretches_of_year(self.zone, year):
                if found:
                    skew += self._until(begins + found[-1][2]) - self._until(begins + offset)
                found.append((begins, ends, offset, skew))
            following = stretches_of_year(self.zone, year + 1)[0]
            skew += self._until(following[0] + offset) - self._until(following[0] + following[2])
            self._years[year] = _Year(tuple(found), skew)
        return self._years[year]

    def _until_day(self, days: int) -> int:
        """Open minutes of all days before this one, counted from the first day that there is."""
        weeks, rest = divmod(days, 7)
        special = self._differences[bisect_left(self._special, days + 1)]
        return weeks * self._before[7] + self._before[rest] + special

    def _until(self, wall: int) -> int:
        """Open microseconds before this wall time, as if there were no change of the clocks."""
        days, rest = divmod(wall, _DAY)
        found = self._until_day(days) * _MINUTE
        for begin, end in self._periods(days + 1):
            if rest <= begin * _MINUTE:
                break
            found += min(rest, end * _MINUTE) - begin * _MINUTE
        return found

    def _first_with(self, amount: int, low: int, high: int) -> int:
        """The first wall time with this much before it; found by day, then within the day."""
        first, last = low // _DAY, high // _DAY
        while first < last:
            middle = (first + last + 1) // 2
            if self._until_day(middle) * _MINUTE < amount:
                first = middle
            else:
                last = middle - 1
        missing = amount - self._until_day(first) * _MINUTE
        for begin, end in self._periods(first + 1):
            if missing <= (end - begin) * _MINUTE:
                return first * _DAY + begin * _MINUTE + missing
            missing -= (end - begin) * _MINUTE
        raise NeverOpen("no such time")

    def _last_with(self, amount: int, low: int, high: int) -> int:
        """The last wall time with only this much before it."""
        first, last = low // _DAY, high // _DAY
        while first < last:
            middle = (first + last + 1) // 2
            if self._until_day(middle) * _MINUTE <= amount:
                first = middle
            else:
                last = middle - 1
        left = amount - self._until_day(first) * _MINUTE
        for begin, end in self._periods(first + 1):
            if left < (end - begin) * _MINUTE:
                return first * _DAY + begin * _MINUTE + left
            left -= (end - begin) * _MINUTE
        raise NeverOpen("no such time")


def _length(periods: Periods) -> int:
    return sum(end - begin for begin, end in periods)


def _check(periods: Periods) -> None:
    if any(not 0 <= begin < end <= DAY_MINUTES for begin, end in periods):
        raise ValueError("a period begins before it ends, within one day")
    if any(later[0] < earlier[1] for earlier, later in pairwise(periods)):
        raise ValueError("periods of a day stand in order and don't overlap")
