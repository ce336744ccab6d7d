"""Payments that the bank of a card's holder took back, as Stripe says it."""

from datetime import datetime

from sqlalchemy import BigInteger, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.core.db import Model
from tenants.models import timestamp
from tenants.scoping import TenantOwned

# Stripe's words for one that is decided; a word that we don't know is one that isn't.
DECIDED = ("won", "lost", "prevented", "warning_closed")


class StripeDispute(TenantOwned, Model):
    """`due_at` is until when evidence is taken."""

    __tablename__ = "stripe_disputes"
    stripe_dispute_id: Mapped[str] = mapped_column(Text)
    stripe_invoice_id: Mapped[str] = mapped_column(Text, server_default="")
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text, server_default="")
    status: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime] = timestamp()
    due_at: Mapped[datetime | None] = timestamp(nullable=True)
    fetched_at: Mapped[datetime] = timestamp()
    __table_args__ = (UniqueConstraint("tenant_id", "stripe_dispute_id"),)
