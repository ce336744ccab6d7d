from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid, any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.administration.customer_files.models import CustomerFile
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.models import AuditEvent
from tenants.scoping import scoped_tenant_id


def find_file(*, request_id: UUID, for_change: bool = False) -> CustomerFile | None:
    query = select(CustomerFile).where(
        CustomerFile.tenant_id == scoped_tenant_id(), CustomerFile.request_id == request_id
    )
    if for_change:
        query = query.with_for_update().execution_options(populate_existing=True)
    return db.session.execute(query).scalar_one_or_none()


def get_file(*, request_id: UUID, for_change: bool = False) -> CustomerFile:
    row = find_file(request_id=request_id, for_change=for_change)
    if row is None:
        raise NotFound
    return row


def has_changed(*, party_id: UUID, since: datetime) -> bool:
    """Whether anything of this entry did; its accounts count their changes apart from its version."""
    query = select(AuditEvent.id).where(
        AuditEvent.tenant_id == scoped_tenant_id(), AuditEvent.object_id == party_id,
        AuditEvent.at > since,
    )  # fmt: skip
    return db.session.execute(query.limit(1)).first() is not None


def with_files(party_ids: Collection[UUID]) -> set[UUID]:
    """Of these parties, those whose file a request opened."""
    return set(
        db.session.scalars(
            select(CustomerFile.party_id).where(
                CustomerFile.tenant_id == scoped_tenant_id(),
                CustomerFile.party_id == any_(literal(list(party_ids), ARRAY(Uuid))),
            )
        )
    )
