from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import func, select

from app.administration.letters.models import DISCARDED, Letter
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.core.pagination import PAGE_SIZE, Page, decode_cursor, page_of
from tenants.scoping import scoped_tenant_id


def list_letters(
    *, request_id: UUID, cursor: str | None = None, limit: int = PAGE_SIZE
) -> Page[Letter]:
    """Latest first."""
    query = select(Letter).where(
        Letter.tenant_id == scoped_tenant_id(), Letter.request_id == request_id,
        Letter.state != DISCARDED,
    )  # fmt: skip
    if cursor:
        [before] = decode_cursor(cursor, UUID)
        query = query.where(Letter.id < before)
    rows = db.session.execute(query.order_by(Letter.id.desc()).limit(limit + 1)).scalars().all()
    return page_of(rows, limit=limit, place=lambda one: (one.id,))


def count_letters(*, request_id: UUID) -> Mapping[str, int]:
    """By state."""
    query = (
        select(Letter.state, func.count())
        .where(Letter.tenant_id == scoped_tenant_id(), Letter.request_id == request_id)
        .group_by(Letter.state)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}


def list_documents(*, request_id: UUID) -> Sequence[UUID]:
    """What its letters became."""
    query = select(Letter.document_id).where(
        Letter.tenant_id == scoped_tenant_id(), Letter.request_id == request_id,
        Letter.document_id.is_not(None),
    )  # fmt: skip
    return [one for one in db.session.execute(query).scalars() if one is not None]


def get_letter(*, request_id: UUID, letter_id: UUID, for_change: bool = False) -> Letter:
    query = select(Letter).where(
        Letter.tenant_id == scoped_tenant_id(), Letter.id == letter_id,
        Letter.request_id == request_id, Letter.state != DISCARDED,
    )  # fmt: skip
    if for_change:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = db.session.execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row
