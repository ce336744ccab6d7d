"""What a company and its provider agreed: pure, made from one version of the contract."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from app.calendars.business_time import BusinessCalendar
from app.contracts.cut_offs import CutOff
from app.contracts.offered import usual_cut_off, working_days

DAY_MINUTES = 8 * 60
HALF_DAY_MINUTES = 4 * 60
INCLUDED, QUOTA, OFFER = "included", "quota", "offer"
SCOPES = (INCLUDED, QUOTA, OFFER)
STEPS = (1, 6, 15, 30)
NOTHING, TOTALS, DETAIL = "nothing", "totals", "detail"
SHOWN = (NOTHING, TOTALS, DETAIL)


@dataclass(frozen=True, slots=True)
class Target:
    """In business minutes; None where nothing is promised."""

    first_response: int | None
    resolution: int | None


@dataclass(frozen=True, slots=True)
class ItemTerm:
    """`scope`: 'included', 'quota' (so many a month, then an offer) or 'offer' (always). `cut_off`
    is for the client's inputs."""

    scope: str
    quota: int | None = None
    cut_off: CutOff | None = None


@dataclass(frozen=True, slots=True)
class CreditRules:
    """Basis points of a line's monthly base: the most in a month, and per breach by priority."""

    cap: int
    rates: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class TimeRules:
    """`step`: what is billed of a request's time is rounded up to so many minutes, once on its
    total. `shown` to the client: 'nothing', 'totals' or 'detail'; without `names` the provider's
    people have pseudonyms there."""

    step: int = 1
    shown: str = DETAIL
    names: bool = True


NO_CREDITS = CreditRules(0, {})
EVERYTHING = TimeRules()


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
    time: TimeRules = EVERYTHING

    def target(self, line: str, item: str, priority: str, version: int | None = None) -> Target:
        """The item's own before the line's, before what its version in the catalogue says."""
        for key in ((line, item, priority), (line, None, priority)):
            if key in self.targets:
                return self.targets[key]
        return default_target(working_days(item, version), priority)

    def item_term(self, item: str) -> ItemTerm:
        """What the contract doesn't name is included, with the cut-off of the catalogue."""
        return self.items.get(item) or ItemTerm(INCLUDED, cut_off=usual_cut_off(item))

    def in_scope(self, item: str) -> bool:
        return self.item_term(item).scope != OFFER

    def quota(self, item: str) -> int | None:
        """How many a month are included; None for as many as are asked for."""
        term = self.item_term(item)
        return term.quota if term.scope == QUOTA else None

    def inputs_due_on(
        self, item: str, *, raised_at: datetime, form: Mapping[str, Any]
    ) -> date | None:
        """The last day on which the client's inputs to such a request are in time."""
        cut_off = self.item_term(item).cut_off
        raised_on = self.calendar.local_day(raised_at)
        return cut_off.day(self.calendar, raised_on, form) if cut_off else None

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
