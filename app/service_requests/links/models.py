from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.core.db import Model
from tenants.models import one_of, timestamp
from tenants.scoping import TenantOwned

KINDS = ("related", "merged", "duplicate", "split", "follow_up")


class RequestLink(TenantOwned, Model):
    """Read from `from_id`: merged into, duplicate of, split from, follows, is related to."""

    __tablename__ = "request_links"
    from_id: Mapped[UUID] = mapped_column()
    to_id: Mapped[UUID] = mapped_column()
    kind: Mapped[str] = mapped_column(Text)
    by_name: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = timestamp()
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "from_id"], ["requests.tenant_id", "requests.id"]),
        ForeignKeyConstraint(["tenant_id", "to_id"], ["requests.tenant_id", "requests.id"]),
        one_of("kind", KINDS),
        CheckConstraint("from_id <> to_id", name="two_requests"),
        UniqueConstraint("tenant_id", "from_id", "to_id", "kind"),
        Index("ix_request_links_to", "tenant_id", "to_id"),
    )
