from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.core.db import Model
from tenants.models import one_of, timestamp
from tenants.scoping import TenantOwned

OFF_REASONS = ("", "person", "failing", "gone")
STATES = ("pending", "delivered", "failed", "dropped")


class WebhookEndpoint(TenantOwned, Model):
    """Where a company wants to be told. While its secret is changed, the one before signs too."""

    __tablename__ = "webhook_endpoints"
    url: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text, server_default="")
    kinds: Mapped[list[str]] = mapped_column(ARRAY(Text))
    lines: Mapped[list[str]] = mapped_column(ARRAY(Text))
    sealed_secret: Mapped[str] = mapped_column(Text)
    sealed_old_secret: Mapped[str] = mapped_column(Text, server_default="")
    old_secret_until: Mapped[datetime | None] = timestamp(nullable=True)
    off_reason: Mapped[str] = mapped_column(Text, server_default="")
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    failing_since: Mapped[datetime | None] = timestamp(nullable=True)
    last_success_at: Mapped[datetime | None] = timestamp(nullable=True)
    created_at: Mapped[datetime] = timestamp()
    created_by: Mapped[UUID | None] = mapped_column()
    created_by_name: Mapped[str] = mapped_column(Text)
    deleted_at: Mapped[datetime | None] = timestamp(nullable=True)
    __table_args__ = (one_of("off_reason", OFF_REASONS),)

    @property
    def enabled(self) -> bool:
        return self.off_reason == "" and self.deleted_at is None

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def state(self) -> str:
        if self.deleted_at is not None:
            return "deleted"
        return self.off_reason or ("troubled" if self.failures else "on")


class WebhookMessage(TenantOwned, Model):
    """One event for one endpoint. `event_id` is what the receiver knows it by, at every try."""

    __tablename__ = "webhook_messages"
    endpoint_id: Mapped[UUID] = mapped_column()
    event_id: Mapped[UUID] = mapped_column()
    kind: Mapped[str] = mapped_column(Text)
    line: Mapped[str | None] = mapped_column(ForeignKey("service_lines.code"))
    at: Mapped[datetime] = timestamp()
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(Text, server_default="pending")
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    next_try_at: Mapped[datetime | None] = timestamp(nullable=True)
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "endpoint_id"], ["webhook_endpoints.tenant_id", "webhook_endpoints.id"]
        ),
        UniqueConstraint("tenant_id", "endpoint_id", "event_id"),
        one_of("state", STATES),
        Index("ix_webhook_messages_endpoint", "tenant_id", "endpoint_id", "id"),
        Index("ix_webhook_messages_at", "tenant_id", "at"),
    )

    @property
    def public_id(self) -> str:
        return f"evt_{self.event_id.hex}"


class WebhookAttempt(TenantOwned, Model):
    """`status` is empty where no answer came; `trouble` then says why, as a code."""

    __tablename__ = "webhook_attempts"
    message_id: Mapped[UUID] = mapped_column()
    at: Mapped[datetime] = timestamp()
    status: Mapped[int | None] = mapped_column()
    trouble: Mapped[str] = mapped_column(Text, server_default="")
    duration_ms: Mapped[int] = mapped_column()
    answer: Mapped[str] = mapped_column(Text, server_default="")
    by_hand: Mapped[bool] = mapped_column(default=False, server_default="false")
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "message_id"], ["webhook_messages.tenant_id", "webhook_messages.id"]
        ),
        Index("ix_webhook_attempts_message", "tenant_id", "message_id", "id"),
    )
