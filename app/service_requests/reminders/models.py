from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.service_requests.models import of_request
from tenants.core.db import Model
from tenants.models import one_of, timestamp
from tenants.scoping import TenantOwned


class Reminder(TenantOwned, Model):
    """The client was reminded of a question or a list of documents, for the `step`-th time."""

    __tablename__ = "reminders"
    request_id: Mapped[UUID] = mapped_column()
    kind: Mapped[str] = mapped_column(Text)
    about_id: Mapped[UUID] = mapped_column()
    step: Mapped[int] = mapped_column()
    at: Mapped[datetime] = timestamp()
    __table_args__ = (
        of_request(),
        one_of("kind", ("question", "documents")),
        UniqueConstraint("tenant_id", "about_id", "step"),
        Index("ix_reminders_request", "tenant_id", "request_id", "at"),
    )
