"""When an invoice is due by the terms of its customer."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from tenants.core.text import Words

_AT_THE_END = Words.of(
    {"en": "At the end of the month", "fr": "Fin de mois", "de": "Zum Monatsende"}
)
_ONE_DAY = Words.of(
    {"en": "1 day, then the end of the month", "fr": "1 jour fin de mois",
     "de": "1 Tag, dann zum Monatsende"}
)  # fmt: skip
_DAYS = Words.of(
    {"en": "%s days, then the end of the month", "fr": "%s jours fin de mois",
     "de": "%s Tage, dann zum Monatsende"}
)  # fmt: skip


def due_day(issued_on: date, days: int, *, end_of_month: bool) -> date:
    """France's “30 jours fin de mois” (C. com. art. L441-10, I) is the invoice's day and 30 days, and
    then the end of that month; not the end of the invoice's month and 30 days, which parties would
    have to agree on in words."""
    day = issued_on + timedelta(days=days)
    return day.replace(day=monthrange(day.year, day.month)[1]) if end_of_month else day


def in_words(days: int, language: str) -> str:
    """Of terms that go to the end of a month, as they stand on the invoice."""
    found = {0: _AT_THE_END, 1: _ONE_DAY}.get(days, _DAYS).in_language(language)
    return found.replace("%s", str(days))
