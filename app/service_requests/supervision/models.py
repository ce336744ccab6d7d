from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.service_requests.models import of_request
from tenants.core.db import Model
from tenants.models import one_of, timestamp
from tenants.scoping import TenantOwned

KINDS = ("chased", "rating", "stand_in")


class SupervisorTask(TenantOwned, Model):
    """Something that a supervisor has to look at, about one request; the provider's own."""

    __tablename__ = "supervisor_tasks"
    request_id: Mapped[UUID] = mapped_column()
    kind: Mapped[str] = mapped_column(Text)
    about_id: Mapped[UUID] = mapped_column()
    line: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = timestamp()
    due_at: Mapped[datetime] = timestamp()
    done_at: Mapped[datetime | None] = timestamp(nullable=True)
    done_by: Mapped[UUID | None] = mapped_column()
    done_by_name: Mapped[str] = mapped_column(Text, server_default="")
    note: Mapped[str] = mapped_column(Text, server_default="")
    __table_args__ = (
        of_request(),
        one_of("kind", KINDS),
        CheckConstraint("done_at IS NULL OR length(note) > 0", name="note"),
        UniqueConstraint("tenant_id", "kind", "about_id"),
        Index("ix_supervisor_tasks_request", "tenant_id", "request_id"),
        Index("ix_supervisor_tasks_open", "tenant_id", "due_at",
              postgresql_where=text("done_at IS NULL")),
    )  # fmt: skip
