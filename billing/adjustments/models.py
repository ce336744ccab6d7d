"""Usage that no meter counts: charged by an item of its own, with the month that it belongs to."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from billing.models import METERS
from tenants.core.db import Model
from tenants.models import one_of, timestamp
from tenants.scoping import TenantOwned

REASONS = ("too_old", "ended")


class UsageAdjustment(TenantOwned, Model):
    """`charged` of its `quantity` lie beyond what the month includes. The ledger takes the quantity
    out of the hour by a row `adjusted` with this row's id: each fact is charged in one place."""

    __tablename__ = "usage_adjustments"
    meter_key: Mapped[str] = mapped_column(Text)
    period_start: Mapped[datetime] = timestamp()
    period_end: Mapped[datetime] = timestamp()
    source_type: Mapped[str] = mapped_column(Text)
    source_id: Mapped[UUID] = mapped_column()
    quantity: Mapped[int] = mapped_column(BigInteger)
    charged: Mapped[int] = mapped_column(BigInteger)
    unit_amount: Mapped[Decimal] = mapped_column()
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = timestamp()
    __table_args__ = (
        one_of("meter_key", METERS),
        one_of("reason", REASONS),
        CheckConstraint("quantity > 0 AND charged BETWEEN 0 AND quantity", name="quantity"),
        Index("ix_usage_adjustments_period", "tenant_id", "meter_key", "period_start"),
    )
