"""What a company owes and brings, from figures alone.

MRR: the base fee in force, a year's by twelve; a trial brings nothing yet, a late payment still
counts, a paused or unpaid subscription doesn't.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from billing.plans import CURRENCY, Interval, Part, Plan
from billing.prices.in_force import Proposal, day_of, unit_amount
from tenants.core.money import to_minor

BRINGING = ("active", "past_due")
# Usage of a trial is counted and not charged.
FREE = ("trialing",)


@dataclass(frozen=True, slots=True)
class MeterMonth:
    """`unbilled` of the `quantity` stands on no final invoice; `month` is its first day, in UTC."""

    meter: str
    month: date
    quantity: int
    unbilled: int


@dataclass(frozen=True, slots=True)
class MeterAmount:
    part: Part
    month: date
    quantity: int
    over: int
    unit_amount: Decimal
    minor: int
    unbilled_minor: int


@dataclass(frozen=True, slots=True)
class Work:
    """`overage_minor` is the usage beyond what is included, of the running month."""

    meters: Sequence[MeterAmount]
    overage_minor: int
    usage_minor: int
    items_minor: int
    time_minor: int
    pending_minutes: int

    @property
    def unbilled_minor(self) -> int:
        return self.usage_minor + self.items_minor + self.time_minor


def monthly_revenue(
    plan: Plan, interval: Interval, status: str | None, agreed: Sequence[Proposal], day: date
) -> int:
    if status not in BRINGING:
        return 0
    base = plan.bases.get(interval) or plan.bases["month"]
    amount = unit_amount(agreed, base, day)
    if base.interval == "year":
        amount = amount / 12
    return to_minor(amount.scaleb(-2), CURRENCY)


def work_of(
    plan: Plan,
    status: str | None,
    usage: Iterable[MeterMonth],
    agreed: Sequence[Proposal],
    *,
    items_minor: int,
    pending_minutes: int,
    now: datetime,
) -> Work:
    """Nothing is owed for usage of a trial, nor for a meter that the plan has no price of."""
    charged = status not in FREE
    months = {(one.meter, one.month): one for one in usage}
    running = day_of(now).replace(day=1)
    meters = [
        _amount(part, one, agreed, charged=charged)
        for one in sorted(months.values(), key=lambda one: (one.month, one.meter))
        if (part := plan.part_of(one.meter)) is not None
    ]
    return Work(
        meters=meters,
        overage_minor=sum(one.minor for one in meters if one.month == running),
        usage_minor=sum(one.unbilled_minor for one in meters),
        items_minor=items_minor,
        time_minor=_time(plan, months, agreed, pending_minutes, running) if charged else 0,
        pending_minutes=pending_minutes,
    )


def _amount(
    part: Part, one: MeterMonth, agreed: Sequence[Proposal], *, charged: bool
) -> MeterAmount:
    price = unit_amount(agreed, part, one.month)
    whole = _priced(price, one.quantity - part.included)
    billed = _priced(price, one.quantity - one.unbilled - part.included)
    return MeterAmount(
        part, one.month, one.quantity, max(0, one.quantity - part.included), price,
        whole if charged else 0, whole - billed if charged else 0,
    )  # fmt: skip


def _time(
    plan: Plan,
    months: Mapping[tuple[str, date], MeterMonth],
    agreed: Sequence[Proposal],
    minutes: int,
    month: date,
) -> int:
    """Recorded time as if it were delivered now: behind what the month holds already."""
    part = plan.part_of("operator_minutes")
    if part is None or minutes <= 0:
        return 0
    price = unit_amount(agreed, part, month)
    used = months.get(("operator_minutes", month))
    before = (used.quantity if used else 0) - part.included
    return _priced(price, before + minutes) - _priced(price, before)


def _priced(price: Decimal, quantity: int) -> int:
    return to_minor((max(0, quantity) * price).scaleb(-2), CURRENCY)


@dataclass(frozen=True, slots=True)
class Movement:
    """One company from one month's end to the next."""

    tenant_id: UUID
    before: int
    after: int

    @property
    def kind(self) -> str:
        if self.before == self.after:
            return ""
        if not self.before:
            return "new"
        if not self.after:
            return "churn"
        return "expansion" if self.after > self.before else "contraction"

    @property
    def change(self) -> int:
        return self.after - self.before


MOVEMENTS = ("new", "expansion", "contraction", "churn")


@dataclass(frozen=True, slots=True)
class MonthMoved:
    month: date
    opening: int
    closing: int
    moved: Sequence[Movement]

    def sum(self, kind: str) -> int:
        return sum(one.change for one in self.moved if one.kind == kind)


def movements(
    ends: Mapping[tuple[UUID, date], int], months: Sequence[date]
) -> Sequence[MonthMoved]:
    """`ends` is what each company brought at a month's end. A month in which nobody looked stays as
    the one before; the first of `months` is only what the second begins with."""
    tenants = sorted({tenant for tenant, _ in ends}, key=str)
    standing = {tenant: ends.get((tenant, months[0]), 0) for tenant in tenants}
    found = []
    for month in months[1:]:
        moved = [
            Movement(tenant, standing[tenant], ends.get((tenant, month), standing[tenant]))
            for tenant in tenants
        ]
        opening = sum(standing.values())
        standing = {one.tenant_id: one.after for one in moved}
        found.append(
            MonthMoved(month, opening, sum(standing.values()), [one for one in moved if one.kind])
        )
    return found
