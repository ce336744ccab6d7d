"""A period in the words of a company's language, for the titles of requests."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from babel.dates import format_date

from app.calendars.periods import Period
from app.web.formats import date_text

LONGEST_TITLE, LONGEST_REQUEST_TITLE = 90, 120
_WEEKS: Mapping[str, str] = {"fr": "semaine {1} ({0})", "de": "KW {1}/{0}", "en": "week {1}, {0}"}


@lru_cache(maxsize=4096)
def period_words(period: Period, language: str) -> str:
    first: date = period.first_day
    if period.unit == "day":
        return date_text(first, language)
    if period.unit == "week":
        return _WEEKS.get(language, _WEEKS["en"]).format(*first.isocalendar())
    if period.unit == "year":
        return str(first.year)
    pattern = "LLLL yyyy" if period.unit == "month" else "QQQ yyyy"
    return str(format_date(first, pattern, locale=language))


def title_of(title: str, about: Period, language: str) -> str:
    return f"{title} \u00b7 {period_words(about, language)}"[:LONGEST_REQUEST_TITLE]
