from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.service_requests.models import of_request
from tenants.core.db import Model
from tenants.models import timestamp
from tenants.scoping import TenantOwned


class RatingInvitation(TenantOwned, Model):
    """Somebody was asked how it went; at most once in 14 days. `at` is when they were last."""

    __tablename__ = "rating_invitations"
    request_id: Mapped[UUID] = mapped_column()
    user_id: Mapped[UUID] = mapped_column()
    at: Mapped[datetime] = timestamp()
    expires_at: Mapped[datetime] = timestamp()
    __table_args__ = (
        of_request(),
        UniqueConstraint("tenant_id", "request_id", "user_id"),
        Index("ix_rating_invitations_user", "tenant_id", "user_id", "at"),
    )


class Rating(TenantOwned, Model):
    """The client's own word: no operator writes here. Asked again, they rate anew from `rated_at`
    on."""

    __tablename__ = "ratings"
    request_id: Mapped[UUID] = mapped_column()
    user_id: Mapped[UUID] = mapped_column()
    user_name: Mapped[str] = mapped_column(Text)
    score: Mapped[int] = mapped_column()
    speed: Mapped[int | None] = mapped_column()
    quality: Mapped[int | None] = mapped_column()
    comment: Mapped[str] = mapped_column(Text, server_default="")
    rated_at: Mapped[datetime] = timestamp()
    changed_at: Mapped[datetime] = timestamp()
    __table_args__ = (
        of_request(),
        CheckConstraint("score BETWEEN 1 AND 5", name="score"),
        CheckConstraint("speed BETWEEN 1 AND 5", name="speed"),
        CheckConstraint("quality BETWEEN 1 AND 5", name="quality"),
        UniqueConstraint("tenant_id", "request_id", "user_id"),
    )
