"""The days of an invoice that comes again, and the period that each of them is about."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

from tenants.core.text import _m

# Which months an invoice is about, seen from the month of its day.
ABOUT: Mapping[str, str] = {
    "begins": _m("the period that begins in the month of the invoice"),
    "ahead": _m("the period that begins in the month after"),
    "ends": _m("the period that ends in the month of the invoice"),
    "before": _m("the period that ended in the month before"),
}
EVERY: Mapping[int, str] = {
    1: _m("every month"),
    2: _m("every two months"),
    3: _m("every quarter"),
    4: _m("every four months"),
    6: _m("every half year"),
    12: _m("every year"),
    24: _m("every two years"),
}
# Calendars go to the year 9999: so the period of each day ends within them.
_END = 9990 * 12


@dataclass(frozen=True, slots=True)
class Days:
    """Every `months` months on that `day`, or on the month's last where it has no such day; counted
    from the first such day that isn't before `starts_on`, until `ends_on`."""

    months: int
    day: int
    starts_on: date
    ends_on: date | None = None

    def every(self) -> Iterator[date]:
        month = month_of(self.starts_on)
        if self._in(month) < self.starts_on:
            month += 1
        for number in range(month, _END, self.months):
            found = self._in(number)
            if self.ends_on is not None and found > self.ends_on:
                return
            yield found

    def first(self, since: date) -> date | None:
        """The first one on that day or later."""
        return next(self.since(since), None)

    def after(self, day: date) -> date | None:
        return self.first(day + timedelta(days=1))

    def coming(self, since: date, *, most: int) -> list[date]:
        return list(islice(self.since(since), most))

    def since(self, day: date) -> Iterator[date]:
        return (one for one in self.every() if one >= day)

    def _in(self, month: int) -> date:
        return date(month // 12, month % 12 + 1, min(self.day, length_of(month)))


@dataclass(frozen=True, slots=True)
class Span:
    first: date
    last: date


def month_of(day: date) -> int:
    return day.year * 12 + day.month - 1


def length_of(month: int) -> int:
    return monthrange(month // 12, month % 12 + 1)[1]


def day_about(first: date, *, months: int, day: int, about: str) -> date:
    """The day of the invoice whose period begins then: the way back from `span_of`."""
    begins = month_of(first)
    month = {
        "begins": begins,
        "ahead": begins - 1,
        "ends": begins + months - 1,
        "before": begins + months,
    }[about]
    return date(month // 12, month % 12 + 1, min(day, length_of(month)))


def span_of(day: date, *, months: int, about: str) -> Span:
    """Whole months, as many as lie between two invoices."""
    month = month_of(day)
    first = {
        "begins": month,
        "ahead": month + 1,
        "ends": month - months + 1,
        "before": month - months,
    }[about]
    last = first + months - 1
    return Span(
        date(first // 12, first % 12 + 1, 1), date(last // 12, last % 12 + 1, length_of(last))
    )
