"""Rules written as in calendars, `FREQ=MONTHLY;INTERVAL=2;BYDAY=-1FR` (RFC 5545): the part of them
that says days, comes again for ever, and is found in little time."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time

from dateutil.rrule import rrule, rrulestr

from app.calendars.business_time import BusinessCalendar
from app.calendars.date_rules import FARTHEST, Base
from app.calendars.periods import Period, Unit, period_of
from tenants.core.text import _m

LONGEST = 120
_MOST_INTERVAL = {"DAILY": 365, "WEEKLY": 52, "MONTHLY": 36, "YEARLY": 10}
_PARTS = {
    "DAILY": {"FREQ", "INTERVAL"},
    "WEEKLY": {"FREQ", "INTERVAL", "BYDAY"},
    "MONTHLY": {"FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYSETPOS"},
    "YEARLY": {"FREQ", "INTERVAL", "BYMONTH", "BYDAY", "BYMONTHDAY", "BYSETPOS"},
}
_VALUES = {
    "FREQ": re.compile(r"[A-Z]+"),
    "INTERVAL": re.compile(r"[1-9]\d{0,2}", re.ASCII),
    "BYMONTH": re.compile(r"(1[0-2]|[1-9])(,(1[0-2]|[1-9]))*", re.ASCII),
    "BYMONTHDAY": re.compile(r"-?(3[01]|[12]\d|[1-9])(,-?(3[01]|[12]\d|[1-9]))*", re.ASCII),
    "BYDAY": re.compile(r"(-?[1-5])?(MO|TU|WE|TH|FR|SA|SU)(,(-?[1-5])?(MO|TU|WE|TH|FR|SA|SU))*",
                        re.ASCII),
    "BYSETPOS": re.compile(r"-?[1-4]", re.ASCII),
}  # fmt: skip

NOT_READ = _m(
    "Write the rule like FREQ=MONTHLY;BYMONTHDAY=10 or FREQ=WEEKLY;INTERVAL=2;BYDAY=TU. It may have "
    "FREQ, INTERVAL, BYMONTH, BYMONTHDAY, BYDAY and BYSETPOS."
)
NO_END = _m("Leave COUNT and UNTIL out of the rule and use the last day below.")
ONE_OF_BOTH = _m("Give either BYDAY or BYMONTHDAY: both together miss months.")
NEVER = _m("By this rule there is no day within three years. Change it.")


class RuleError(ValueError):
    """`args[0]` is an English source text for the person who wrote the rule."""


@dataclass(frozen=True, slots=True)
class Repeating(Base):
    """`start` is where intervals are counted from; nothing comes before it."""

    text: str
    start: date
    unit: Unit = field(init=False)
    _rule: rrule = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        parts = read_parts(self.text)
        begin = datetime.combine(self.start, time())
        try:
            rule = rrulestr(";".join(f"{k}={v}" for k, v in parts.items()), dtstart=begin)
        except ValueError as error:
            raise RuleError(NOT_READ) from error
        if (
            next(iter(rule.xafter(begin, count=1, inc=True)), begin + 2 * FARTHEST)
            > begin + FARTHEST
        ):
            raise RuleError(NEVER)
        object.__setattr__(self, "_rule", rule)
        object.__setattr__(self, "unit", _unit(parts))

    def days(
        self, first: date, last: date, calendar: BusinessCalendar
    ) -> Iterator[tuple[Period, date]]:
        begin, end = datetime.combine(first, time()), datetime.combine(last, time())
        for found in self._rule.between(begin, end, inc=True):
            yield period_of(self.unit, found.date()), found.date()


def read_parts(text: str) -> Mapping[str, str]:
    """In order; RuleError for what is not ours to read."""
    found: dict[str, str] = {}
    for part in text.strip().upper().removeprefix("RRULE:").replace(" ", "").split(";"):
        name, _, value = part.partition("=")
        if name in ("COUNT", "UNTIL"):
            raise RuleError(NO_END)
        if name not in _VALUES or name in found or not _VALUES[name].fullmatch(value):
            raise RuleError(NOT_READ)
        found[name] = value
    _check(found, text)
    return found


def _check(parts: Mapping[str, str], text: str) -> None:
    often = parts.get("FREQ", "")
    if len(text) > LONGEST or often not in _PARTS or not set(parts) <= _PARTS[often]:
        raise RuleError(NOT_READ)
    if int(parts.get("INTERVAL", "1")) > _MOST_INTERVAL[often]:
        raise RuleError(NOT_READ)
    if "BYDAY" in parts and "BYMONTHDAY" in parts:
        raise RuleError(ONE_OF_BOTH)
    numbered = any(char.isdigit() for char in parts.get("BYDAY", ""))
    by_place = "BYSETPOS" in parts and "BYDAY" not in parts
    # The first Monday of a year is said by its month.
    in_year = often == "YEARLY" and "BYMONTH" not in parts and {"BYDAY", "BYMONTHDAY"} & set(parts)
    if by_place or in_year or (numbered and ("BYSETPOS" in parts or often == "WEEKLY")):
        raise RuleError(NOT_READ)


def _unit(parts: Mapping[str, str]) -> Unit:
    """The longest period of which no two of its days can be."""
    several = any("," in parts.get(name, "") for name in ("BYMONTHDAY", "BYDAY"))
    weekly = "BYDAY" in parts and not any(char.isdigit() for char in parts["BYDAY"])
    often = parts["FREQ"]
    if often == "DAILY" or (several and "BYSETPOS" not in parts):
        return "day"
    if often == "WEEKLY":
        return "week"
    if weekly and "BYSETPOS" not in parts:
        return "day"
    return "month" if often == "MONTHLY" or "," in parts.get("BYMONTH", "") else "year"
