"""Sales invoices as they are read. Who asks has the right on the finance line already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select

from app.directory.queries import list_family
from app.finance.sales_invoices.models import (
    InvoiceDeduction,
    InvoiceDispute,
    InvoiceEvent,
    InvoicePayment,
    InvoiceSeries,
    InvoiceStanding,
    InvoicingSettings,
    SalesInvoice,
)
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.core.pagination import PAGE_SIZE, Page, decode_cursor, page_of
from tenants.scoping import current_scope

I, S = SalesInvoice, InvoiceStanding
JOINED = and_(S.tenant_id == I.tenant_id, S.id == I.id)
OPEN = ("sent", "partly_paid", "disputed")
# The views of the list, each with the figure that opens it.
VIEWS = ("all", "draft", "validated", "open", "sent", "partly_paid", "overdue", "disputed", "paid", "credited", "files", "undelivered")  # fmt: skip
LISTED = (
    I.id, I.type, I.number, I.customer_id, I.customer_name, I.currency, I.issued_on, I.due_on,
    I.gross, I.due, I.tax, I.net, I.created_at, I.form, I.preceding_id, S.state, S.paid, S.settled,
    S.credited, S.released, S.files, S.sent_at, S.version,
    S.undelivered_at,
)  # fmt: skip
# As transitions.left_of has it.
_LEFT = I.due - S.settled - S.credited + S.released
# Built once: each invoice that is written asks these, and building costs more than asking.
_ONE = (
    select(I, S)
    .join(S, JOINED)
    .where(I.tenant_id == bindparam("tenant"), I.id == bindparam("invoice"))
)
_ONE_HELD = _ONE.with_for_update(of=S).execution_options(populate_existing=True)
_SETTINGS = select(InvoicingSettings).where(InvoicingSettings.tenant_id == bindparam("tenant"))
_SERIES = (
    select(InvoiceSeries)
    .where(InvoiceSeries.tenant_id == bindparam("tenant"))
    .order_by(InvoiceSeries.made_at, InvoiceSeries.id)
)
_SERIES_IN_USE = _SERIES.where(InvoiceSeries.active)


@dataclass(frozen=True)
class Kept:
    """An invoice and how it is with it."""

    invoice: SalesInvoice
    standing: InvoiceStanding


def get_invoice(*, invoice_id: UUID, for_change: bool = False) -> Kept:
    """`for_change` holds its standing until the transaction ends: an invoice itself is never locked,
    the database takes a lock for a change."""
    asked = {"tenant": current_scope().tenant_id, "invoice": invoice_id}
    row = db.session.execute(_ONE_HELD if for_change else _ONE, asked).one_or_none()
    if row is None:
        raise NotFound
    return Kept(row[0], row[1])


def find_by_source(source_key: str) -> SalesInvoice | None:
    return db.session.scalars(
        select(I).where(I.tenant_id == current_scope().tenant_id, I.source_key == source_key)
    ).one_or_none()


def list_invoices(
    *,
    today: date,
    view: str = "all",
    search: str = "",
    customer_id: UUID | None = None,
    request_id: UUID | None = None,
    number: str = "",
    since: date | None = None,
    until: date | None = None,
    cursor: str | None = None,
    limit: int = PAGE_SIZE,
) -> Page[Any]:
    """The newest first; `since` and `until` are of their date. `search` is the beginning of a number or of a customer's name."""
    query = (
        select(*LISTED)
        .join(S, JOINED)
        .where(I.tenant_id == current_scope().tenant_id, _in_view(view, today))
        .order_by(I.id.desc())
        .limit(limit + 1)
    )
    if search:
        query = query.where(_found(search))
    if customer_id is not None:
        query = query.where(I.customer_id.in_(list_family(party_id=customer_id)))
    if request_id is not None:
        query = query.where(I.request_id == request_id)
    if number:
        query = query.where(I.number == number)
    if since is not None:
        query = query.where(I.issued_on >= since)
    if until is not None:
        query = query.where(I.issued_on <= until)
    if cursor:
        (last,) = decode_cursor(cursor, UUID)
        query = query.where(I.id < last)
    rows = db.session.execute(query).all()
    return page_of(rows, limit=limit, place=lambda row: (row.id,))


def count_views(today: date) -> dict[str, int]:
    """All figures of the list in one statement."""
    found = db.session.execute(
        select(*(func.count().filter(_in_view(view, today)).label(view) for view in VIEWS))
        .join_from(S, I, JOINED)
        .where(S.tenant_id == current_scope().tenant_id)
    ).one()
    return dict(found._mapping)


def sums_open(today: date) -> Sequence[Any]:
    """By currency: what the views of open and of overdue ones come to."""
    return db.session.execute(
        select(
            I.currency,
            func.sum(_LEFT).label("open"),
            func.coalesce(func.sum(_LEFT).filter(_in_view("overdue", today)), 0).label("overdue"),
        )
        .join(S, JOINED)
        .where(S.tenant_id == current_scope().tenant_id, _in_view("open", today))
        .group_by(I.currency)
        .order_by(I.currency)
    ).all()


