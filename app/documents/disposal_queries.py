"""Documents whose period has ended, what is decided of them, and what was deleted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, exists, or_, select

from app.documents.models import (
    KEPT,
    RELEASED,
    DeletionCertificate,
    Document,
    DocumentDisposal,
)
from app.documents.queries import seen_by
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.permissions import Actor
from tenants.scoping import scoped_tenant_id

C, D, P = DeletionCertificate, Document, DocumentDisposal
# What was to stay is asked about again after this.
ASKED_AGAIN = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Due:
    disposal: DocumentDisposal
    document: Document


def list_over(*, today: date, now: datetime, limit: int) -> Sequence[Document]:
    """Free documents whose last day has passed and that nobody was asked about yet."""
    asked = exists().where(
        P.tenant_id == D.tenant_id,
        P.document_id == D.id,
        or_(P.ended_at.is_(None), and_(P.state == KEPT, P.ended_at > now - ASKED_AGAIN)),
    )
    query = select(D).where(
        D.tenant_id == scoped_tenant_id(), D.deleted_at.is_(None), ~D.held, D.keep_until < today,
        ~asked,
    )  # fmt: skip
    return db.session.execute(query.order_by(D.keep_until, D.id).limit(limit)).scalars().all()


def list_due(*, actor: Actor) -> Sequence[Due]:
    """Undecided ones of the lines that the reader sees, whose period ended longest ago first."""
    query = (
        select(P, D)
        .join(D, and_(D.tenant_id == P.tenant_id, D.id == P.document_id))
        .where(*seen_by(actor), P.ended_at.is_(None))
        .order_by(P.keep_until, P.id)
        .limit(200)
    )
    return [Due(row[0], row[1]) for row in db.session.execute(query)]


def get_due(*, actor: Actor, disposal_id: UUID) -> Due:
    """The document is locked: whoever decides of it comes one after the other."""
    row = db.session.execute(
        select(P, D)
        .join(D, and_(D.tenant_id == P.tenant_id, D.id == P.document_id))
        .where(*seen_by(actor), P.id == disposal_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound
    return Due(row[0], row[1])


def find_open(*, document: Document) -> DocumentDisposal | None:
    return db.session.execute(
        select(P).where(
            P.tenant_id == document.tenant_id, P.document_id == document.id, P.ended_at.is_(None)
        )
    ).scalar_one_or_none()


def list_released(*, limit: int) -> Sequence[Due]:
    """For deleting: locked, the ones that somebody else has in hand left out."""
    query = (
        select(P, D)
        .join(D, and_(D.tenant_id == P.tenant_id, D.id == P.document_id))
        .where(P.tenant_id == scoped_tenant_id(), P.state == RELEASED)
        .order_by(P.released_at, P.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [Due(row[0], row[1]) for row in db.session.execute(query)]


def list_extended(*, today: date, limit: int) -> Sequence[Due]:
    """Listed or proposed ones whose period goes on after all."""
    query = (
        select(P, D)
        .join(D, and_(D.tenant_id == P.tenant_id, D.id == P.document_id))
        .where(
            P.tenant_id == scoped_tenant_id(), P.ended_at.is_(None), P.state != RELEASED,
            D.keep_until >= today,
        )
        .order_by(P.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )  # fmt: skip
    return [Due(row[0], row[1]) for row in db.session.execute(query)]


def list_certificates(*, actor: Actor) -> Sequence[DeletionCertificate]:
    """Latest first."""
    query = select(C).where(C.tenant_id == scoped_tenant_id(), C.line.in_(actor.visible_lines))
    return db.session.execute(query.order_by(C.number.desc()).limit(100)).scalars().all()
