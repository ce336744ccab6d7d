"""What missed promises give back: pure, in whole cents."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.contracts.terms import CreditRules

WHOLE = 10_000
CONTEST_DAYS = 10
CURRENCY = "EUR"


@dataclass(frozen=True, slots=True)
class Credit:
    """Basis points: `rates` added up over the breaches, `cap` the most of a month; cents: `base` the
    line's monthly amount, `amount` the credit."""

    base: int
    cap: int
    rates: int
    breaches: int
    amount: int

    @property
    def share(self) -> int:
        return min(self.cap, self.rates)


def credit_of(severities: Iterable[str], *, base: int, rules: CreditRules) -> Credit:
    """`severities` are the priorities of the missed requests, one for each missed clock."""
    found = list(severities)
    rates = sum(rate_of(one, rules.rates) for one in found)
    share = min(rules.cap, rates)
    return Credit(base, rules.cap, rates, len(found), half_up(base * share, WHOLE))


def rate_of(severity: str, rates: Mapping[str, int]) -> int:
    return rates.get(severity, 0)


def half_up(amount: int, parts: int) -> int:
    """Half a cent and more counts as a cent; nothing here is below zero."""
    return (2 * amount + parts) // (2 * parts)


def contest_until(signed_at: datetime, zone: str) -> datetime:
    """The end of the tenth day after the one on which the month was signed."""
    local = signed_at.astimezone(ZoneInfo(zone))
    day = local.date() + timedelta(days=CONTEST_DAYS + 1)
    return datetime.combine(day, datetime.min.time(), ZoneInfo(zone))


def state_of(*, now: datetime, until: datetime, contested: bool, decided: bool) -> str:
    """'contested' while a contest waits, 'confirmed' once it is decided or none can come any more."""
    if contested and not decided:
        return "contested"
    return "confirmed" if decided or now >= until else "computed"
