"""A schedule's draft, as it is stored and as it is on one of its days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from app.finance.sales_invoices import choosing, customers
from app.finance.sales_invoices.content import Draft
from app.finance.sales_invoices.freezing import as_json, from_json
from app.finance.sales_invoices.schedules import placeholders
from app.finance.sales_invoices.schedules.models import InvoiceSchedule
from app.finance.sales_invoices.schedules.recurrence import Span, span_of
from app.finance.sales_invoices.services.drafting import Wish


def stored(wish: Wish, *, covered_until: date | None, counts_from: date | None) -> dict[str, Any]:
    """Without its dates and its customer, which stands in a column."""
    return {
        "content": as_json(wish.content), "language": wish.language, "currency": wish.currency,
        "form": wish.form, "series_id": str(wish.series_id) if wish.series_id else None,
        "covered_until": covered_until.isoformat() if covered_until else None,
        "counts_from": counts_from.isoformat() if counts_from else None,
    }  # fmt: skip


def covered_until(row: InvoiceSchedule) -> date | None:
    """The last day of the periods that drafts were made for, also by terms that have changed since."""
    if row.made_until is None:
        return None
    kept = row.wish.get("covered_until")
    return date.fromisoformat(kept) if kept else span_on(row, row.made_until).last


def counted_from(row: InvoiceSchedule) -> date | None:
    """The day of the first invoice of a rhythm that was changed."""
    kept = row.wish.get("counts_from") if row.wish else None
    return date.fromisoformat(kept) if kept else None


def next_period(row: InvoiceSchedule) -> date | None:
    """The first day of the period that comes next; None where nothing was made and nothing comes."""
    until = covered_until(row)
    if row.next_on is not None:
        return span_on(row, row.next_on).first
    return until + timedelta(days=1) if until else None


def left_out(row: InvoiceSchedule) -> Span | None:
    """What lies between the last period that was made and the next one."""
    until = covered_until(row)
    if until is None or row.next_on is None:
        return None
    found = Span(until + timedelta(days=1), span_on(row, row.next_on).first - timedelta(days=1))
    return found if found.first <= found.last else None


def note_made(row: InvoiceSchedule, day: date) -> None:
    last = span_on(row, day).last
    until = max(last, covered_until(row) or last)
    row.made_until, row.wish = day, row.wish | {"covered_until": until.isoformat()}


def wish_of(row: InvoiceSchedule) -> Wish:
    """With its placeholders."""
    kept = row.wish
    series = kept.get("series_id")
    return Wish(
        content=from_json(Draft, kept["content"]), customer_id=row.customer_id,
        language=kept["language"], currency=kept["currency"], form=kept["form"],
        series_id=UUID(series) if series else None,
    )  # fmt: skip


def wish_on(row: InvoiceSchedule, day: date) -> Wish:
    """Terms and delivery are those of the customer's file at the time."""
    wish = wish_of(row)
    span = span_on(row, day)
    content = placeholders.filled_in(wish.content, placeholders.words_of(span, wish.language))
    if row.says_period:
        content = replace(content, period_start=span.first, period_end=span.last)
    if wish.customer_id is not None:
        buyer = customers.get_buyer(wish.customer_id, on=day)
        content = replace(
            content, **buyer.terms,
            **choosing.delivery(content.delivery_choice, buyer, content),
            **choosing.contact(content.contact_choice, buyer, content),
        )  # fmt: skip
        wish = replace(wish, customer_id=buyer.id)
    return replace(wish, content=content)


def span_on(row: InvoiceSchedule, day: date) -> Span:
    return span_of(day, months=row.months, about=row.about)
