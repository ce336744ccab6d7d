from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.core.db import Model
from tenants.models import one_of, timestamp
from tenants.scoping import TenantOwned

SOURCES = ("hook", "lmtp")
STATES = ("received", "landed", "waiting", "accepted", "discarded")
PROOFS = ("", "reply_token", "signature")


class InboundMail(TenantOwned, Model):
    """A mail as it came, and what became of it. `sender` is what its From line claims; `user_id` is
    whom it counts as, by `proof`. It lands by itself, or waits for an operator with its `reason`.

    Kept for 30 days: afterwards what didn't become part of a request is gone.
    """

    __tablename__ = "inbound_mails"
    received_at: Mapped[datetime] = timestamp()
    source: Mapped[str] = mapped_column(Text)
    recipient: Mapped[str] = mapped_column(Text)
    line: Mapped[str] = mapped_column(ForeignKey("service_lines.code"))
    fingerprint: Mapped[str] = mapped_column(Text)
    file_id: Mapped[UUID | None] = mapped_column()
    size: Mapped[int] = mapped_column()
    envelope_from: Mapped[str] = mapped_column(Text)
    sender: Mapped[str] = mapped_column(Text)
    sender_name: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, server_default="received")
    reason: Mapped[str] = mapped_column(Text, server_default="")
    proof: Mapped[str] = mapped_column(Text, server_default="")
    user_id: Mapped[UUID | None] = mapped_column()
    request_id: Mapped[UUID | None] = mapped_column()
    words: Mapped[str] = mapped_column(Text, server_default="")
    attachments: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
    decided_at: Mapped[datetime | None] = timestamp(nullable=True)
    decided_by_name: Mapped[str] = mapped_column(Text, server_default="")
    decided_words: Mapped[str] = mapped_column(Text, server_default="")
    __table_args__ = (
        one_of("source", SOURCES),
        one_of("state", STATES),
        one_of("proof", PROOFS),
        CheckConstraint(
            "state <> 'landed' OR"
            " (proof <> '' AND user_id IS NOT NULL AND request_id IS NOT NULL)",
            name="landed",
        ),
        UniqueConstraint("tenant_id", "fingerprint"),
        ForeignKeyConstraint(["tenant_id", "file_id"], ["files.tenant_id", "files.id"]),
        ForeignKeyConstraint(["tenant_id", "request_id"], ["requests.tenant_id", "requests.id"]),
        Index("ix_inbound_mails_received", "tenant_id", "received_at"),
        Index("ix_inbound_mails_waiting", "tenant_id", "line", "id",
              postgresql_where=text("state = 'waiting'")),
    )  # fmt: skip


class BlockedSender(TenantOwned, Model):
    """An address from which this client's operators take nothing."""

    __tablename__ = "blocked_senders"
    address: Mapped[str] = mapped_column(Text)
    blocked_at: Mapped[datetime] = timestamp()
    blocked_by_name: Mapped[str] = mapped_column(Text)
    __table_args__ = (UniqueConstraint("tenant_id", "address"),)
