"""What a client's invoices leave once the time is paid: by month and service line.

A fee for several months counts in each of them alike. What a meter charges belongs to its line;
operator minutes to the lines by the billable time of the month; a base fee and agreed prices to no
line of their own.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from billing.figures.models import InternalRate
from billing.plans import METERED_KEYS

LINE_OF: Mapping[str, str] = {
    "statement_lines": "finance", "payslips": "hr", "invoices_issued": "sales",
    "orders_handled": "sales", "deliveries": "logistics",
}  # fmt: skip
NO_LINE = ""
Place = tuple[UUID, date, str]


@dataclass(frozen=True, slots=True)
class Revenue:
    tenant_id: UUID
    lookup_key: str
    starts: datetime
    ends: datetime
    minor: int


@dataclass(frozen=True, slots=True)
class Time:
    tenant_id: UUID
    month: date
    user_id: UUID
    line: str
    minutes: int
    billable: int


@dataclass(slots=True)
class Margin:
    """`unrated` minutes have no rate: they cost nothing here, and somebody should know."""

    invoiced: int = 0
    cost: int = 0
    minutes: int = 0
    unrated: int = 0

    @property
    def left(self) -> int:
        return self.invoiced - self.cost

    @property
    def share(self) -> float | None:
        return self.left / self.invoiced if self.invoiced > 0 else None

    def add(self, other: "Margin") -> None:
        self.invoiced += other.invoiced
        self.cost += other.cost
        self.minutes += other.minutes
        self.unrated += other.unrated


class Rates:
    """An hour of a person in cents: their own rate, else their role's, of the latest month that has
    begun; of two for one month the one set last."""

    def __init__(self, rates: Iterable[InternalRate], roles: Mapping[UUID, str]) -> None:
        self._roles = roles
        self._rates = sorted(rates, key=lambda one: (one.starts_on, one.set_at), reverse=True)

    def cents(self, user_id: UUID, month: date) -> int | None:
        role = self._roles.get(user_id, "")
        own = self._first(month, lambda one: one.user_id == user_id)
        return (
            own
            if own is not None
            else self._first(month, lambda one: bool(role) and one.role == role)
        )

    def _first(self, month: date, fits: Callable[[InternalRate], bool]) -> int | None:
        return next(
            (one.cents for one in self._rates if one.starts_on <= month and fits(one)), None
        )

    def cost(self, one: Time) -> int | None:
        """Rounded half up, once for a person, month and line."""
        cents = self.cents(one.user_id, one.month)
        return None if cents is None else (2 * cents * one.minutes + 60) // 120


def margins(
    revenue: Iterable[Revenue], time: Sequence[Time], rates: Rates
) -> Mapping[Place, Margin]:
    found: dict[Place, Margin] = defaultdict(Margin)
    billable: dict[tuple[UUID, date], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in time:
        cost = rates.cost(one)
        found[(one.tenant_id, one.month, one.line)].add(
            Margin(0, cost or 0, one.minutes, one.minutes if cost is None else 0)
        )
        billable[(one.tenant_id, one.month)][one.line] += max(0, one.billable)
    for sold in revenue:
        for month, minor in spread(sold.minor, sold.starts, sold.ends):
            weights = billable.get((sold.tenant_id, month), {})
            for line, part in by_line(sold.lookup_key, minor, weights):
                found[(sold.tenant_id, month, line)].invoiced += part
    return found


def spread(minor: int, starts: datetime, ends: datetime) -> list[tuple[date, int]]:
    """Over the months that the period touches, in UTC."""
    first = starts.astimezone(UTC).date().replace(day=1)
    last = max(starts, ends - timedelta(seconds=1)).astimezone(UTC).date().replace(day=1)
    months = [first]
    while months[-1] < last:
        months.append((months[-1] + timedelta(days=32)).replace(day=1))
    return list(zip(months, shares(minor, [1] * len(months)), strict=True))


def by_line(lookup_key: str, minor: int, billable: Mapping[str, int]) -> list[tuple[str, int]]:
    meter = METERED_KEYS.get(lookup_key)
    if meter == "operator_minutes":
        lines = sorted(line for line, minutes in billable.items() if minutes > 0)
        if lines:
            weights = [billable[line] for line in lines]
            return list(zip(lines, shares(minor, weights), strict=True))
    return [(LINE_OF.get(meter or "", NO_LINE), minor)]


def shares(minor: int, weights: Sequence[int]) -> list[int]:
    """By these weights, whole, and together what is shared."""
    whole, found, given, weighed = sum(weights), [], 0, 0
    for weight in weights:
        weighed += weight
        until = minor * weighed // whole
        found.append(until - given)
        given = until
    return found
