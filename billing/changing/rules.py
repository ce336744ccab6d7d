"""What a change of plan is: at once where it costs more, at the end of what is paid where it costs
less. Nothing here computes an amount: Stripe does."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from billing.plans import Interval, Plan
from tenants.core.text import _m

Kind = Literal["upgrade", "downgrade"]
# What was shown is charged within this time, or shown anew.
FRESH = timedelta(minutes=30)
# A change and the turn of a period keep out of each other's way.
APART = timedelta(hours=1)
# The states of a company in which it may go over to another plan.
MAY_CHANGE = ("trialing", "active")

NOT_IN: Mapping[str, str] = {
    "grace": _m("A payment is late. Pay what is open first, then change the plan."),
    "suspended": _m("A payment is late. Pay what is open first, then change the plan."),
    "paused": _m("Your subscription is paused. Resume it first, then change the plan."),
    "cancelled": _m("Your subscription has ended. Choose a plan to subscribe again."),
    "closed": _m("Your subscription has ended. Choose a plan to subscribe again."),
    "pending": _m("Your subscription has not begun yet."),
}


@dataclass(frozen=True, slots=True)
class Choice:
    plan: Plan
    interval: Interval

    @property
    def key(self) -> tuple[str, int, str]:
        return self.plan.key, self.plan.version, self.interval

    @property
    def base_key(self) -> str:
        return self.plan.priced(self.interval)[0].lookup_key


def kind_of(now: Choice, wanted: Choice) -> Kind | None:
    """None where nothing changes. From the year to the month is at the end of the year, whatever the
    plan: the year is paid. From the month to the year is at once."""
    if now.key == wanted.key:
        return None
    if now.interval != wanted.interval:
        return "upgrade" if wanted.interval == "year" else "downgrade"
    before = now.plan.priced(now.interval)[0].unit_amount
    after = wanted.plan.priced(wanted.interval)[0].unit_amount
    return "upgrade" if after >= before else "downgrade"


def is_stale(*, asked_at: datetime, turn: datetime | None, now: datetime) -> bool:
    """Whether the figures that were shown may not be charged any more."""
    return now - asked_at > FRESH or (turn is not None and now >= turn)


def too_near(*, turn: datetime, now: datetime) -> bool:
    return now >= turn - APART
