"""Statutory deadlines: on which days the law wants something, by its own calendar.

`statutory/<country>.toml` is what ships. An administrator checks these dates and says others in the
product; nothing here is legal advice, and nothing is declared or paid by it.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from app.calendars.business_time import BusinessCalendar
from app.calendars.date_rules import FARTHEST, Base, BusinessDay, DateRule, Due, FixedDay
from app.calendars.holidays import USUAL_WEEK, closed_days
from app.calendars.periods import Period, Unit

FOLDER = Path(__file__).parent / "statutory"
COUNTRIES = ("FR", "DE")
EVERY: tuple[Unit, ...] = ("month", "quarter", "year")
# Of the period in which it falls due: the one that it is about.
ABOUT = (-2, -1, 0, 1)
_FIRST_YEAR, _LAST_YEAR = 2020, 2045


@dataclass(frozen=True, slots=True)
class Deadline:
    """`titles` and `notes` are by language. With `own_days` each company has a day of its own among
    these. `about` is counted from the period that it falls due in. `banks`: closed on Christmas Eve
    and New Year's Eve, without the holidays of regions."""

    code: str
    country: str
    line: str
    titles: Mapping[str, str]
    legal: str
    rule: DateRule
    unit: Unit
    about: int = 0
    notes: Mapping[str, str] | None = None
    own_days: tuple[int, ...] = ()
    banks: bool = False
    valid_from: date | None = None
    valid_until: date | None = None

    def title(self, language: str) -> str:
        return self.titles.get(language) or self.titles["en"]

    def note(self, language: str) -> str:
        notes = self.notes or {}
        return notes.get(language) or notes.get("en", "")

    def on_day(self, day: int | None) -> "Deadline":
        """That of a company with a day of its own."""
        base = self.rule.base
        if day is None or not isinstance(base, FixedDay) or day not in self.own_days:
            return self
        return replace(self, rule=replace(self.rule, base=replace(base, nth=day)))

    def between(self, first: date, last: date, *, region: str = "") -> Iterator[Due]:
        first = max(first, self.valid_from or first)
        last = min(last, self.valid_until or last)
        yield from self.rule.between(first, last, legal_calendar(self.country, region, self.banks))


@dataclass(frozen=True, slots=True)
class OfDeadline(Base):
    """As the base of other rules: the days that the law says, already moved by its own calendar."""

    deadline: Deadline
    region: str = ""

    @property
    def unit(self) -> Unit:
        return self.deadline.unit

    def days(
        self, first: date, last: date, calendar: BusinessCalendar
    ) -> Iterator[tuple[Period, date]]:
        yield from self.deadline.between(first, last, region=self.region)


def deadline_of(code: str, document: Mapping[str, Any]) -> Deadline:
    """ValueError for what says no day."""
    every, nth = document["every"], document.get("business_day")
    if every not in EVERY or document["country"] not in COUNTRIES:
        raise ValueError("there is no such deadline")
    month = document.get("month")
    base: Base = (
        BusinessDay(every, nth, month) if nth else FixedDay(every, document["day"], month or 1)
    )
    rule = DateRule(base, document.get("shift", "none"), document.get("business_days_later", 0))
    about = document.get("about", 0)
    if about not in ABOUT or not document["title"].get("en"):
        raise ValueError("there is no such deadline")
    return Deadline(
        code=code, country=document["country"], line=document["line"], titles=document["title"],
        legal=document["legal"], rule=rule, unit=every, about=about, notes=document.get("note"),
        own_days=tuple(document.get("own_days", ())), banks=document.get("banks", False),
        valid_from=_day(document.get("valid_from")), valid_until=_day(document.get("valid_until")),
    )  # fmt: skip


@cache
def shipped_documents() -> Mapping[str, Mapping[str, Any]]:
    """By code, 'fr.dsn_15', in the order of the files."""
    found: dict[str, Mapping[str, Any]] = {}
    for country in COUNTRIES:
        text = (FOLDER / f"{country.lower()}.toml").read_text(encoding="utf-8")
        for one in tomllib.loads(text)["deadline"]:
            found[f"{country.lower()}.{one['code']}"] = {**one, "country": country}
    return found


@cache
def shipped_deadlines() -> Mapping[str, Deadline]:
    return {code: deadline_of(code, one) for code, one in shipped_documents().items()}


@lru_cache(maxsize=64)
def legal_calendar(country: str, region: str, banks: bool) -> BusinessCalendar:
    """Monday to Friday without public holidays: those of the region where it is not about banks."""
    closed = closed_days(country, "" if banks else region, _FIRST_YEAR, _LAST_YEAR)
    if banks:
        years = range(_FIRST_YEAR, _LAST_YEAR + 1)
        closed |= {date(year, 12, day) for year in years for day in (24, 31)}
    return BusinessCalendar(zone="UTC", week=USUAL_WEEK, closed=closed)


def coming(deadline: Deadline, today: date, *, region: str = "", most: int = 12) -> list[Due]:
    found = deadline.between(today, today + FARTHEST, region=region)
    return [due for _, due in zip(range(most), found, strict=False)]


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value
