"""The figures of the subscription page: what is recorded and what Stripe said, nothing forecast."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from billing import queries
from billing.coverage import Coverage, coverage_of
from billing.invoice_items import list_items_at_stripe, list_waiting_items
from billing.models import BillingAccount, StripeInvoice, StripeInvoiceLine, Subscription
from billing.plans import (
    AGREED,
    BY_KEY,
    CURRENCY,
    KEYS_OF,
    METERS,
    Part,
    Plan,
    part_in,
    plan_of,
    taxes_for,
)
from billing.prices.in_force import day_of, unit_amount
from billing.prices.queries import list_proposals
from billing.prices.showing import PriceFigure, figures_of
from billing.sources import Source, find_sources
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
INVOICE_STATES = {
    "draft": (_m("In preparation"), "edit", "info"),
    "open": (_m("Open"), "clock", "warn"),
    "paid": (_m("Paid"), "circle-check", "good"),
    "void": (_m("Cancelled"), "circle-x", ""),
    "uncollectible": (_m("Uncollectible"), "alert-circle", "bad"),
}
Pill = tuple[str, str, str]
SHOWN_INVOICES = 36


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
class InvoiceLine:
    label: str
    meter: str | None
    quantity: Decimal | None
    unit_amount: Decimal | None
    minor: int
    days: tuple[date, date]
    coverage: Coverage | None = None
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class WaitingItem:
    """An agreed price of what was delivered, on no invoice yet."""

    at: datetime
    minor: int
    currency: str
    source: Source | None


@dataclass(frozen=True, slots=True)
class Invoice:
    row: StripeInvoice
    pill: Pill
    lines: Sequence[InvoiceLine]


@dataclass(frozen=True, slots=True)
class SubscriptionPage:
    account: BillingAccount | None
    subscription: Subscription | None
    pill: Pill | None
    end: datetime | None
    days: tuple[date, date] | None
    meters: Sequence[MeterFigures]
    invoices: Sequence[Invoice]
    with_vat: bool
    waiting: Sequence[WaitingItem]
    prices: Sequence[PriceFigure]
    plan: Plan = AGREED
    currency: str = CURRENCY

    @property
    def evidence(self) -> tuple[int, int]:
        """Invoice lines of usage whose every record is proven, and all of them."""
        found = [line.coverage.full for invoice in self.invoices for line in invoice.lines
                 if line.coverage]  # fmt: skip
        return sum(found), len(found)


def subscription_page(*, zone: str, now: datetime) -> SubscriptionPage:
    account, subscription = queries.find_account(), queries.find_subscription()
    period = current_period(subscription)
    prices = figures_of(list_proposals(approved=True), day_of(period[0] if period else now))
    return SubscriptionPage(
        account=account,
        subscription=subscription,
        pill=_pill(SUBSCRIPTION_STATES, subscription.status) if subscription else None,
        end=period[1] if period else None,
        days=days_of(*period) if period else None,
        meters=_meters(*period, prices, zone=zone, now=now) if period else [],
        invoices=_invoices(),
        with_vat=account is not None and bool(taxes_for(account.country)),
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


def _invoices() -> list[Invoice]:
    rows = queries.list_invoices(limit=SHOWN_INVOICES).items
    ids = [row.stripe_invoice_id for row in rows]
    covered = coverage_of(stripe_invoice_ids=ids)
    lines: dict[str, list[InvoiceLine]] = defaultdict(list)
    found = queries.list_lines(stripe_invoice_ids=ids)
    sources = _sources_of_items([line.stripe_item_id for line in found if line.stripe_item_id])
    for line in found:
        shown = _line(line, covered.get(line.id), sources.get(line.stripe_item_id))
        lines[line.stripe_invoice_id].append(shown)
    return [
        Invoice(row, _pill(INVOICE_STATES, row.status), lines[row.stripe_invoice_id])
        for row in rows
    ]


def _sources_of_items(stripe_item_ids: Sequence[str]) -> Mapping[str, Source]:
    """What agreed prices on invoices were agreed for."""
    if not stripe_item_ids:
        return {}
    items = list_items_at_stripe(stripe_item_ids=stripe_item_ids)
    found = find_sources([(row.source_type, row.source_id) for row in items])
    return {row.stripe_item_id: found[row.source_id] for row in items
            if row.stripe_item_id and row.source_id in found}  # fmt: skip


def _waiting() -> list[WaitingItem]:
    rows = list_waiting_items()
    found = find_sources([(row.source_type, row.source_id) for row in rows])
    return [
        WaitingItem(row.recorded_at, row.amount, row.currency, found.get(row.source_id))
        for row in rows
    ]


def _line(line: StripeInvoiceLine, coverage: Coverage | None, source: Source | None) -> InvoiceLine:
    part = BY_KEY.get(line.lookup_key)
    return InvoiceLine(
        label=part.label if part else line.description,
        meter=part.meter if part else None,
        quantity=line.quantity,
        unit_amount=line.unit_amount,
        minor=line.amount,
        days=days_of(line.period_start, line.period_end),
        coverage=coverage,
        source=source,
    )


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


@dataclass(frozen=True, slots=True)
class UsageRecords:
    """`quantity` of the whole period, whatever page is shown."""

    quantity: int
    minor: int
    items: Sequence[UsageRecord]
    next_cursor: str | None


def period_of(*, part: Part, invoice_number: str | None) -> tuple[datetime, datetime] | None:
    if invoice_number is None:
        return current_period(queries.find_subscription())
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
        UsageRecord(row.occurred_at, row.quantity, row.source_type, found.get(row.source_id))
        for row in page.items
    ]
    price = unit_amount(list_proposals(approved=True), part, day_of(start))
    due = max(0, quantity - part.included)
    return UsageRecords(quantity, amount_of(price, due), items, page.next_cursor)
