"""Usage and invoices for programs."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, url_for

from billing import api_schemas as shapes
from billing import presenting, queries
from billing.models import StripeInvoice, StripeInvoiceLine, UsageEvent
from billing.plans import BY_KEY
from billing.sources import Source, find_sources
from tenants.core.errors import NotFound
from tenants.core.pagination import Page
from tenants.core.schema import PageQuery, amount_of
from tenants.operations import operation

bp = Blueprint("billing_api", __name__, url_prefix="/api/v1")


@bp.get("/usage")
@operation(
    "List usage records, newest first", form="page", query=shapes.UsageQuery,
    answer=shapes.UsageOut, tag="Usage", permission="subscription.read", scope="usage:read",
    refusals=(404,),
)  # fmt: skip
def list_usage(query: dict[str, Any]) -> Page[Any]:
    month, invoice = query.pop("month", None), query.pop("invoice", None)
    period = _month(month) if month else _period(query["meter"], invoice)
    if period is None:
        return Page([], None)
    found = queries.list_usage(start=period[0], end=period[1], **query)
    known = find_sources([(row.source_type, row.source_id) for row in found.items])
    rows = [_usage(row, known.get(row.source_id)) for row in found.items]
    return Page(rows, found.next_cursor)


def _month(written: str) -> tuple[datetime, datetime]:
    year, month = (int(part) for part in written.split("-"))
    following = (year, month + 1) if month < 12 else (year + 1, 1)
    return datetime(year, month, 1, tzinfo=UTC), datetime(*following, 1, tzinfo=UTC)


def _period(meter: str, invoice: str | None) -> tuple[datetime, datetime] | None:
    part = presenting.part_of(meter)
    if part is None:
        raise NotFound
    return presenting.period_of(part=part, invoice_number=invoice)


def _usage(row: UsageEvent, source: Source | None) -> dict[str, Any]:
    return {
        "id": row.id, "meter": row.meter_key, "quantity": row.quantity, "at": row.occurred_at,
        "request": source.number if source else None, "source": row.source_type,
    }  # fmt: skip


@bp.get("/invoices")
@operation("List invoices, newest first", form="page", query=PageQuery, answer=shapes.InvoiceOut,
           tag="Invoices", permission="subscription.read", scope="invoices:read")  # fmt: skip
def list_invoices(query: dict[str, Any]) -> Page[Any]:
    found = queries.list_invoices(**query)
    return Page([_invoice(row) for row in found.items], found.next_cursor)


@bp.get("/invoices/<invoice_number>")
@operation("Show an invoice with its lines", answer=shapes.InvoiceDetail, tag="Invoices",
           permission="subscription.read", scope="invoices:read")  # fmt: skip
def show_invoice(invoice_number: str) -> dict[str, Any]:
    row = queries.get_invoice(number=invoice_number)
    lines = queries.list_lines(stripe_invoice_ids=[row.stripe_invoice_id])
    return _invoice(row) | {"lines": [_line(row, one) for one in lines]}


def _invoice(row: StripeInvoice) -> dict[str, Any]:
    return {
        "number": row.number, "state": row.status, "total": amount_of(row.total, row.currency),
        "tax": amount_of(row.total_tax, row.currency),
        "remaining": amount_of(row.amount_remaining, row.currency),
        "invoiced_at": row.invoiced_at, "due_at": row.due_at, "paid_at": row.paid_at,
        "url": row.hosted_url,
    }  # fmt: skip


def _line(invoice: StripeInvoice, row: StripeInvoiceLine) -> dict[str, Any]:
    part = BY_KEY.get(row.lookup_key)
    meter = part.meter if part else None
    usage = None
    if meter and invoice.number:
        usage = url_for("billing_api.list_usage", meter=meter, invoice=invoice.number)
    starts_on, ends_on = presenting.days_of(row.period_start, row.period_end)
    return {
        "description": row.description, "meter": meter,
        "quantity": None if row.quantity is None else f"{row.quantity.normalize():f}",
        "amount": amount_of(row.amount, row.currency), "starts_on": starts_on,
        "ends_on": ends_on, "usage": usage,
    }  # fmt: skip
