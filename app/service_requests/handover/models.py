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

from app.service_requests.models import of_request
from tenants.core.db import Model
from tenants.models import one_of, timestamp
from tenants.scoping import TenantOwned

STATES = ("draft", "sent", "kept", "accepted", "declined", "void")


class HandoverNote(TenantOwned, Model):
    """What somebody who is away leaves behind at one client, for one absence; the provider's own.

    `missing_at` stands where the absence began without it, `settled_at` where a supervisor said that
    it needs none.
    """

    __tablename__ = "handover_notes"
    absence_id: Mapped[UUID] = mapped_column()
    user_id: Mapped[UUID] = mapped_column(ForeignKey("staff.user_id"))
    user_name: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text, server_default="")
    changed_at: Mapped[datetime] = timestamp()
    sent_at: Mapped[datetime | None] = timestamp(nullable=True)
    sent_by_name: Mapped[str] = mapped_column(Text, server_default="")
    missing_at: Mapped[datetime | None] = timestamp(nullable=True)
    settled_at: Mapped[datetime | None] = timestamp(nullable=True)
    settled_by_name: Mapped[str] = mapped_column(Text, server_default="")
    __table_args__ = (
        UniqueConstraint("tenant_id", "absence_id"),
        CheckConstraint("length(words) <= 4000", name="words"),
        Index("ix_handover_notes_user", "tenant_id", "user_id"),
    )


class HandoverItem(TenantOwned, Model):
    """One request of a note. `facts` is what was to be known when it was last written.

    'kept' waits for the return, 'void' is over without an answer. `given_at` is when the work went
    to whoever accepted it, `raised_at` when supervisors were told that nobody did.
    """

    __tablename__ = "handover_items"
    note_id: Mapped[UUID] = mapped_column()
    request_id: Mapped[UUID] = mapped_column()
    line: Mapped[str] = mapped_column(ForeignKey("service_lines.code"))
    substitute_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.user_id"))
    substitute_name: Mapped[str] = mapped_column(Text, server_default="")
    words: Mapped[str] = mapped_column(Text, server_default="")
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(Text, server_default="draft")
    sent_at: Mapped[datetime | None] = timestamp(nullable=True)
    answer_by: Mapped[datetime | None] = timestamp(nullable=True)
    answered_at: Mapped[datetime | None] = timestamp(nullable=True)
    answered_by: Mapped[UUID | None] = mapped_column()
    answered_by_name: Mapped[str] = mapped_column(Text, server_default="")
    reason: Mapped[str] = mapped_column(Text, server_default="")
    given_at: Mapped[datetime | None] = timestamp(nullable=True)
    raised_at: Mapped[datetime | None] = timestamp(nullable=True)
    __table_args__ = (
        of_request(),
        ForeignKeyConstraint(
            ["tenant_id", "note_id"], ["handover_notes.tenant_id", "handover_notes.id"]
        ),
        one_of("state", STATES),
        UniqueConstraint("tenant_id", "note_id", "request_id"),
        CheckConstraint("length(words) <= 4000", name="words"),
        CheckConstraint(
            "state NOT IN ('sent', 'accepted', 'declined') OR substitute_id IS NOT NULL",
            name="substitute",
        ),
        CheckConstraint("state <> 'sent' OR answer_by IS NOT NULL", name="answer_by"),
        CheckConstraint("state <> 'declined' OR length(reason) > 0", name="reason"),
        Index("ix_handover_items_request", "tenant_id", "request_id"),
        Index("ix_handover_items_waiting", "tenant_id", "substitute_id",
              postgresql_where=text("state = 'sent'")),
        Index("ix_handover_items_raised", "tenant_id", "raised_at",
              postgresql_where=text("raised_at IS NOT NULL")),
    )  # fmt: skip
