from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Text, text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.core.db import Model
from tenants.models import one_of, timestamp
from tenants.scoping import TenantOwned

STATES = ("active", "ended")
OUTCOMES = ("raised", "backfilled", "skipped", "blocked")


class Recurrence(TenantOwned, Model):
    """Work that comes again by itself. `rule` says the days (rules.py); `about` the period that a
    request is about, counted from the one in which it falls due; `lead_days` how many business days
    before it is due it is raised.

    `counts_from` is since when every day counts: what was due before is raised by hand alone.
    `next_on` and `next_raise_on` are kept for lists; the daily run finds out anew. `ends_on` and
    `paused_until` are the last days of what they end.
    """

    __tablename__ = "recurrences"
    number: Mapped[int] = mapped_column()
    title: Mapped[str] = mapped_column(Text)
    item: Mapped[str] = mapped_column(Text)
    line: Mapped[str] = mapped_column(ForeignKey("service_lines.code"))
    form: Mapped[dict[str, Any]] = mapped_column(JSONB)
    rule: Mapped[dict[str, Any]] = mapped_column(JSONB)
    about: Mapped[int] = mapped_column(server_default=text("0"))
    lead_days: Mapped[int] = mapped_column(server_default=text("0"))
    assignee_id: Mapped[UUID | None] = mapped_column()
    assignee_name: Mapped[str] = mapped_column(Text, server_default="")
    questions: Mapped[list[str]] = mapped_column(JSONB)
    documents: Mapped[list[str]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(Text, server_default="active")
    starts_on: Mapped[date] = mapped_column()
    ends_on: Mapped[date | None] = mapped_column()
    paused_from: Mapped[date | None] = mapped_column()
    paused_until: Mapped[date | None] = mapped_column()
    counts_from: Mapped[date] = mapped_column()
    next_on: Mapped[date | None] = mapped_column()
    next_raise_on: Mapped[date | None] = mapped_column()
    revision: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = timestamp()
    created_by: Mapped[UUID | None] = mapped_column()
    created_by_name: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = timestamp()
    changed_by_name: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        one_of("state", STATES),
        CheckConstraint("about BETWEEN -2 AND 1", name="about"),
        CheckConstraint("lead_days BETWEEN 0 AND 40", name="lead_days"),
        CheckConstraint("ends_on >= starts_on", name="ends_on"),
        CheckConstraint(
            "paused_until IS NULL OR paused_until >= paused_from", name="paused_until"
        ),
        Unique("tenant_id", "number"),
        Index("ix_recurrences_next", "tenant_id", "next_raise_on",
              postgresql_where=text("state = 'active'")),
    )  # fmt: skip

    @property
    def is_active(self) -> bool:
        return self.state == "active"

    def is_paused(self, day: date) -> bool:
        if self.paused_from is None or day < self.paused_from:
            return False
        return self.paused_until is None or day <= self.paused_until


class RecurrenceVersion(TenantOwned, Model):
    """What a recurrence said from a change on, whole; what it raised says which. Never changed."""

    __tablename__ = "recurrence_versions"
    recurrence_id: Mapped[UUID] = mapped_column()
    revision: Mapped[int] = mapped_column()
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)
    at: Mapped[datetime] = timestamp()
    by_id: Mapped[UUID | None] = mapped_column()
    by_name: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "recurrence_id"], ["recurrences.tenant_id", "recurrences.id"]
        ),
        Unique("tenant_id", "recurrence_id", "revision"),
    )


class RecurrenceInstance(TenantOwned, Model):
    """What became of one period, once. `period` is the one in which it fell due, `about` the one
    that it is about. `reason` is a code of ours (words.py) for what was not raised, `words` what a
    person said. For a client the same work for the same period is raised once, whichever recurrence
    asks for it."""

    __tablename__ = "recurrence_instances"
    recurrence_id: Mapped[UUID] = mapped_column()
    revision: Mapped[int] = mapped_column()
    period: Mapped[str] = mapped_column(Text)
    about: Mapped[str] = mapped_column(Text)
    item: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    due_on: Mapped[date] = mapped_column()
    raise_on: Mapped[date] = mapped_column()
    state: Mapped[str] = mapped_column(Text)
    request_id: Mapped[UUID | None] = mapped_column()
    reason: Mapped[str] = mapped_column(Text, server_default="")
    words: Mapped[str] = mapped_column(Text, server_default="")
    at: Mapped[datetime] = timestamp()
    by_id: Mapped[UUID | None] = mapped_column()
    by_name: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "recurrence_id", "revision"],
            ["recurrence_versions.tenant_id", "recurrence_versions.recurrence_id",
             "recurrence_versions.revision"],
            name="fk_recurrence_instances_version",
        ),
        ForeignKeyConstraint(["tenant_id", "request_id"], ["requests.tenant_id", "requests.id"]),
        one_of("state", OUTCOMES),
        CheckConstraint(
            "(request_id IS NOT NULL) = (state IN ('raised', 'backfilled'))", name="request"
        ),
        CheckConstraint("request_id IS NOT NULL OR length(reason) > 0", name="reason"),
        Unique("tenant_id", "recurrence_id", "period"),
        Index("uq_recurrence_instances_work", "tenant_id", "item", "title", "about", unique=True,
              postgresql_where=text("request_id IS NOT NULL")),
        Index("ix_recurrence_instances_due", "tenant_id", "due_on"),
        Index("ix_recurrence_instances_request", "tenant_id", "request_id"),
        Index("ix_recurrence_instances_blocked", "tenant_id", "recurrence_id",
              postgresql_where=text("state = 'blocked'")),
    )  # fmt: skip
