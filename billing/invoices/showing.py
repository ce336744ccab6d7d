"""A client's invoices from the provider, as its own pages show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from billing import queries
from billing.adjustments.queries import SOURCE as ADJUSTMENT
from billing.coverage import Coverage, coverage_of
from billing.invoice_items import list_items_at_stripe
from billing.invoices.queries import get_by_number_or_id
from billing.models import StripeInvoice, StripeInvoiceLine
from billing.plans import BY_KEY
from billing.presenting import Pill, days_of
from billing.sources import Source, find_sources
from tenants.core.pagination import Page
from tenants.core.text import _c, _m

STATES: Mapping[str, Pill] = {
    "draft": (_m("In preparation"), "edit", "info"),
    "open": (_m("Open"), "clock", "warn"),
    "paid": (_c("invoice", "Paid"), "circle-check", "good"),
    "void": (_m("Cancelled"), "circle-x", ""),
    "uncollectible": (_m("Uncollectible"), "alert-circle", "bad"),
}
OVERDUE: Pill = (_m("Overdue"), "alert-triangle", "bad")
NOT_CHARGED: Pill = (_m("Payment failed"), "alert-triangle", "bad")
CREDIT: Pill = (_m("Credit"), "receipt-refund", "info")


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    row: StripeInvoice
    pill: Pill

    @property
    def reference(self) -> str:
        """By which its page is found."""
        return self.row.number or self.row.stripe_invoice_id

    @property
    def net(self) -> int:
        return self.row.total - self.row.total_tax

    @property
    def days(self) -> tuple[date, date]:
        return days_of(self.row.period_start, self.row.period_end)


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    id: str
    label: str
    meter: str | None
    quantity: Decimal | None
    unit_amount: Decimal | None
    minor: int
    days: tuple[date, date]
    coverage: Coverage | None = None
    source: Source | None = None
    # Usage that no meter took, else an agreed price.
    adjusts: bool = False


@dataclass(frozen=True, slots=True)
class Payment:
    at: datetime
    minor: int
    paid: bool


@dataclass(frozen=True, slots=True)
class InvoicePage:
    invoice: InvoiceRow
    lines: Sequence[InvoiceLine]

    @property
    def evidence(self) -> tuple[int, int]:
        """Lines of usage whose every record is proven, and all of them."""
        found = [line.coverage.full for line in self.lines if line.coverage]
        return sum(found), len(found)

    @property
    def payments(self) -> Sequence[Payment]:
        return [
            Payment(datetime.fromtimestamp(one["at"], UTC), one["amount"], one["paid"])
            for one in self.invoice.row.payments
        ]

    @property
    def discount(self) -> int:
        """What credit for usage took off before VAT."""
        return self.invoice.row.subtotal - self.invoice.net


def list_rows(*, cursor: str | None, limit: int, now: datetime) -> Page[InvoiceRow]:
    """Newest first."""
    found = queries.list_invoices(cursor=cursor, limit=limit)
    return Page([InvoiceRow(row, pill_of(row, now=now)) for row in found.items], found.next_cursor)


def invoice_page(*, reference: str, now: datetime) -> InvoicePage:
    """NotFound for what isn't the client's."""
    row = get_by_number_or_id(reference=reference)
    lines = queries.list_lines(stripe_invoice_ids=[row.stripe_invoice_id])
    covered = coverage_of(stripe_invoice_ids=[row.stripe_invoice_id])
    sources = _sources_of_items([line.stripe_item_id for line in lines if line.stripe_item_id])
    return InvoicePage(
        InvoiceRow(row, pill_of(row, now=now)),
        [
            _line(line, covered.get(line.id), *sources.get(line.stripe_item_id, (None, False)))
            for line in lines
        ],
    )


def evidence_of(rows: Sequence[InvoiceRow]) -> tuple[int, int]:
    """Lines of usage on these invoices whose every record is proven, and all of them."""
    covered = coverage_of(stripe_invoice_ids=[one.row.stripe_invoice_id for one in rows])
    return sum(one.full for one in covered.values()), len(covered)


def pill_of(row: StripeInvoice, *, now: datetime) -> Pill:
    if row.total < 0:
        return CREDIT
    if row.status == "open" and row.due_at is not None and row.due_at < now:
        return OVERDUE
    if row.status == "open" and row.due_at is None and row.attempt_count:
        return NOT_CHARGED
    return STATES.get(row.status, (row.status, "question-mark", ""))


def _sources_of_items(stripe_item_ids: Sequence[str]) -> Mapping[str, tuple[Source, bool]]:
    """What items on invoices are for, and whether they are usage that no meter took."""
    if not stripe_item_ids:
        return {}
    items = list_items_at_stripe(stripe_item_ids=stripe_item_ids)
    found = find_sources([(row.source_type, row.source_id) for row in items])
    return {row.stripe_item_id: (found[row.source_id], row.source_type == ADJUSTMENT)
            for row in items
            if row.stripe_item_id and row.source_id in found}  # fmt: skip


def _line(
    line: StripeInvoiceLine, coverage: Coverage | None, source: Source | None, adjusts: bool
) -> InvoiceLine:
    part = BY_KEY.get(line.lookup_key)
    return InvoiceLine(
        id=line.stripe_line_id,
        label=part.label if part else line.description,
        meter=part.meter if part else None,
        quantity=line.quantity,
        unit_amount=line.unit_amount,
        minor=line.amount,
        days=days_of(line.period_start, line.period_end),
        coverage=coverage,
        source=source,
        adjusts=adjusts,
    )
