from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.core.db import Model
from tenants.models import one_of, timestamp
from tenants.scoping import TenantOwned

CREATED, FOUND = "created", "found"


class CustomerFile(TenantOwned, Model):
    """The entry of the directory that a request opened, or that it found there. `document_id` is the
    sheet that was delivered of it, `finished_version` the entry's version that it shows."""

    __tablename__ = "customer_files"
    request_id: Mapped[UUID] = mapped_column()
    party_id: Mapped[UUID] = mapped_column()
    origin: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime] = timestamp()
    opened_by_name: Mapped[str] = mapped_column(Text)
    document_id: Mapped[UUID | None] = mapped_column()
    finished_at: Mapped[datetime | None] = timestamp(nullable=True)
    finished_by_name: Mapped[str] = mapped_column(Text, server_default="")
    finished_version: Mapped[int | None] = mapped_column()
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "request_id"], ["requests.tenant_id", "requests.id"]),
        ForeignKeyConstraint(["tenant_id", "party_id"], ["parties.tenant_id", "parties.id"]),
        ForeignKeyConstraint(["tenant_id", "document_id"], ["documents.tenant_id", "documents.id"]),
        UniqueConstraint("tenant_id", "request_id"),
        one_of("origin", (CREATED, FOUND)),
        CheckConstraint("(finished_at IS NULL) = (document_id IS NULL)", name="finished"),
        Index("ix_customer_files_party", "tenant_id", "party_id"),
    )
