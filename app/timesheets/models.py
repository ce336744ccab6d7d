from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.timesheets.categories import CATEGORIES
from tenants.core.db import Model
from tenants.models import one_of, timestamp
from tenants.scoping import TenantOwned

SOURCES = ("manual", "timer")


class TimeEntry(TenantOwned, Model):
    """Minutes of work on a request, never changed: `reverses_id` names the entry that a row with
    the opposite minutes takes back, `replaces_id` the one that a row stands for since then."""

    __tablename__ = "time_entries"
    request_id: Mapped[UUID] = mapped_column()
    user_id: Mapped[UUID] = mapped_column()
    user_name: Mapped[str] = mapped_column(Text)
    worked_on: Mapped[date] = mapped_column()
    minutes: Mapped[int] = mapped_column()
    activity: Mapped[str] = mapped_column(Text)
    billable: Mapped[bool] = mapped_column(server_default=text("true"))
    at: Mapped[datetime] = timestamp()
    category: Mapped[str] = mapped_column(Text, default="work", server_default="work")
    source: Mapped[str] = mapped_column(Text, default="manual", server_default="manual")
    reverses_id: Mapped[UUID | None] = mapped_column()
    replaces_id: Mapped[UUID | None] = mapped_column()
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "request_id"], ["requests.tenant_id", "requests.id"]),
        ForeignKeyConstraint(
            ["tenant_id", "reverses_id"], ["time_entries.tenant_id", "time_entries.id"]
        ),
        ForeignKeyConstraint(
            ["tenant_id", "replaces_id"], ["time_entries.tenant_id", "time_entries.id"]
        ),
        CheckConstraint("minutes <> 0 AND abs(minutes) <= 1440", name="minutes"),
        one_of("category", tuple(CATEGORIES)),
        one_of("source", SOURCES),
        Index("ix_time_entries_request", "tenant_id", "request_id", "at"),
        Index("ix_time_entries_person", "tenant_id", "user_id", "worked_on"),
        Index("uq_time_entries_reverses", "tenant_id", "reverses_id", unique=True,
              postgresql_where=text("reverses_id IS NOT NULL")),
        Index("uq_time_entries_replaces", "tenant_id", "replaces_id", unique=True,
              postgresql_where=text("replaces_id IS NOT NULL")),
    )  # fmt: skip


class TimeComment(TenantOwned, Model):
    """The provider's own words about an entry: same policy as internal notes."""

    __tablename__ = "time_comments"
    entry_id: Mapped[UUID] = mapped_column()
    body: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "entry_id"], ["time_entries.tenant_id", "time_entries.id"]
        ),
        Index("ix_time_comments_entry", "tenant_id", "entry_id", unique=True),
    )


class Timer(Model):
    """A person's one timer, at whichever client; only its own person sees it. `seconds` are those
    before the last pause; `running_since` is empty while it is paused."""

    __tablename__ = "timers"
    user_id: Mapped[UUID] = mapped_column(ForeignKey("staff.user_id"), primary_key=True)
    id: Mapped[UUID] = mapped_column()
    client_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"))
    request_id: Mapped[UUID] = mapped_column()
    number: Mapped[int] = mapped_column()
    worked_on: Mapped[date] = mapped_column()
    seconds: Mapped[int] = mapped_column(server_default="0")
    running_since: Mapped[datetime | None] = timestamp(nullable=True)
    __table_args__ = (CheckConstraint("seconds >= 0", name="seconds"),)


class LockedMonth(Model):
    """From here back nobody's time changes any more; `month` is its first day."""

    __tablename__ = "locked_months"
    month: Mapped[date] = mapped_column(primary_key=True)
    locked_at: Mapped[datetime] = timestamp()
    locked_by: Mapped[UUID] = mapped_column()
    locked_by_name: Mapped[str] = mapped_column(Text)
    __table_args__ = (CheckConstraint("extract(day FROM month) = 1", name="first_day"),)
