"""What a report is made of beside the signed month: requests, ratings, usage and invoices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import Row, Text, and_, column, func, or_, select

from app.service_requests.models import ServiceRequest
from app.service_requests.ratings.models import Rating
from app.service_requests.transitions import OPEN
from billing.models import StripeInvoice, StripeInvoiceLine, UsageEvent
from billing.plans import METERED_KEYS
from billing.presenting import days_of
from billing.queries import sum_usage
from billing.sources import find_sources
from billing.tracing import FINAL
from tenants.core.db import db
from tenants.scoping import scoped_tenant_id

LETTERHEAD = func.provider_letterhead().table_valued(
    *(
        column(name, Text)
        for name in ("name", "colour", "legal_form", "registration_number", "vat_id")
    )
)
E, I, L, R, V = UsageEvent, StripeInvoice, StripeInvoiceLine, ServiceRequest, Rating


@dataclass(frozen=True, slots=True)
class Used:
    """Of one request; `number` is None for what an invoice that came too early moved here."""

    meter: str
    number: int | None
    quantity: int


@dataclass(frozen=True, slots=True)
class Invoiced:
    """A line of a final invoice, with what our ledger holds of the same period."""

    invoice: str
    meter: str
    first: date
    last: date
    quantity: int
    recorded: int


def list_work(*, start: datetime, end: datetime) -> Sequence[Row[Any]]:
    """Requests that were raised or delivered between the two, and those of before that are open."""
    columns: tuple[Any, ...] = (
        R.number, R.item, R.item_version, R.line, R.title, R.state, R.raised_at, R.delivered_at,
        R.due_at, R.scope,
    )  # fmt: skip
    return db.session.execute(
        select(*columns)
        .where(
            R.tenant_id == scoped_tenant_id(),
            R.raised_at < end,
            or_(
                R.raised_at >= start,
                and_(R.delivered_at >= start, R.delivered_at < end),
                R.state.in_(OPEN),
            ),
        )
        .order_by(R.raised_at, R.number)
    ).all()


def list_ratings(*, start: datetime, end: datetime) -> Sequence[Row[Any]]:
    columns: tuple[Any, ...] = (R.number, R.line, V.score)
    return db.session.execute(
        select(*columns)
        .join(R, and_(R.tenant_id == V.tenant_id, R.id == V.request_id))
        .where(V.tenant_id == scoped_tenant_id(), V.rated_at >= start, V.rated_at < end)
        .order_by(R.number, V.rated_at)
    ).all()


def list_used(*, start: datetime, end: datetime) -> list[Used]:
    """Whole hours, as they are billed."""
    rows = db.session.execute(
        select(
            E.meter_key, E.source_type, E.source_id, func.sum(E.quantity).label("quantity")
        )
        .where(E.tenant_id == scoped_tenant_id(), E.hour >= start, E.hour < end)
        .group_by(E.meter_key, E.source_type, E.source_id)
    ).all()  # fmt: skip
    sources = find_sources([(row.source_type, row.source_id) for row in rows])
    found: dict[tuple[str, int | None], int] = {}
    for row in rows:
        source = sources.get(row.source_id)
        key = (row.meter_key, source.number if source else None)
        found[key] = found.get(key, 0) + int(row.quantity)
    order = sorted(found, key=lambda one: (one[0], one[1] is None, one[1] or 0))
    return [Used(meter, number, found[meter, number]) for meter, number in order]


def list_invoiced(*, first: date, following: date) -> list[Invoiced]:
    """Of final invoices whose last day lies in the month that begins with `first`; periods of
    invoices are days in UTC. A price with included units is a line for each of its tiers."""
    after, until = (datetime.combine(day, time(), UTC) for day in (first, following))
    rows = db.session.execute(
        select(
            I.number, L.lookup_key, L.period_start, L.period_end,
            func.sum(L.quantity).label("quantity"),
        )
        .join(I, and_(I.tenant_id == L.tenant_id, I.stripe_invoice_id == L.stripe_invoice_id))
        .where(
            L.tenant_id == scoped_tenant_id(),
            I.status.in_(FINAL),
            I.number.is_not(None),
            L.period_end > after,
            L.period_end <= until,
            L.lookup_key.in_(METERED_KEYS),
        )
        .group_by(I.invoiced_at, I.number, L.lookup_key, L.period_start, L.period_end)
        .order_by(I.invoiced_at, func.min(L.place))
    ).all()  # fmt: skip
    return [_invoiced(row, METERED_KEYS[row.lookup_key]) for row in rows]


def _invoiced(row: Any, meter: str) -> Invoiced:
    days = days_of(row.period_start, row.period_end)
    recorded = sum_usage(meter=meter, start=row.period_start, end=row.period_end)
    return Invoiced(row.number, meter, *days, int(row.quantity or 0), recorded)


def get_letterhead() -> dict[str, str]:
    """The provider's name, colour and identifiers."""
    row = db.session.execute(select(LETTERHEAD)).mappings().one()
    return {name: str(value) for name, value in row.items()}
