"""On which days each repeated piece of work is due, found by looking at every single day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from tests.quarter.days import DAY, Wall, days_of_month, every_day
from tests.quarter.script import Firm, Repeat

# No rule of the script moves a day farther than this.
MARGIN = 60 * DAY


def wall_of(firm: Firm) -> Wall:
    return Wall(firm.country, firm.region, closed=firm.closed, six_days=firm.six_days)


def due_days(repeat: Repeat, firm: Firm, first: date, last: date) -> list[date]:
    """Between the two, moved as the rule says."""
    wall, found = wall_of(firm), []
    for base in _bases(repeat, firm, wall, first - MARGIN, last + MARGIN):
        day = wall.shifted(base, repeat.rule.get("shift", "none"))
        if day is not None:
            found.append(wall.step(day, repeat.rule.get("offset", 0)))
    return [day for day in found if first <= day <= last]


def _bases(
    repeat: Repeat, firm: Firm, wall: Wall, first: date, last: date
) -> Iterator[date]:  # fmt: skip
    for day in every_day(first, last):
        if SAYS[repeat.rule["kind"]](repeat.rule, day, wall, repeat, firm):
            yield day
        elif repeat.rule["kind"] == "deadline" and day.day == LEGAL_DAYS[repeat.rule["code"]]:
            # the law's own calendar: Monday to Friday, with the region's holidays
            legal = Wall(firm.country, firm.region).shifted(day, "after")
            assert legal is not None
            yield legal


LEGAL_DAYS = {"fr.dsn_15": 15, "de.ustva_month": 10}


def _week_day(rule: Any, day: date, *_: Any) -> bool:
    return bool(day.isoweekday() == rule["nth"])


def _month_day(rule: Any, day: date, *_: Any) -> bool:
    return bool(day.day == min(rule["nth"], len(days_of_month(day))))


def _business_day(rule: Any, day: date, wall: Wall, *_: Any) -> bool:
    found = [one for one in days_of_month(day) if wall.open(one)]
    place = rule["nth"] - 1 if rule["nth"] > 0 else rule["nth"]
    return bool(found[place] == day)


def _rrule(rule: Any, day: date, _wall: Wall, repeat: Repeat, _firm: Firm) -> bool:
    since = (day - repeat.starts_on).days
    if since < 0:
        return False
    if rule["text"] == "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU":
        monday = repeat.starts_on - repeat.starts_on.weekday() * DAY
        return day.isoweekday() == 2 and (day - monday).days // 7 % 2 == 0
    if rule["text"] == "FREQ=MONTHLY;BYDAY=-1FR":
        return bool(day == [one for one in days_of_month(day) if one.isoweekday() == 5][-1])
    assert rule["text"] == "FREQ=DAILY;INTERVAL=10"
    return since % 10 == 0


SAYS = {
    "week_day": _week_day, "month_day": _month_day, "business_day": _business_day,
    "rrule": _rrule, "deadline": lambda *_: False,
}  # fmt: skip
