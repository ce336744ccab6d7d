from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Text, and_, any_, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.finance.sales_invoices.models import (
    InvoiceBatch,
    InvoiceBatchRow,
    InvoiceCounter,
    InvoiceStanding,
    SalesInvoice,
)
from app.finance.sales_invoices.queries import find_series
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.core.pagination import PAGE_SIZE, Page, decode_cursor, page_of, small_int
from tenants.scoping import scoped_tenant_id

B, R, I, S, C = InvoiceBatch, InvoiceBatchRow, SalesInvoice, InvoiceStanding, InvoiceCounter
STATES = ("ready", "rejected", "made")
MADE_BEFORE = "made_before"


def get_batch(*, batch_id: UUID, for_change: bool = False) -> InvoiceBatch:
    query = select(B).where(B.tenant_id == scoped_tenant_id(), B.id == batch_id)
    if for_change:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = db.session.execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def list_batches(
    *, request_id: UUID | None = None, cursor: str | None = None, limit: int = PAGE_SIZE
) -> Page[InvoiceBatch]:
    """Newest first."""
    query = (
        select(B).where(B.tenant_id == scoped_tenant_id()).order_by(B.id.desc()).limit(limit + 1)
    )
    if request_id is not None:
        query = query.where(B.request_id == request_id)
    if cursor:
        [last] = decode_cursor(cursor, UUID)
        query = query.where(B.id < last)
    rows = db.session.scalars(query).all()
    return page_of(rows, limit=limit, place=lambda row: (row.id,))


def find_same_file(*, batch: InvoiceBatch) -> InvoiceBatch | None:
    """An earlier batch that was started from the very same file."""
    return db.session.scalars(
        select(B)
        .where(
            B.tenant_id == scoped_tenant_id(), B.sha256 == batch.sha256, B.id != batch.id,
            B.state.in_(("issuing", "done")),
        )
        .order_by(B.id.desc())
        .limit(1)
    ).first()  # fmt: skip


def list_rows(
    *, batch_id: UUID, state: str = "", cursor: str | None = None, limit: int = PAGE_SIZE
) -> Page[Any]:
    """In the order of the sheet, with the invoices that were made and how it is with them."""
    query = (
        select(
            R.position, R.reference, R.lines, R.customer_name, R.net, R.tax, R.gross, R.currency,
            R.state, R.reasons, R.invoice_id, I.number, S.state.label("standing"), S.files,
        )
        .outerjoin(I, and_(I.tenant_id == R.tenant_id, I.id == R.invoice_id))
        .outerjoin(S, and_(S.tenant_id == R.tenant_id, S.id == R.invoice_id))
        .where(R.tenant_id == scoped_tenant_id(), R.batch_id == batch_id)
        .order_by(R.position)
        .limit(limit + 1)
    )  # fmt: skip
    if state:
        query = query.where(R.state == state)
    if cursor:
        [last] = decode_cursor(cursor, small_int)
        query = query.where(R.position > last)
    rows = db.session.execute(query).all()
    return page_of(rows, limit=limit, place=lambda row: (row.position,))


def list_rejected(*, batch_id: UUID) -> Sequence[InvoiceBatchRow]:
    return db.session.scalars(
        select(R)
        .where(R.tenant_id == scoped_tenant_id(), R.batch_id == batch_id, R.state == "rejected")
        .order_by(R.position)
    ).all()


def list_ready(*, batch_id: UUID, limit: int) -> Sequence[InvoiceBatchRow]:
    """The next ones, held: in the order of their days, since numbers and days go up together. Those
    without a day come last, they are of the day on which they are made."""
    day = R.wish["issued_on"].astext
    return db.session.scalars(
        select(R)
        .where(R.tenant_id == scoped_tenant_id(), R.batch_id == batch_id, R.state == "ready")
        .order_by(day.asc().nulls_last(), R.position)
        .limit(limit)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def count_rows(*, batch_id: UUID) -> dict[str, int]:
    """By state; what was rejected because an earlier sheet made it counts under its code too."""
    before = R.reasons[0][2]["code"].astext == MADE_BEFORE
    row = db.session.execute(
        select(
            *(func.count().filter(R.state == state).label(state) for state in STATES),
            func.count().filter(R.state == "rejected", before).label(MADE_BEFORE),
        ).where(R.tenant_id == scoped_tenant_id(), R.batch_id == batch_id)
    ).one()
    return dict(row._mapping)


def count_by_batch(batch_ids: Collection[UUID]) -> dict[UUID, dict[str, int]]:
    rows = db.session.execute(
        select(R.batch_id, R.state, func.count())
        .where(R.tenant_id == scoped_tenant_id(), R.batch_id.in_(batch_ids))
        .group_by(R.batch_id, R.state)
    ).all()
    found = {one: dict.fromkeys(STATES, 0) for one in batch_ids}
    for batch_id, state, count in rows:
        found[batch_id][state] = count
    return found


def sum_rows(*, batch_id: UUID) -> Sequence[Any]:
    """By currency, of what is made or would be."""
    return db.session.execute(
        select(
            R.currency, func.sum(R.net).label("net"), func.sum(R.tax).label("tax"),
            func.sum(R.gross).label("gross"), func.count().label("count"),
        )
        .where(R.tenant_id == scoped_tenant_id(), R.batch_id == batch_id, R.state != "rejected")
        .group_by(R.currency)
        .order_by(R.currency)
    ).all()  # fmt: skip


def latest_days(*, kind: str = "380") -> dict[int, date]:
    """By year, the day of the last number of the usual series; 0 where it counts through all years."""
    series = find_series(kind=kind)
    if series is None:
        return {}
    rows = db.session.execute(
        select(C.year, C.last_issued_on).where(
            C.tenant_id == scoped_tenant_id(), C.series_id == series.id
        )
    )
    return {row.year: row.last_issued_on for row in rows}


def list_made(*, keys: Collection[str]) -> dict[str, Any]:
    """Invoices that were made of these source keys, with the sheet that they come from."""
    if not keys:
        return {}
    rows = db.session.execute(
        select(I.source_key, I.number, I.created_at, B.name)
        .outerjoin(R, and_(R.tenant_id == I.tenant_id, R.invoice_id == I.id))
        .outerjoin(B, and_(B.tenant_id == R.tenant_id, B.id == R.batch_id))
        .where(
            I.tenant_id == scoped_tenant_id(),
            I.source_key == any_(literal(list(keys), ARRAY(Text))),
        )
    )
    return {row.source_key: row for row in rows}
