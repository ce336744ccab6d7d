from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, select

from app.service_requests.documents.models import DocumentLine
from app.service_requests.models import ServiceRequest
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.models import StoredFile
from tenants.scoping import current_scope

L = DocumentLine


def select_lines(*, request_id: UUID) -> Select[Any]:
    return (
        select(L)
        .where(L.tenant_id == current_scope().tenant_id, L.request_id == request_id)
        .order_by(L.asked_at, L.list_id, L.position)
    )


def list_lines(*, request_id: UUID) -> Sequence[DocumentLine]:
    return db.session.execute(select_lines(request_id=request_id)).scalars().all()


def list_file_names(*, request_id: UUID) -> dict[UUID, str]:
    """Of what came, by the file's id."""
    rows = db.session.execute(
        select(StoredFile.id, StoredFile.name)
        .join(L, and_(L.tenant_id == StoredFile.tenant_id, L.file_id == StoredFile.id))
        .where(L.tenant_id == current_scope().tenant_id, L.request_id == request_id)
    ).all()
    return {row.id: row.name for row in rows}


def find_open_line(*, request_id: UUID, list_id: UUID | None = None) -> UUID | None:
    query = select(L.id).where(
        L.tenant_id == current_scope().tenant_id, L.request_id == request_id, L.state == "open"
    )
    if list_id is not None:
        query = query.where(L.list_id == list_id)
    found: UUID | None = db.session.execute(query.limit(1)).scalar_one_or_none()
    return found


def get_line(*, request: ServiceRequest, line_id: UUID) -> DocumentLine:
    row = db.session.execute(
        select(L).where(
            L.tenant_id == request.tenant_id, L.request_id == request.id, L.id == line_id
        )
    ).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row
