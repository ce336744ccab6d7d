from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from tenants.core.db import Model
from tenants.models import timestamp
from tenants.scoping import TenantOwned


class ApiToken(TenantOwned, Model):
    """A key of one person to one company, for machines. Only its hash is kept."""

    __tablename__ = "api_tokens"
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    holder_name: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    token_hash: Mapped[str] = mapped_column(Text)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime] = timestamp()
    expires_at: Mapped[datetime] = timestamp()
    last_used_at: Mapped[datetime | None] = timestamp(nullable=True)
    ended_at: Mapped[datetime | None] = timestamp(nullable=True)
    ended_by: Mapped[UUID | None] = mapped_column()
    __table_args__ = (
        UniqueConstraint("tenant_id", "token_hash"),
        CheckConstraint("expires_at <= created_at + interval '366 days'", name="lifetime"),
        # Whose a token is, is asked before any company is known.
        Index("ix_api_tokens_token_hash", "token_hash"),
        Index("ix_api_tokens_user", "tenant_id", "user_id"),
    )

    def is_live(self, now: datetime) -> bool:
        return self.ended_at is None and self.expires_at > now
