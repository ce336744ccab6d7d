"""Months signed off, what each counted, what it gives back. Rows are added, never changed: a later
correction is a row of its own with a higher revision."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.service_levels.judging import OUTCOMES, REASONS
from app.service_requests.models import PRIORITIES, of_request
from app.service_requests.sla.clock import CLOCKS
from tenants.core.db import Model
from tenants.models import one_of, timestamp
from tenants.scoping import TenantOwned


def of_month() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["tenant_id", "month", "line"],
        ["sla_months.tenant_id", "sla_months.month", "sla_months.line"],
    )


class SlaMonth(TenantOwned, Model):
    """One line's month; all lines of a client are signed off together."""

    __tablename__ = "sla_months"
    month: Mapped[date] = mapped_column()
    line: Mapped[str] = mapped_column(ForeignKey("service_lines.code"))
    zone: Mapped[str] = mapped_column(Text)
    contract_number: Mapped[int | None] = mapped_column()
    figures: Mapped[dict[str, Any]] = mapped_column(JSONB)
    signed_at: Mapped[datetime] = timestamp()
    signed_by: Mapped[UUID | None] = mapped_column()
    signed_by_name: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        UniqueConstraint("tenant_id", "month", "line"),
        CheckConstraint("extract(day FROM month) = 1", name="first_day"),
    )


class SlaOutcome(TenantOwned, Model):
    """`revision` 1 is what the sign-off counted; the highest one holds. `booked_in` is the month
    whose statement shows a correction."""

    __tablename__ = "sla_outcomes"
    month: Mapped[date] = mapped_column()
    line: Mapped[str] = mapped_column(Text)
    request_id: Mapped[UUID] = mapped_column()
    number: Mapped[int] = mapped_column()
    clock: Mapped[str] = mapped_column(Text)
    run: Mapped[int] = mapped_column()
    revision: Mapped[int] = mapped_column()
    booked_in: Mapped[date] = mapped_column()
    outcome: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    severity: Mapped[str] = mapped_column(Text)
    started_at: Mapped[datetime] = timestamp()
    at: Mapped[datetime] = timestamp()
    due_at: Mapped[datetime | None] = timestamp(nullable=True)
    original_due_at: Mapped[datetime | None] = timestamp(nullable=True)
    target: Mapped[int | None] = mapped_column()
    minutes: Mapped[int] = mapped_column()
    late: Mapped[int] = mapped_column()
    waited: Mapped[int] = mapped_column()
    open: Mapped[int] = mapped_column()
    __table_args__ = (
        of_request(),
        of_month(),
        one_of("clock", CLOCKS),
        one_of("outcome", OUTCOMES),
        one_of("reason", REASONS),
        one_of("severity", PRIORITIES),
        UniqueConstraint("tenant_id", "request_id", "clock", "run", "month", "revision"),
        Index("ix_sla_outcomes_month", "tenant_id", "month", "line"),
        Index("ix_sla_outcomes_booked", "tenant_id", "booked_in"),
    )

    @property
    def key(self) -> tuple[UUID, str, int]:
        return self.request_id, self.clock, self.run


class SlaCredit(TenantOwned, Model):
    """`amount` is the whole credit of a line's month as of this revision, in cents; `change` what this
    revision adds, which is what billing issues. Rates and cap are basis points."""

    __tablename__ = "sla_credits"
    month: Mapped[date] = mapped_column()
    line: Mapped[str] = mapped_column(Text)
    revision: Mapped[int] = mapped_column()
    booked_in: Mapped[date] = mapped_column()
    base: Mapped[int] = mapped_column(BigInteger)
    cap: Mapped[int] = mapped_column()
    rates: Mapped[int] = mapped_column()
    breaches: Mapped[int] = mapped_column()
    amount: Mapped[int] = mapped_column(BigInteger)
    change: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(Text)
    computed_at: Mapped[datetime] = timestamp()
    computed_by_name: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        of_month(),
        CheckConstraint("amount >= 0 AND amount <= base", name="amount"),
        UniqueConstraint("tenant_id", "line", "month", "revision"),
    )


class SlaInput(TenantOwned, Model):
    """An input of the client that was due in a month, as it was signed off: `came_at` is empty for
    one that was still missing then, `minutes` are the open ones by which it was late."""

    __tablename__ = "sla_inputs"
    month: Mapped[date] = mapped_column()
    line: Mapped[str] = mapped_column(Text)
    request_id: Mapped[UUID] = mapped_column()
    number: Mapped[int] = mapped_column()
    document_id: Mapped[UUID | None] = mapped_column()
    due_at: Mapped[datetime] = timestamp()
    came_at: Mapped[datetime | None] = timestamp(nullable=True)
    minutes: Mapped[int] = mapped_column()
    __table_args__ = (
        of_request(),
        of_month(),
        ForeignKeyConstraint(
            ["tenant_id", "document_id"], ["document_lines.tenant_id", "document_lines.id"]
        ),
        CheckConstraint("minutes >= 0", name="minutes"),
        Index("ix_sla_inputs_month", "tenant_id", "month", "line"),
    )


class PreparedMonth(TenantOwned, Model):
    """A month that was over was counted, and its supervisors were told that it waits: once."""

    __tablename__ = "sla_prepared_months"
    month: Mapped[date] = mapped_column()
    prepared_at: Mapped[datetime] = timestamp()
    counted: Mapped[int] = mapped_column()
    missed: Mapped[int] = mapped_column()
    credit: Mapped[int] = mapped_column(BigInteger)
    __table_args__ = (
        UniqueConstraint("tenant_id", "month"),
        CheckConstraint("extract(day FROM month) = 1", name="first_day"),
    )


class MonthContest(TenantOwned, Model):
    """The client's objection to a line's month, and its answer."""

    __tablename__ = "sla_month_contests"
    month: Mapped[date] = mapped_column()
    line: Mapped[str] = mapped_column(Text)
    words: Mapped[str] = mapped_column(Text)
    by_id: Mapped[UUID | None] = mapped_column()
    by_name: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = timestamp()
    upheld: Mapped[bool | None] = mapped_column()
    answer: Mapped[str] = mapped_column(Text, server_default="")
    answered_at: Mapped[datetime | None] = timestamp(nullable=True)
    answered_by_name: Mapped[str] = mapped_column(Text, server_default="")
    __table_args__ = (
        of_month(),
        CheckConstraint("length(words) > 0", name="words"),
        CheckConstraint(
            "(upheld IS NULL) = (answered_at IS NULL) AND (upheld IS NULL OR length(answer) > 0)",
            name="answered",
        ),
        UniqueConstraint("tenant_id", "line", "month"),
    )
