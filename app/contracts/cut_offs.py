"""Until when the client's inputs have to come, as the contract says it for an item."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from app.calendars.business_time import BusinessCalendar
from app.catalogue.document import CUT_OFF_MOST

MONTH_DAY, BUSINESS_DAY, AFTER = "month_day", "business_day", "after"
# The highest number that makes sense of each.
MOST: Mapping[str, int] = CUT_OFF_MOST
# What is asked for later than this is caught up with, not late.
CAUGHT_UP = timedelta(days=31)
DAY = timedelta(days=1)
_PERIOD = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class CutOff:
    """`kind`: the day of a month, the n-th business day of a month, or of those after the request
    was raised."""

    kind: str
    number: int

    def day(
        self, calendar: BusinessCalendar, raised_on: date, form: Mapping[str, Any]
    ) -> date | None:
        """An input is in time until its midnight. For a request about a period, the month is the
        one after it; else that in which it was raised."""
        found = self._day(calendar, raised_on, _month(form.get("period"), raised_on))
        return None if found < raised_on - CAUGHT_UP else found

    def _day(self, calendar: BusinessCalendar, raised_on: date, month: date) -> date:
        if self.kind == AFTER:
            return calendar.add_business_days(raised_on, self.number)
        last = _next(month) - DAY
        if self.kind == MONTH_DAY:
            return min(month + DAY * (self.number - 1), last)
        return min(calendar.add_business_days(month - DAY, self.number), last)


def _month(period: Any, raised_on: date) -> date:
    found = _PERIOD.match(str(period or ""))
    if found is None:
        return raised_on.replace(day=1)
    return _next(date(int(found[1]), int(found[2]), 1))


def _next(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)