def list_open() -> Sequence[Any]:
    """Of which something is still to be paid, sent or not, the first due first."""
    return db.session.execute(
        select(*LISTED).join(S, JOINED).where(_is_open()).order_by(I.due_on, I.id)
    ).all()


def count_open() -> int:
    """As many as `list_open` lists."""
    return db.session.scalars(select(func.count()).join_from(I, S, JOINED).where(_is_open())).one()


def _is_open() -> ColumnElement[bool]:
    return and_(
        S.tenant_id == current_scope().tenant_id, S.state.in_(("validated", *OPEN)),
        I.type != "381", _LEFT > 0,
    )  # fmt: skip


def _in_view(view: str, today: date) -> ColumnElement[bool]:
    if view == "all":
        return S.id.is_not(None)
    if view == "open":
        return and_(S.state.in_(OPEN), I.type != "381")
    if view == "overdue":
        return and_(S.state.in_(("sent", "partly_paid")), S.due_on < today, _LEFT > 0)
    if view == "files":
        return S.files.in_(("invalid", "not_validated", "failed"))
    if view == "undelivered":
        return and_(S.undelivered_at.is_not(None), S.state != "credited")
    return S.state == view


def _found(search: str) -> ColumnElement[bool]:
    wild = search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return or_(I.number.ilike(f"{wild}%"), I.customer_name.ilike(f"%{wild}%"))


def list_following(*, invoice_id: UUID) -> Sequence[Any]:
    """Credit notes and corrective invoices of it, drafts too; final invoices that deduct it, or did
    until they were taken back."""
    d = InvoiceDeduction
    deducting = select(d.invoice_id).where(
        d.tenant_id == current_scope().tenant_id, d.deposit_id == invoice_id
    )
    return db.session.execute(
        select(*LISTED)
        .join(S, JOINED)
        .where(
            I.tenant_id == current_scope().tenant_id,
            or_(I.preceding_id == invoice_id, I.id.in_(deducting)),
        )
        .order_by(I.id)
    ).all()


def list_deposits(*, ids: Sequence[UUID]) -> Sequence[Any]:
    """Validated deposit invoices, with what credit notes left of them and the final invoice that
    deducts them already."""
    if not ids:
        return []
    d = InvoiceDeduction
    return db.session.execute(
        select(
            *LISTED, (I.gross - S.credited).label("left"), d.invoice_id.label("deducted_by")
        )
        .join(S, JOINED)
        .outerjoin(d, _deducts())
        .where(
            I.tenant_id == current_scope().tenant_id, I.id.in_(ids), I.type == "386",
            I.number != "",
        )
        .order_by(I.id)
    ).all()  # fmt: skip


def list_free_deposits(
    *, customer_id: UUID | None, currency: str, instead_of: UUID | None = None
) -> Sequence[Any]:
    """Deposit invoices of a customer of which something is left and that no invoice deducts but the
    one that is corrected."""
    d = InvoiceDeduction
    if customer_id is None:
        return []
    return db.session.execute(
        select(*LISTED)
        .join(S, JOINED)
        .outerjoin(d, _deducts())
        .where(
            I.tenant_id == current_scope().tenant_id,
            I.customer_id.in_(list_family(party_id=customer_id)),
            I.type == "386", I.number != "", I.currency == currency,
            or_(d.id.is_(None), d.invoice_id == instead_of), S.credited < I.gross,
        )
        .order_by(I.id)
        .limit(100)
    ).all()  # fmt: skip


def _deducts() -> ColumnElement[bool]:
    d = InvoiceDeduction
    return and_(
        d.tenant_id == I.tenant_id, d.deposit_id == I.id, d.released_at.is_(None)
    )  # fmt: skip


def list_payments(*, invoice_id: UUID) -> Sequence[InvoicePayment]:
    p = InvoicePayment
    return db.session.scalars(
        select(p)
        .where(p.tenant_id == current_scope().tenant_id, p.invoice_id == invoice_id)
        .order_by(p.received_on, p.id)
    ).all()


def list_disputes(*, invoice_id: UUID) -> Sequence[InvoiceDispute]:
    d = InvoiceDispute
    return db.session.scalars(
        select(d)
        .where(d.tenant_id == current_scope().tenant_id, d.invoice_id == invoice_id)
        .order_by(d.opened_at)
    ).all()


def list_events(*, invoice_id: UUID) -> Sequence[InvoiceEvent]:
    e = InvoiceEvent
    return db.session.scalars(
        select(e)
        .where(e.tenant_id == current_scope().tenant_id, e.invoice_id == invoice_id)
        .order_by(e.id)
    ).all()


def find_settings() -> InvoicingSettings | None:
    return db.session.scalars(_SETTINGS, {"tenant": current_scope().tenant_id}).one_or_none()


def list_series(*, active: bool = False) -> Sequence[InvoiceSeries]:
    query = _SERIES_IN_USE if active else _SERIES
    return db.session.scalars(query, {"tenant": current_scope().tenant_id}).all()


def find_series(*, kind: str, series_id: UUID | None = None) -> InvoiceSeries | None:
    """The one asked for, or the first in use that numbers invoices of this type."""
    return next(
        (
            one
            for one in list_series(active=True)
            if kind in one.types and series_id in (None, one.id)
        ),
        None,
    )
