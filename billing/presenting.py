"""The figures of the subscription page: what is recorded and what Stripe said, nothing forecast."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from billing import queries
from billing.adjustments.queries import SOURCE as ADJUSTMENT
from billing.invoice_items import list_waiting_items
from billing.models import BillingAccount, Subscription
from billing.plans import (
    AGREED,
    CURRENCY,
    KEYS_OF,
    METERED_KEYS,
    METERS,
    Part,
    Plan,
    part_in,
    plan_of,
)
from billing.prices.in_force import day_of, unit_amount
from billing.prices.queries import list_proposals
from billing.prices.showing import PriceFigure, figures_of
from billing.sources import Source, find_sources
from billing.usage import hour_of
from tenants.core.errors import NotFound
from tenants.core.money import to_minor
from tenants.core.text import _m

# Status in words: label, icon, tone. Whatever Stripe adds is shown as it is called there.
SUBSCRIPTION_STATES = {
    "active": (_m("Active"), "circle-check", "good"),
    "trialing": (_m("Trial"), "clock", "info"),
    "past_due": (_m("Payment overdue"), "alert-triangle", "warn"),
    "unpaid": (_m("Unpaid"), "alert-circle", "bad"),
    "paused": (_m("Paused"), "player-pause", "wait"),
    "incomplete": (_m("Waiting for the first payment"), "clock", "wait"),
    "incomplete_expired": (_m("Never started"), "circle-x", ""),
    "canceled": (_m("Ended"), "circle-x", ""),
}
Pill = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class MeterFigures:
    part: Part
    quantity: int
    unit_amount: Decimal
    days: Sequence[tuple[date, int]]

    @property
    def minor(self) -> int:
        return amount_of(self.unit_amount, max(0, self.quantity - self.part.included))


@dataclass(frozen=True, slots=True)
class WaitingItem:
    """An agreed price of what was delivered, or usage that no meter took, on no invoice yet."""

    label: str
    adjusts: bool
    at: datetime
    minor: int
    currency: str
    source: Source | None


@dataclass(frozen=True, slots=True)
class SubscriptionPage:
    account: BillingAccount | None
    subscription: Subscription | None
    pill: Pill | None
    end: datetime | None
    days: tuple[date, date] | None
    meters: Sequence[MeterFigures]
    waiting: Sequence[WaitingItem]
    prices: Sequence[PriceFigure]
    plan: Plan = AGREED
    currency: str = CURRENCY


def subscription_page(*, zone: str, now: datetime) -> SubscriptionPage:
    account, subscription = queries.find_account(), queries.find_subscription()
    period, counted = current_period(subscription), usage_period(subscription)
    prices = figures_of(list_proposals(approved=True), day_of(counted[0] if counted else now))
    return SubscriptionPage(
        account=account,
        subscription=subscription,
        pill=_pill(SUBSCRIPTION_STATES, subscription.status) if subscription else None,
        end=period[1] if period else None,
        days=days_of(*period) if period else None,
        meters=_meters(*counted, prices, zone=zone, now=now) if counted else [],
        waiting=_waiting(),
        prices=prices,
        plan=plan_of(account.plan_key, account.plan_version) if account else AGREED,
    )


def current_period(subscription: Subscription | None) -> tuple[datetime, datetime] | None:
    if subscription is None:
        return None
    items = queries.list_items(stripe_subscription_id=subscription.stripe_subscription_id)
    if not items:
        return None
    return min(i.period_start for i in items), max(i.period_end for i in items)


def usage_period(subscription: Subscription | None) -> tuple[datetime, datetime] | None:
    """A month or a trial, also where the base fee is paid by the year; from its first hour on,
    since usage is counted by the hour."""
    if subscription is None:
        return None
    items = queries.list_items(stripe_subscription_id=subscription.stripe_subscription_id)
    metered = [one for one in items if one.lookup_key in METERED_KEYS]
    found = [(one.period_start, one.period_end) for one in metered or items]
    return (hour_of(min(found)[0]), max(end for _, end in found)) if found else None


def days_of(start: datetime, end: datetime) -> tuple[date, date]:
    """First and last day. Stripe's periods are days in UTC, whatever the reader's zone."""
    first, last = start.astimezone(UTC), end.astimezone(UTC) - timedelta(seconds=1)
    return first.date(), max(first, last).date()


def amount_of(unit_amount: Decimal, quantity: int) -> int:
    return to_minor((quantity * unit_amount).scaleb(-2), CURRENCY)


def _meters(
    start: datetime, end: datetime, prices: Sequence[PriceFigure], *, zone: str, now: datetime
) -> list[MeterFigures]:
    by_day: dict[str, dict[date, int]] = defaultdict(dict)
    for meter, day, quantity in queries.day_totals(start=start, end=end, zone=zone):
        by_day[meter][day] = int(quantity)
    figures = []
    for price in prices:
        if price.part.meter:
            found = by_day[price.part.meter]
            days = _days(found, start, min(now, end))
            figures.append(MeterFigures(price.part, sum(found.values()), price.amount, days))
    return figures


def _days(found: Mapping[date, int], start: datetime, until: datetime) -> list[tuple[date, int]]:
    """Without gaps, so that a quiet week looks like one."""
    first = min([start.astimezone(UTC).date(), *found])
    last = max([until.astimezone(UTC).date(), *found])
    count = (last - first).days + 1
    days = [first + timedelta(days=number) for number in range(count)]
    return [(day, found.get(day, 0)) for day in days]


def _waiting() -> list[WaitingItem]:
    rows = list_waiting_items()
    found = find_sources([(row.source_type, row.source_id) for row in rows])
    return [
        WaitingItem(
            row.description,
            row.source_type == ADJUSTMENT,
            row.recorded_at,
            row.amount,
            row.currency,
            found.get(row.source_id),
        )
        for row in rows
    ]


def _pill(known: Mapping[str, Pill], status: str) -> Pill:
    return known.get(status, (status, "question-mark", ""))


def part_of(meter: str) -> Part | None:
    """Of the client's plan."""
    if meter not in METERS:
        return None
    account = queries.find_account()
    plan = plan_of(account.plan_key, account.plan_version) if account else AGREED
    return part_in(plan, meter)


