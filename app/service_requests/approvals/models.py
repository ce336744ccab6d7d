from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from tenants.core.db import Model
from tenants.models import one_of, timestamp
from tenants.scoping import TenantOwned

OUTCOMES = ("approved", "refused", "renewed", "replaced", "ended")


class ApprovalRound(TenantOwned, Model):
    """The client is asked once to decide on exactly the package `sha256`.

    Other files make another round, in which nothing is approved yet. `expired_at` is when it was
    noticed that nobody decided in time: an operator asks anew, which is a round of its own.
    """

    __tablename__ = "approval_rounds"
    request_id: Mapped[UUID] = mapped_column()
    sha256: Mapped[str] = mapped_column(Text)
    needed: Mapped[int] = mapped_column()
    asks_code: Mapped[bool] = mapped_column()
    amount: Mapped[int | None] = mapped_column(BigInteger)
    asked_at: Mapped[datetime] = timestamp()
    expires_at: Mapped[datetime] = timestamp()
    expired_at: Mapped[datetime | None] = timestamp(nullable=True)
    ended_at: Mapped[datetime | None] = timestamp(nullable=True)
    outcome: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "request_id"], ["requests.tenant_id", "requests.id"]),
        UniqueConstraint("tenant_id", "id", "request_id", "sha256"),
        CheckConstraint("needed BETWEEN 1 AND 2", name="needed"),
        CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name="ended"),
        one_of("outcome", OUTCOMES),
        Index("uq_approval_rounds_open", "tenant_id", "request_id", unique=True,
              postgresql_where=text("ended_at IS NULL")),
        Index("ix_approval_rounds_expiry", "tenant_id", "expires_at",
              postgresql_where=text("ended_at IS NULL AND expired_at IS NULL")),
    )  # fmt: skip

    def is_expired(self, now: datetime) -> bool:
        return now >= self.expires_at


class Delegation(TenantOwned, Model):
    """An approver lets a colleague decide for them, on these lines and between these moments."""

    __tablename__ = "approval_delegations"
    principal_id: Mapped[UUID] = mapped_column()
    principal_name: Mapped[str] = mapped_column(Text)
    delegate_id: Mapped[UUID] = mapped_column()
    delegate_name: Mapped[str] = mapped_column(Text)
    lines: Mapped[list[str]] = mapped_column(ARRAY(Text))
    starts_at: Mapped[datetime] = timestamp()
    ends_at: Mapped[datetime] = timestamp()
    created_at: Mapped[datetime] = timestamp()
    ended_at: Mapped[datetime | None] = timestamp(nullable=True)
    ended_by_name: Mapped[str] = mapped_column(Text, server_default="")
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "principal_id"], ["members.tenant_id", "members.user_id"]
        ),
        ForeignKeyConstraint(
            ["tenant_id", "delegate_id"], ["members.tenant_id", "members.user_id"]
        ),
        CheckConstraint("principal_id <> delegate_id", name="two_people"),
        CheckConstraint("ends_at > starts_at", name="dates"),
        CheckConstraint("cardinality(lines) > 0", name="lines"),
        Index("ix_approval_delegations_delegate", "tenant_id", "delegate_id", "ends_at"),
    )

    @property
    def last_moment(self) -> datetime:
        return self.ends_at - timedelta(seconds=1)

    def is_live(self, now: datetime) -> bool:
        return self.ended_at is None and self.starts_at <= now < self.ends_at

    def is_over(self, now: datetime) -> bool:
        return self.ended_at is not None or now >= self.ends_at
