from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.service_requests.models import of_request
from tenants.core.db import Model
from tenants.models import timestamp
from tenants.scoping import TenantOwned


class ReplyDraft(TenantOwned, Model):
    """What somebody is writing on a request; the database shows it to nobody else. `kind` is the
    name of the form: message, note, question, or an answer with its question's id."""

    __tablename__ = "reply_drafts"
    request_id: Mapped[UUID] = mapped_column()
    user_id: Mapped[UUID] = mapped_column()
    kind: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = timestamp()
    __table_args__ = (
        of_request(),
        UniqueConstraint("tenant_id", "user_id", "request_id", "kind"),
        CheckConstraint("length(body) BETWEEN 1 AND 10000", name="body"),
    )


class Presence(TenantOwned, Model):
    """Who of the provider's people is writing on a request, and when they last did; read for a
    minute, and by the provider's side only."""

    __tablename__ = "presences"
    request_id: Mapped[UUID] = mapped_column()
    user_id: Mapped[UUID] = mapped_column()
    user_name: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = timestamp()
    __table_args__ = (of_request(), UniqueConstraint("tenant_id", "request_id", "user_id"))


class HeldMessage(TenantOwned, Model):
    """A message to the client that has not left yet, so that it can be taken back. The database
    shows it to the provider's side alone; when it leaves it becomes a client message."""

    __tablename__ = "held_messages"
    request_id: Mapped[UUID] = mapped_column()
    user_id: Mapped[UUID] = mapped_column()
    user_name: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    file_ids: Mapped[list[str]] = mapped_column(JSONB)
    at: Mapped[datetime] = timestamp()
    leaves_at: Mapped[datetime] = timestamp()
    __table_args__ = (
        of_request(),
        Index("ix_held_messages_request", "tenant_id", "request_id", "leaves_at"),
    )
