"""How long a company keeps documents beyond what the law asks for."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from app.documents.models import RetentionExtension
from app.documents.retention import Own
from tenants.core.db import db
from tenants.scoping import scoped_tenant_id

E = RetentionExtension


def list_extensions() -> Sequence[RetentionExtension]:
    """In the order in which they were decided."""
    query = select(E).where(E.tenant_id == scoped_tenant_id()).order_by(E.id)
    return db.session.execute(query).scalars().all()


def list_own() -> list[Own]:
    return [Own(one.name, one.years, one.since) for one in list_extensions()]
