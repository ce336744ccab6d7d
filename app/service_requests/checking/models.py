from datetime import datetime
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
from sqlalchemy.orm import Mapped, mapped_column

from app.service_requests.checking.drawing import REASONS
from app.service_requests.checking.kinds import SEVERITIES
from app.service_requests.models import of_request
from tenants.core.db import Model
from tenants.models import one_of, timestamp
from tenants.scoping import TenantOwned


class ReviewDraw(TenantOwned, Model):
    """Whether a submission is checked, drawn once: `slip` is one of 10 000, drawn when it is below
    `rate` per cent of them. `raised_by` is the review that raised the rate, maybe of another client.
    A request's first submission has the number 1; each after a return, a refusal or a reopening has
    the next. The provider's own, like findings."""

    __tablename__ = "review_draws"
    request_id: Mapped[UUID] = mapped_column()
    submission: Mapped[int] = mapped_column()
    at: Mapped[datetime] = timestamp()
    operator_id: Mapped[UUID | None] = mapped_column()
    operator_name: Mapped[str] = mapped_column(Text)
    item: Mapped[str] = mapped_column(Text)
    rate: Mapped[int] = mapped_column()
    because: Mapped[str] = mapped_column(Text)
    slip: Mapped[int] = mapped_column()
    drawn: Mapped[bool] = mapped_column()
    raised_by: Mapped[UUID | None] = mapped_column()
    __table_args__ = (
        of_request(),
        UniqueConstraint("tenant_id", "request_id", "submission"),
        one_of("because", tuple(REASONS)),
        CheckConstraint("submission > 0", name="submission"),
        CheckConstraint("rate BETWEEN 0 AND 100", name="rate"),
        CheckConstraint("slip BETWEEN 0 AND 9999", name="slip"),
        CheckConstraint("drawn = (slip < rate * 100)", name="drawn"),
    )


class ReviewFinding(TenantOwned, Model):
    """What a reviewer found; the preparer says that it is fixed, a reviewer confirms it. `operator_id`
    is who handed the result over. `line` and `item` are the request's, for figures."""

    __tablename__ = "review_findings"
    request_id: Mapped[UUID] = mapped_column()
    review_id: Mapped[UUID] = mapped_column()
    position: Mapped[int] = mapped_column()
    at: Mapped[datetime] = timestamp()
    operator_id: Mapped[UUID | None] = mapped_column()
    line: Mapped[str] = mapped_column(ForeignKey("service_lines.code"))
    item: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    severity: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    fixed_at: Mapped[datetime | None] = timestamp(nullable=True)
    fixed_by: Mapped[UUID | None] = mapped_column()
    fixed_by_name: Mapped[str] = mapped_column(Text, server_default="")
    confirmed_at: Mapped[datetime | None] = timestamp(nullable=True)
    confirmed_by: Mapped[UUID | None] = mapped_column()
    confirmed_by_name: Mapped[str] = mapped_column(Text, server_default="")
    __table_args__ = (
        of_request(),
        ForeignKeyConstraint(["tenant_id", "review_id"], ["reviews.tenant_id", "reviews.id"]),
        UniqueConstraint("tenant_id", "review_id", "position"),
        one_of("severity", tuple(SEVERITIES)),
        CheckConstraint("length(body) BETWEEN 1 AND 10000", name="body"),
        CheckConstraint("confirmed_at IS NULL OR fixed_at IS NOT NULL", name="confirmed"),
        CheckConstraint("confirmed_by IS NULL OR confirmed_by <> fixed_by", name="four_eyes"),
        Index("ix_review_findings_request", "tenant_id", "request_id", "at"),
        Index("ix_review_findings_at", "tenant_id", "at"),
    )

    @property
    def is_open(self) -> bool:
        return self.confirmed_at is None


class ReviewRate(Model):
    """What a supervisor set for a kind of work, of one operator or of everybody."""

    __tablename__ = "review_rates"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    item: Mapped[str] = mapped_column(Text)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.user_id"))
    rate: Mapped[int] = mapped_column()
    reason: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime] = timestamp()
    set_by: Mapped[UUID] = mapped_column()
    set_by_name: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        UniqueConstraint("item", "user_id", postgresql_nulls_not_distinct=True),
        CheckConstraint("rate BETWEEN 0 AND 100", name="rate"),
        CheckConstraint("length(reason) BETWEEN 1 AND 500", name="reason"),
    )


class ReviewStanding(Model):
    """How many checks without a finding an operator still needs with a kind of work, over all
    clients, and the review that said so. Nobody writes their own."""

    __tablename__ = "review_standings"
    user_id: Mapped[UUID] = mapped_column(ForeignKey("staff.user_id"), primary_key=True)
    item: Mapped[str] = mapped_column(Text, primary_key=True)
    checks_left: Mapped[int] = mapped_column(server_default=text("0"))
    since: Mapped[datetime] = timestamp()
    client_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"))
    review_id: Mapped[UUID] = mapped_column()
    __table_args__ = (CheckConstraint("checks_left >= 0", name="checks_left"),)
