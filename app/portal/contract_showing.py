"""What a company's contract says, for its own people and the operators who work for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from app.catalogue.item import CatalogueItem
from app.catalogue.memory import offered_items
from app.contracts.models import ContractVersion
from app.contracts.offered import PRIORITIES
from app.contracts.periods import write_periods
from app.contracts.queries import get_terms, list_versions
from app.contracts.terms import ContractTerms, Target
from app.contracts.words import WEEKDAYS, cut_off_words
from app.service_requests.offers.queries import list_amendments, used_this_month
from app.service_requests.scope import Standing, stand
from tenants.permissions import Actor

NEXT_DAYS = 6


@dataclass(frozen=True, slots=True)
class ItemRow:
    item: CatalogueItem
    standing: Standing
    targets: Sequence[tuple[str, Target]]
    cut_off: str = ""


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """`hours` are empty for a day that is closed."""

    day: date
    hours: str


@dataclass(frozen=True, slots=True)
class ContractPage:
    terms: ContractTerms
    version: ContractVersion | None
    coming: ContractVersion | None
    versions: Sequence[ContractVersion]
    lines: Mapping[str, Sequence[ItemRow]]
    week: Sequence[tuple[str, str]]
    special: Sequence[SpecialDay]
    amendments: Sequence[Any]

    @property
    def has_cut_offs(self) -> bool:
        return any(row.cut_off for rows in self.lines.values() for row in rows)


def contract_page(*, actor: Actor, country: str, now: datetime) -> ContractPage:
    terms, versions = get_terms(now), list_versions()
    today = terms.calendar.local_day(now)
    visible = set(actor.visible_lines)
    items = [item for item in offered_items(country) if item.line in visible]
    coming = [
        one for one in versions if one.valid_from > today and one.number > (terms.number or 0)
    ]
    return ContractPage(
        terms=terms,
        version=next((one for one in versions if one.number == terms.number), None),
        coming=min(coming, key=lambda one: (one.valid_from, -one.number), default=None),
        versions=versions,
        lines=_lines(item_rows(terms, items, now)),
        week=[(day, write_periods(periods)) for day, periods in
              zip(WEEKDAYS, terms.calendar.week, strict=True)],
        special=special_days(terms, today),
        amendments=list_amendments(lines=actor.visible_lines),
    )  # fmt: skip


def item_rows(
    terms: ContractTerms, items: Sequence[CatalogueItem], now: datetime
) -> Sequence[ItemRow]:
    counted = [item.code for item in items if terms.quota(item.code) is not None]
    used = used_this_month(terms=terms, at=now, items=counted) if counted else {}
    return [
        ItemRow(
            item, stand(terms, item.code, used.get(item.code, 0)),
            [(one, terms.target(item.line, item.code, one)) for one in PRIORITIES],
            _cut_off(terms, item),
        )
        for item in items
    ]  # fmt: skip


def _cut_off(terms: ContractTerms, item: CatalogueItem) -> str:
    found = terms.item_term(item.code).cut_off
    return cut_off_words(found, item) if found else ""


def special_days(terms: ContractTerms, today: date) -> Sequence[SpecialDay]:
    """The next days that are not as the week says; those closed anyway are left out."""
    calendar, found = terms.calendar, []
    last = today + timedelta(days=400)
    for day in sorted({*calendar.closed, *calendar.half_days}):
        usual = calendar.week[day.weekday()]
        if today <= day <= last and usual and calendar.periods(day) != usual:
            found.append(SpecialDay(day, write_periods(calendar.periods(day))))
    return found[:NEXT_DAYS]


def _lines(rows: Sequence[ItemRow]) -> Mapping[str, Sequence[ItemRow]]:
    found: dict[str, list[ItemRow]] = {}
    for row in rows:
        found.setdefault(row.item.line, []).append(row)
    return found
