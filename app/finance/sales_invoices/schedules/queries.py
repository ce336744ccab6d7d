"""Invoices that come again, as they are read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select

from app.finance.sales_invoices.queries import JOINED, LISTED, I, S
from app.finance.sales_invoices.schedules.models import InvoiceSchedule
from app.finance.sales_invoices.schedules.recurrence import Days
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.core.pagination import PAGE_SIZE, Page, decode_cursor, page_of
from tenants.scoping import current_scope

R = InvoiceSchedule
# The day of those that make nothing any more, so that they come last.
_NEVER = date(9999, 12, 31)


def get_schedule(*, schedule_id: UUID, for_change: bool = False) -> InvoiceSchedule:
    query = select(R).where(R.tenant_id == current_scope().tenant_id, R.id == schedule_id)
    if for_change:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = db.session.scalars(query).one_or_none()
    if row is None:
        raise NotFound
    return row


def list_schedules(*, cursor: str | None = None, limit: int = PAGE_SIZE) -> Page[InvoiceSchedule]:
    """The next to come first, paused ones after them, and then what has ended."""
    place = func.coalesce(case((R.paused, None), else_=R.next_on), _NEVER)
    query = select(R, place.label("place")).where(R.tenant_id == current_scope().tenant_id)
    if cursor:
        day, last = decode_cursor(cursor, date.fromisoformat, UUID)
        query = query.where((place > day) | ((place == day) & (R.id > last)))
    rows = db.session.execute(query.order_by(place, R.id).limit(limit + 1)).all()
    page = page_of(rows, limit=limit, place=lambda row: (row.place, row[0].id))
    return Page([row[0] for row in page.items], page.next_cursor)


def list_due(*, today: date) -> Sequence[UUID]:
    return db.session.scalars(
        select(R.id)
        .where(
            R.tenant_id == current_scope().tenant_id, ~R.paused, R.ended_at.is_(None),
            R.next_on <= today,
        )
        .order_by(R.next_on, R.id)
    ).all()  # fmt: skip


def list_made(*, schedule_id: UUID, limit: int = 24) -> Sequence[Any]:
    """The invoices that it made, the latest first; thrown away ones are gone."""
    begins = source_of(schedule_id)
    return db.session.execute(
        select(*LISTED)
        .join(S, JOINED)
        .where(
            I.tenant_id == current_scope().tenant_id, I.source_key >= begins,
            I.source_key < begins + "~",
        )
        .order_by(I.source_key.desc())
        .limit(limit)
    ).all()  # fmt: skip


def source_of(schedule_id: UUID, day: date | None = None, about: date | None = None) -> str:
    """`about` is the period's first day: where the rhythm changes, two may fall on the same day."""
    return f"schedule:{schedule_id}:{day or ''}{f':{about}' if about else ''}"


def days_of(row: InvoiceSchedule) -> Days:
    """Of a rhythm that was changed they are counted from the first day of the new one."""
    begins = row.wish.get("counts_from")
    return Days(
        row.months, row.day, date.fromisoformat(begins) if begins else row.starts_on, row.ends_on
    )
