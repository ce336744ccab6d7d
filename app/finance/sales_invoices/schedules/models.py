"""Invoices that come again."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.finance.sales_invoices.schedules.recurrence import ABOUT
from tenants.core.db import Model
from tenants.models import one_of, timestamp
from tenants.scoping import TenantOwned

PROBLEMS = ("", "archived", "incomplete", "refused")


class InvoiceSchedule(TenantOwned, Model):
    """An invoice that comes again: every so many months on that day, or the month's last where it has
    no such day. A draft is made on its day; `next_on` is empty when none comes any more and
    `made_until` the last day that one was made for. `wish` is the draft, with the last day of the
    periods made so far and the day that a changed rhythm is counted from; `about` which months its texts name, `problem` why it needs somebody."""

    __tablename__ = "invoice_schedules"
    name: Mapped[str] = mapped_column(Text)
    customer_id: Mapped[UUID | None] = mapped_column()
    customer_name: Mapped[str] = mapped_column(Text, server_default="")
    wish: Mapped[dict[str, Any]] = mapped_column(JSONB)
    months: Mapped[int] = mapped_column()
    day: Mapped[int] = mapped_column()
    about: Mapped[str] = mapped_column(Text, server_default="begins")
    says_period: Mapped[bool] = mapped_column(server_default=text("true"))
    starts_on: Mapped[date] = mapped_column()
    ends_on: Mapped[date | None] = mapped_column()
    next_on: Mapped[date | None] = mapped_column()
    made_until: Mapped[date | None] = mapped_column()
    paused: Mapped[bool] = mapped_column(server_default=text("false"))
    ended_at: Mapped[datetime | None] = timestamp(nullable=True)
    made: Mapped[int] = mapped_column(server_default="0")
    problem: Mapped[str] = mapped_column(Text, server_default="")
    version: Mapped[int] = mapped_column(server_default="1")
    changed_by_name: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = timestamp()
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "customer_id"], ["parties.tenant_id", "parties.id"]),
        CheckConstraint("length(name) BETWEEN 1 AND 120", name="name"),
        CheckConstraint("months BETWEEN 1 AND 24", name="months"),
        CheckConstraint("day BETWEEN 1 AND 31", name="day"),
        CheckConstraint("ends_on >= starts_on", name="ends"),
        one_of("about", tuple(ABOUT)),
        one_of("problem", PROBLEMS),
        Index("ix_invoice_schedules_next", "tenant_id", "next_on"),
    )

    @property
    def state(self) -> str:
        if self.ended_at is not None or self.next_on is None:
            return "ended"
        if self.paused:
            return "paused"
        return "waits" if self.problem in ("archived", "refused") else "active"
