"""Which price counts in a month: of the approved ones that cover it, the one approved last; else the
plan's. So each month has one price, whatever was agreed in which order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from billing.plans import BY_KEY, Part
from billing.prices.models import PriceDecision, PriceOverride


@dataclass(frozen=True, slots=True)
class Proposal:
    row: PriceOverride
    decision: PriceDecision | None

    @property
    def part(self) -> Part:
        return BY_KEY[self.row.lookup_key]

    @property
    def state(self) -> str:
        return self.decision.verdict if self.decision else "proposed"

    @property
    def last_day(self) -> date | None:
        return self.row.ends_on - timedelta(days=1) if self.row.ends_on else None

    def covers(self, day: date) -> bool:
        return self.row.starts_on <= day and (self.row.ends_on is None or day < self.row.ends_on)


def day_of(at: datetime) -> date:
    """Periods are months in UTC, whatever the reader's zone."""
    return at.astimezone(UTC).date()


def in_force(proposals: Iterable[Proposal], part: Part, day: date) -> Proposal | None:
    found = [
        one
        for one in proposals
        if one.state == "approved" and one.row.lookup_key == part.lookup_key and one.covers(day)
    ]
    return max(found, key=_approved, default=None)


def unit_amount(proposals: Iterable[Proposal], part: Part, day: date) -> Decimal:
    found = in_force(proposals, part, day)
    return found.row.unit_amount if found else part.unit_amount


def turns(proposals: Iterable[Proposal], after: date) -> Sequence[date]:
    """The days after this one on which approved prices begin or end."""
    found = {
        day
        for one in proposals
        if one.state == "approved"
        for day in (one.row.starts_on, one.row.ends_on)
        if day is not None and day > after
    }
    return sorted(found)


def newest_approval(proposals: Iterable[Proposal]) -> PriceDecision | None:
    found = [one for one in proposals if one.state == "approved"]
    return max(found, key=_approved).decision if found else None


def _approved(one: Proposal) -> tuple[datetime, str]:
    assert one.decision is not None
    return one.decision.decided_at, str(one.decision.id)