@dataclass(frozen=True, slots=True)
class UsageRecord:
    at: datetime
    quantity: int
    kind: str
    source: Source | None
    id: UUID
    source_id: UUID


@dataclass(frozen=True, slots=True)
class UsageRecords:
    """`quantity` of the whole period, whatever page is shown."""

    quantity: int
    minor: int
    items: Sequence[UsageRecord]
    next_cursor: str | None


def period_of(*, part: Part, invoice_number: str | None) -> tuple[datetime, datetime] | None:
    if invoice_number is None:
        return usage_period(queries.find_subscription())
    invoice = queries.get_invoice(number=invoice_number)
    lines = [
        line
        for line in queries.list_lines(stripe_invoice_ids=[invoice.stripe_invoice_id])
        if part.meter and line.lookup_key in KEYS_OF[part.meter]
    ]
    if not lines:
        raise NotFound
    return lines[0].period_start, lines[0].period_end


def usage_records(
    *, part: Part, period: tuple[datetime, datetime] | None, cursor: str | None
) -> UsageRecords:
    if period is None or part.meter is None:
        return UsageRecords(0, 0, [], None)
    start, end = period
    page = queries.list_usage(meter=part.meter, start=start, end=end, cursor=cursor)
    quantity = queries.sum_usage(meter=part.meter, start=start, end=end)
    found = find_sources([(row.source_type, row.source_id) for row in page.items])
    items = [
        UsageRecord(
            row.occurred_at,
            row.quantity,
            row.source_type,
            found.get(row.source_id),
            row.id,
            row.source_id,
        )
        for row in page.items
    ]
    price = unit_amount(list_proposals(approved=True), part, day_of(start))
    due = max(0, quantity - part.included)
    return UsageRecords(quantity, amount_of(price, due), items, page.next_cursor)
