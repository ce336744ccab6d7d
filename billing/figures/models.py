"""What each company brought in a month, as it was noted then, and what an hour of ours costs."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.core.db import Model
from tenants.core.ids import uuid7
from tenants.models import timestamp
from tenants.scoping import TenantOwned

MOST_CENTS = 100_000


class BillingFigure(TenantOwned, Model):
    """The monthly revenue of one company at the last look of a month; `month` is its first day."""

    __tablename__ = "billing_figures"
    month: Mapped[date] = mapped_column()
    mrr_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(Text)
    noted_at: Mapped[datetime] = timestamp()
    __table_args__ = (
        CheckConstraint("mrr_minor >= 0", name="mrr_minor"),
        CheckConstraint("extract(day FROM month) = 1", name="first_day"),
        UniqueConstraint("tenant_id", "month"),
    )


class InternalRate(Model):
    """The provider's own: an hour of one person, or of everybody in a role, from a month on. Never
    changed; of two for the same month the one set last counts."""

    __tablename__ = "internal_rates"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff.user_id"))
    role: Mapped[str] = mapped_column(Text, server_default="")
    cents: Mapped[int] = mapped_column()
    starts_on: Mapped[date] = mapped_column()
    set_at: Mapped[datetime] = timestamp()
    set_by: Mapped[UUID] = mapped_column()
    set_by_name: Mapped[str] = mapped_column(Text)
    __table_args__ = (
        CheckConstraint(f"cents BETWEEN 0 AND {MOST_CENTS}", name="cents"),
        CheckConstraint("extract(day FROM starts_on) = 1", name="first_day"),
        CheckConstraint("(user_id IS NULL) = (role <> '')", name="whose"),
        Index("ix_internal_rates_user_id", "user_id"),
    )
