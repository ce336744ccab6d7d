"""Public holidays by French department and German Land, and the calendar that everybody starts with."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from app.calendars.business_time import BusinessCalendar, Periods
from tenants.core.later import Later

if TYPE_CHECKING:
    import holidays
else:
    holidays = Later("holidays")

MORNING_AND_AFTERNOON: Periods = ((9 * 60, 12 * 60 + 30), (13 * 60 + 30, 18 * 60))
USUAL_WEEK: tuple[Periods, ...] = (MORNING_AND_AFTERNOON,) * 5 + ((),) * 2

# As INSEE numbers them: Corsica has letters, there is no 20, overseas have three digits.
FRENCH_DEPARTMENTS: tuple[str, ...] = (
    *(f"{n:02d}" for n in range(1, 20)), "2A", "2B", *(f"{n}" for n in range(21, 96)),
    "971", "972", "973", "974", "976",
)  # fmt: skip
# What the library calls them, where a department or territory has days of its own.
_FRENCH_PARTS: Mapping[str, str] = {
    "57": "57", "67": "6AE", "68": "6AE",
    "971": "971", "972": "972", "973": "973", "974": "974", "976": "976",
    "975": "PM", "977": "BL", "978": "MF", "984": "TF", "986": "WF", "987": "PF", "988": "NC",
}  # fmt: skip
GERMAN_LAENDER: tuple[str, ...] = (
    "BW", "BY", "BE", "BB", "HB", "HH", "HE", "MV", "NI", "NW", "RP", "SL", "SN", "ST", "SH", "TH",
)  # fmt: skip


def regions(country: str) -> tuple[str, ...]:
    """The codes that `closed_days` knows for a country; none where all of it has the same days."""
    found = {"FR": (*FRENCH_DEPARTMENTS, *_overseas()), "DE": GERMAN_LAENDER}
    return found.get(country, ())


def closed_days(country: str, region: str, year_from: int, year_to: int) -> frozenset[date]:
    """Public holidays of these years, both included. An unknown region has its country's days."""
    part = _part(country, region)
    return frozenset().union(
        *(_of_year(country, part, year) for year in range(year_from, year_to + 1))
    )


@lru_cache(maxsize=256)
def default_calendar(
    country: str, zone: str, region: str = "", year_from: int = 2022, year_to: int = 2036
) -> BusinessCalendar:
    """Monday to Friday, eight hours a day with a break at noon, without the public holidays."""
    closed = closed_days(country, region, year_from, year_to)
    return BusinessCalendar(zone=zone, week=USUAL_WEEK, closed=closed)


def _overseas() -> tuple[str, ...]:
    return tuple(code for code in _FRENCH_PARTS if code not in FRENCH_DEPARTMENTS)


def _part(country: str, region: str) -> str | None:
    if country == "FR":
        return _FRENCH_PARTS.get(region)
    return region if country == "DE" and region in GERMAN_LAENDER else None


@lru_cache(maxsize=4096)
def _of_year(country: str, part: str | None, year: int) -> frozenset[date]:
    if country not in holidays.list_supported_countries():
        return frozenset()
    return frozenset(holidays.country_holidays(country, subdiv=part, years=year))
