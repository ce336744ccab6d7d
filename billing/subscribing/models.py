"""A client on its way through Stripe's page: one at a time."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from billing.plans import INTERVALS
from tenants.core.db import Model
from tenants.models import one_of, timestamp
from tenants.scoping import TenantOwned

STATES = ("open", "completed", "superseded")


class CheckoutAttempt(TenantOwned, Model):
    """`url` is there once Stripe has opened its page. One whose `expires_at` is over stays open here
    until the next one takes its place: nobody can pay it any more."""

    __tablename__ = "checkout_attempts"
    plan_key: Mapped[str] = mapped_column(Text)
    plan_version: Mapped[int] = mapped_column()
    interval: Mapped[str] = mapped_column(Text)
    trial_end: Mapped[datetime | None] = timestamp(nullable=True)
    state: Mapped[str] = mapped_column(Text, server_default="open")
    stripe_session_id: Mapped[str | None] = mapped_column(Text)
    url: Mapped[str] = mapped_column(Text, server_default="")
    expires_at: Mapped[datetime | None] = timestamp(nullable=True)
    begun_at: Mapped[datetime] = timestamp()
    begun_by: Mapped[UUID | None] = mapped_column()
    __table_args__ = (
        one_of("interval", INTERVALS),
        one_of("state", STATES),
        Index(
            "uq_checkout_attempts_open", "tenant_id", unique=True,
            postgresql_where=text("state = 'open'"),
        ),
    )  # fmt: skip
