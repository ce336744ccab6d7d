from datetime import datetime
from uuid import UUID

from sqlalchemy import Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.service_requests.models import of_request
from tenants.core.db import Model
from tenants.models import one_of, timestamp
from tenants.scoping import TenantOwned


class Watcher(TenantOwned, Model):
    """Somebody who follows a request; whether they may is asked whenever they are told or shown.
    Who stopped keeps their row, so that nothing but a person makes them follow again."""

    __tablename__ = "request_watchers"
    request_id: Mapped[UUID] = mapped_column()
    user_id: Mapped[UUID] = mapped_column()
    name: Mapped[str] = mapped_column(Text)
    side: Mapped[str] = mapped_column(Text)
    added_by_name: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = timestamp()
    left_at: Mapped[datetime | None] = timestamp(nullable=True)
    __table_args__ = (
        of_request(),
        one_of("side", ("client", "provider")),
        UniqueConstraint("tenant_id", "request_id", "user_id"),
    )
