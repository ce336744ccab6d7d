"""The subscription, usage and invoices for programs."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, url_for

from billing import api_schemas as shapes
from billing import presenting, queries
from billing.changing.showing import standing
from billing.credits.models import Credit
from billing.credits.queries import list_shown, notes_of, numbers_of
from billing.limits.rules import Standing
from billing.models import StripeInvoice, StripeInvoiceLine, UsageEvent
from billing.plans import BY_KEY
from billing.sources import Source, find_sources
from billing.usage_overview import MeterUse, usage_overview
from tenants.core import clock
from tenants.core.errors import NotFound
from tenants.core.pagination import Page
from tenants.core.schema import PageQuery, amount_of
from tenants.operations import operation

bp = Blueprint("billing_api", __name__, url_prefix="/api/v1")


@bp.get("/subscription")
@operation("Show the subscription and what is planned for it", answer=shapes.SubscriptionOut,
           tag="Subscription", permission="subscription.read", scope="usage:read")  # fmt: skip
def show_subscription() -> dict[str, Any]:
    found = standing(now=clock.now())
    account, held = found.account, found.subscription
    period = presenting.current_period(held) or (None, None)
    change = found.change.row if found.change and found.change.row.state != "asked" else None
    has = account is not None and held is not None
    return {
        "plan": account.plan_key if account and has else None,
        "version": account.plan_version if account and has else None,
        "interval": account.interval if account and has else None,
        "state": held.status if held else "none",
        "started_at": held.started_at if held else None,
        "trial_end": held.trial_end if held else None,
        "period_start": period[0], "period_end": period[1],
        "ends_at": (held.ended_at if held else None) or found.ends,
        "change": change and {
            "plan": change.to_plan, "interval": change.to_interval, "at": change.effective_at,
            "state": "unpaid" if change.problem else change.state,
        },
    }  # fmt: skip


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


@bp.get("/usage/summary")
@operation(
    "Show usage against what is included, with its forecast", answer=shapes.UsageSummary,
    tag="Usage", permission="subscription.read", scope="usage:read",
)  # fmt: skip
def show_usage_summary() -> dict[str, Any]:
    found = usage_overview(now=clock.now())
    starts_on, ends_on = found.days or (None, None)
    return {
        "plan": found.plan.key, "starts_on": starts_on, "ends_on": ends_on, "trial": found.trial,
        "meters": [_meter_use(one, found.currency) for one in found.meters],
        "amount": amount_of(found.minor, found.currency),
        "forecast_amount": amount_of(found.forecast_minor, found.currency),
        "seats": _limit(found.seats), "storage": _limit(found.storage),
    }  # fmt: skip


def _meter_use(one: MeterUse, currency: str) -> dict[str, Any]:
    return {
        "meter": one.part.meter, "used": one.used, "included": one.included, "beyond": one.beyond,
        "forecast": one.forecast, "forecast_beyond": one.forecast_beyond,
        "amount": amount_of(one.minor, currency),
        "forecast_amount": amount_of(one.forecast_minor, currency),
    }  # fmt: skip


def _limit(one: Standing) -> dict[str, Any]:
    return {"used": one.used, "limit": one.most, "agreed_until": one.limit.until}


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
        "net": amount_of(row.total - row.total_tax, row.currency),
        "tax": amount_of(row.total_tax, row.currency),
        "tax_treatment": row.tax_treatment or None,
        "tax_rate": None if row.tax_rate is None else f"{row.tax_rate.normalize():f}",
        "your_vat_number": row.buyer_vat_id or None,
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


@bp.get("/credits")
@operation("List credits, newest first", form="page", query=PageQuery, answer=shapes.CreditOut,
           tag="Invoices", permission="subscription.read", scope="invoices:read")  # fmt: skip
def list_credits(query: dict[str, Any]) -> Page[Any]:
    found = list_shown(**query)
    numbers = numbers_of([row.target_invoice_id for row in found.items])
    notes = notes_of(credit_ids=[row.id for row in found.items])
    rows = [
        _credit(row, numbers.get(row.target_invoice_id or ""))
        | {"pdf": notes[row.id].pdf_url if row.id in notes else None}
        for row in found.items
    ]
    return Page(rows, found.next_cursor)


def _credit(row: Credit, invoice: str | None) -> dict[str, Any]:
    return {
        "id": row.id, "kind": row.kind, "state": row.state, "method": row.method,
        "line": row.line or None, "month": f"{row.month:%Y-%m}" if row.month else None,
        "amount": amount_of(row.amount, row.currency),
        "total": None if row.total is None else amount_of(row.total, row.currency),
        "number": row.number or None, "invoice": invoice, "reason": row.reason or None,
        "asked_at": row.asked_at, "issued_at": row.issued_at, "expires_at": row.expires_at,
    }  # fmt: skip
