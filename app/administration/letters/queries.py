from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from app.administration.letters.models import DISCARDED, Letter
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.scoping import scoped_tenant_id

MOST = 50


def list_letters(*, request_id: UUID) -> Sequence[Letter]:
    return (
        db.session.execute(
            select(Letter)
            .where(
                Letter.tenant_id == scoped_tenant_id(), Letter.request_id == request_id,
                Letter.state != DISCARDED,
            )
            .order_by(Letter.id)
            .limit(MOST)
        )
        .scalars()
        .all()
    )  # fmt: skip


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
