"""All versions of a client's contract at once: what held at any moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.contracts.document import first_document, terms_of
from app.contracts.terms import ContractTerms
from app.service_levels.months import Month, first_of, midnight, next_first, previous_first

_JUST_BEFORE = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Version:
    number: int
    valid_from: date
    document: Mapping[str, Any]


@dataclass(frozen=True)
class Agreements:
    """`versions` stand in the order of their numbers; a day begins in the client's own zone."""

    country: str
    zone: str
    versions: Sequence[Version]
    _made: dict[tuple[int | None, int], ContractTerms] = field(default_factory=dict)

    def at(self, moment: datetime) -> ContractTerms:
        local = moment.astimezone(ZoneInfo(self.zone)).date()
        held = [one for one in self.versions if one.valid_from <= local]
        number = held[-1].number if held else None
        key = (number, local.year)
        if key not in self._made:
            document = held[-1].document if held else first_document(self.country, self.zone)
            self._made[key] = terms_of(document, number=number, year=local.year)
        return self._made[key]

    def month(self, first: date) -> tuple[Month, ContractTerms]:
        """With the contract of its last day, which says how much is given back."""
        terms = self._at_end(first)
        before = self._at_end(previous_first(first))
        return Month(first, terms.calendar.zone, before.calendar.zone), terms

    def month_of(self, moment: datetime) -> date:
        """The first day of the month that holds this moment."""
        first = first_of(moment, self.at(moment).calendar.zone)
        span, _ = self.month(first)
        if moment < span.start:
            return previous_first(first)
        return first if moment < span.end else next_first(first)

    def next_to_sign(self, *, last: date | None, began: datetime | None) -> date | None:
        """The month after the last signed one, else that of the first clock."""
        if last:
            return next_first(last)
        return self.month_of(began) if began else None

    def _at_end(self, first: date) -> ContractTerms:
        return self.at(midnight(next_first(first), self.zone) - _JUST_BEFORE)
