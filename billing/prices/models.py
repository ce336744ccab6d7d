"""A price that a client agreed with the provider, in the place of the plan's, from a month on."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from tenants.core.db import Model
from tenants.models import one_of, timestamp
from tenants.scoping import TenantOwned

VERDICTS = ("approved", "refused", "withdrawn")


class PriceOverride(TenantOwned, Model):
    """As it was proposed; whether it counts says its decision. Nobody may change or delete a row:
    `stripe_price_id` alone is noted later. Both days are the first of a month, in UTC as Stripe's
    periods are, `ends_on` the first that it doesn't count for any more."""

    __tablename__ = "price_overrides"
    lookup_key: Mapped[str] = mapped_column(Text)
    unit_amount: Mapped[Decimal] = mapped_column()
    currency: Mapped[str] = mapped_column(Text)
    starts_on: Mapped[date] = mapped_column()
    ends_on: Mapped[date | None] = mapped_column()
    reason: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[UUID] = mapped_column()
    proposed_by_name: Mapped[str] = mapped_column(Text)
    proposed_at: Mapped[datetime] = timestamp()
    stripe_price_id: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (
        UniqueConstraint("tenant_id", "id", "proposed_by"),
        CheckConstraint("unit_amount >= 0", name="unit_amount"),
        CheckConstraint("length(reason) > 0", name="reason"),
        CheckConstraint("extract(day FROM starts_on) = 1", name="starts_on"),
        CheckConstraint("ends_on > starts_on AND extract(day FROM ends_on) = 1", name="ends_on"),
        Index("ix_price_overrides_start", "tenant_id", "starts_on"),
    )


class PriceDecision(TenantOwned, Model):
    """Two people for a price: whoever proposed it may only withdraw it."""

    __tablename__ = "price_decisions"
    override_id: Mapped[UUID] = mapped_column()
    proposed_by: Mapped[UUID] = mapped_column()
    verdict: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text, server_default="")
    decided_by: Mapped[UUID] = mapped_column()
    decided_by_name: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[datetime] = timestamp()
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "override_id", "proposed_by"],
            ["price_overrides.tenant_id", "price_overrides.id", "price_overrides.proposed_by"],
        ),
        UniqueConstraint("tenant_id", "override_id"),
        one_of("verdict", VERDICTS),
        CheckConstraint(
            "(verdict = 'withdrawn') = (decided_by = proposed_by)", name="checker_is_not_maker"
        ),
        CheckConstraint("verdict <> 'refused' OR length(reason) > 0", name="reason"),
    )
