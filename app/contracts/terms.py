"""What a company and its provider agreed: pure, made from one version of the contract."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.calendars.business_time import BusinessCalendar
from app.contracts.offered import working_days

DAY_MINUTES = 8 * 60
HALF_DAY_MINUTES = 4 * 60
INCLUDED, QUOTA, OFFER = "included", "quota", "offer"
SCOPES = (INCLUDED, QUOTA, OFFER)


@dataclass(frozen=True, slots=True)
class Target:
    """In business minutes; None where nothing is promised."""

    first_response: int | None
    resolution: int | None


@dataclass(frozen=True, slots=True)
class ItemTerm:
    """`scope`: 'included', 'quota' (so many a month, then an offer) or 'offer' (always)."""

    scope: str
    quota: int | None = None


@dataclass(frozen=True, slots=True)
class CreditRules:
    """Basis points of a line's monthly base: the most in a month, and per breach by priority."""

    cap: int
    rates: Mapping[str, int]


NO_CREDITS = CreditRules(0, {})
INCLUDED_ITEM = ItemTerm(INCLUDED)


@dataclass(frozen=True, slots=True)
class ContractTerms:
    """`number` is the contract's version; None while there is no contract and defaults count."""

    calendar: BusinessCalendar
    number: int | None = None
    targets: Mapping[tuple[str, str | None, str], Target] = field(default_factory=dict)
    items: Mapping[str, ItemTerm] = field(default_factory=dict)
    credit_bases: Mapping[str, int] = field(default_factory=dict)
    credit_rules: CreditRules = NO_CREDITS
    approval_limits: Mapping[str, int] = field(default_factory=dict)
    approval_days: int = 10
    urgent_per_month: int | None = None
    pauses_for_third_party: bool = False
    reminder_days: tuple[int, ...] = (1, 3, 5)

    def target(self, line: str, item: str, priority: str) -> Target:
        """The item's own before the line's, before what holds without a contract."""
        for key in ((line, item, priority), (line, None, priority)):
            if key in self.targets:
                return self.targets[key]
        return default_target(working_days(item), priority)

    def item_term(self, item: str) -> ItemTerm:
        return self.items.get(item, INCLUDED_ITEM)

    def in_scope(self, item: str) -> bool:
        return self.item_term(item).scope != OFFER

    def quota(self, item: str) -> int | None:
        """How many a month are included; None for as many as are asked for."""
        term = self.item_term(item)
        return term.quota if term.scope == QUOTA else None

    def credit_base(self, line: str) -> int:
        """The line's monthly amount in cents that credits are a share of."""
        return self.credit_bases.get(line, 0)

    def approval_limit(self, line: str) -> int | None:
        """In cents: above it two people approve. None for no limit."""
        return self.approval_limits.get(line)


def default_target(days: int, priority: str) -> Target:
    whole = days * DAY_MINUTES
    resolution = {
        "urgent": min(whole, HALF_DAY_MINUTES),
        "high": whole // 2,
        "low": whole * 2,
    }.get(priority, whole)
    return Target(HALF_DAY_MINUTES, resolution)
