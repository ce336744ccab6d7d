"""A recurrence's rule as it is stored, and the days that it says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from app.calendars.business_time import BusinessCalendar
from app.calendars.date_rules import Base, BusinessDay, DateRule, Due, FixedDay
from app.calendars.deadlines import Deadline, OfDeadline
from app.calendars.periods import Period
from app.calendars.repeating import Repeating, RuleError
from tenants.core.text import _m

KINDS = ("week_day", "month_day", "business_day", "deadline", "rrule")
NO_SUCH_DAY = _m("There is no such day. Look at the number and the month.")
NO_SUCH_DEADLINE = _m("Choose a deadline of the list.")
MOST_LEAD = 40


class Refused(ValueError):
    """`field` is the one of the rule's form that is wrong."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field, self.message = field, message


class Planned(NamedTuple):
    """`about` is the period that the work is about, `raise_on` the day on which it is raised."""

    period: Period
    about: Period
    due_on: date
    raise_on: date


@dataclass(frozen=True, slots=True)
class Plan:
    """A recurrence's days by the calendar of its client."""

    rule: DateRule
    about: int
    lead_days: int
    calendar: BusinessCalendar

    def between(self, first: date, last: date) -> list[Planned]:
        return [self._planned(due) for due in self.rule.between(first, last, self.calendar)]

    def coming(self, first: date, *, most: int, last: date | None = None) -> list[Planned]:
        found = self.rule.coming(first, self.calendar, most=most)
        return [self._planned(due) for due in found if last is None or due.on <= last]

    def horizon(self, day: date) -> date:
        """What is due until then is raised on this day at the latest."""
        return self.calendar.add_business_days(day, self.lead_days) if self.lead_days else day

    def _planned(self, due: Due) -> Planned:
        raise_on = due.on
        if self.lead_days:
            raise_on = self.calendar.add_business_days(due.on, -self.lead_days)
        return Planned(due.period, due.period.moved(self.about), due.on, raise_on)


def rule_of(
    stored: Mapping[str, Any], *, start: date, deadlines: Mapping[str, Deadline], region: str = ""
) -> DateRule:
    """Refused for what says no day."""
    try:
        return DateRule(
            _base(stored, start, deadlines, region), stored.get("shift", "none"),
            stored.get("offset", 0),
        )  # fmt: skip
    except RuleError as error:
        raise Refused("text", str(error)) from error
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, Refused):
            raise
        raise Refused("nth", NO_SUCH_DAY) from error


def _base(
    stored: Mapping[str, Any], start: date, deadlines: Mapping[str, Deadline], region: str
) -> Base:
    kind = stored["kind"]
    if kind == "week_day":
        return FixedDay("week", stored["nth"])
    if kind == "month_day":
        return FixedDay(stored["unit"], stored["nth"], stored.get("month") or 1)
    if kind == "business_day":
        return BusinessDay(stored["unit"], stored["nth"], stored.get("month"))
    if kind == "rrule":
        return Repeating(stored["text"], start)
    deadline = deadlines.get(stored["code"])
    if kind != "deadline" or deadline is None:
        raise Refused("code", NO_SUCH_DEADLINE)
    return OfDeadline(deadline.on_day(stored.get("day")), region)
