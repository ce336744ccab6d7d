"""Places in the texts of an invoice that comes again, filled with the period that it is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from babel.dates import format_date

from app.finance.sales_invoices.content import Draft, DraftLine
from app.finance.sales_invoices.schedules.recurrence import Span
from app.web.formats import date_text
from tenants.core.text import _m

PLACES: Mapping[str, str] = {
    "month": _m("its first month"),
    "quarter": _m("its quarter"),
    "year": _m("its year"),
    "from": _m("its first day"),
    "to": _m("its last day"),
}
TEXTS = ("note", "buyer_reference", "order", "contract", "project", "payment_terms")
LINE_TEXTS = ("name", "description", "item", "exemption_reason")
# No word that is put in is longer.
LONGEST = 12
UNKNOWN = _m(
    "This placeholder doesn't exist. There are {month}, {quarter}, {year}, {from} and {to}."
)
ALONE = _m("A brace stands alone here. Placeholders are written like {month}.")
_PLACE = re.compile(r"\{([^{}]*)\}")


def wrong_in(text: str) -> str:
    """What is wrong with the placeholders of a text; empty where nothing is."""
    if any(name not in PLACES for name in _PLACE.findall(text)):
        return UNKNOWN
    rest = _PLACE.sub("", text)
    return ALONE if "{" in rest or "}" in rest else ""


def longest(text: str) -> int:
    """How long it gets at most."""
    return len(_PLACE.sub("x" * LONGEST, text))


def words_of(span: Span, language: str) -> dict[str, str]:
    return {
        "month": str(format_date(span.first, "LLLL", locale=language)),
        "quarter": str(format_date(span.first, "QQQ", locale=language)),
        "year": str(span.first.year),
        "from": date_text(span.first, language),
        "to": date_text(span.last, language),
    }


def filled(text: str, words: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda found: words.get(found[1], found[0]), text)


def filled_in(content: Draft, words: Mapping[str, str]) -> Draft:
    lines = tuple(replace(line, **_texts(line, LINE_TEXTS, words)) for line in content.lines)
    return replace(content, lines=lines, **_texts(content, TEXTS, words))


def _texts(of: Draft | DraftLine, names: Iterable[str], words: Mapping[str, str]) -> dict[str, Any]:
    return {name: filled(getattr(of, name), words) for name in names}
