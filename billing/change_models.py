"""What a client asked of its running subscription, and what became of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.core.db import Model
from tenants.models import one_of, timestamp
from tenants.scoping import TenantOwned

STATES = ("asked", "sent", "planned", "done", "refused", "withdrawn")
OPEN = ("asked", "sent", "planned")
# What moves the subscription to another plan, or to its end; the others are done once Stripe answers.
PLANS = ("upgrade", "downgrade")
LASTING = (*PLANS, "end")
ERRANDS = ("keep", "pay", "resume")


class PlanChange(TenantOwned, Model):
    """`figures` are those that were seen when it was asked. Without `effective_at` it happens at
    once. While it is `sent` with a `problem`, it waits for the payment of `stripe_invoice_id`.
    `settled_at` is by the database's clock: a state of Stripe's that was fetched before says
    nothing about it."""

    __tablename__ = "plan_changes"
    kind: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, server_default="asked")
    stripe_subscription_id: Mapped[str] = mapped_column(Text)
    from_plan: Mapped[str] = mapped_column(Text, server_default="")
    from_version: Mapped[int] = mapped_column(server_default="1")
    from_interval: Mapped[str] = mapped_column(Text, server_default="")
    to_plan: Mapped[str] = mapped_column(Text, server_default="")
    to_version: Mapped[int] = mapped_column(server_default="1")
    to_interval: Mapped[str] = mapped_column(Text, server_default="")
    proration_date: Mapped[datetime | None] = timestamp(nullable=True)
    effective_at: Mapped[datetime | None] = timestamp(nullable=True)
    figures: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    reason: Mapped[str] = mapped_column(Text, server_default="")
    problem: Mapped[str] = mapped_column(Text, server_default="")
    stripe_invoice_id: Mapped[str | None] = mapped_column(Text)
    asked_by: Mapped[UUID | None] = mapped_column()
    asked_by_name: Mapped[str] = mapped_column(Text, server_default="")
    asked_at: Mapped[datetime] = timestamp()
    sent_at: Mapped[datetime | None] = timestamp(nullable=True)
    settled_at: Mapped[datetime | None] = timestamp(nullable=True)
    ended_at: Mapped[datetime | None] = timestamp(nullable=True)
    __table_args__ = (
        one_of("kind", (*LASTING, *ERRANDS)),
        one_of("state", STATES),
        Index(
            "uq_plan_changes_lasting", "tenant_id", unique=True,
            postgresql_where=text(
                "state IN ('asked', 'sent', 'planned') AND kind IN ('upgrade', 'downgrade', 'end')"
            ),
        ),
        Index(
            "uq_plan_changes_errand", "tenant_id", unique=True,
            postgresql_where=text(
                "state IN ('asked', 'sent', 'planned')"
                " AND kind IN ('keep', 'pay', 'resume')"
            ),
        ),
        Index("ix_plan_changes_at", "tenant_id", "asked_at", "id"),
    )  # fmt: skip
