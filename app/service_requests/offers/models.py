from datetime import date, datetime
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
from sqlalchemy.orm import Mapped, mapped_column

from app.service_requests.models import of_request
from tenants.core.db import Model
from tenants.models import one_of, timestamp
from tenants.scoping import TenantOwned

OPEN, ACCEPTED, DECLINED, SUPERSEDED, WITHDRAWN = (
    "open", "accepted", "declined", "superseded", "withdrawn",
)  # fmt: skip
STATES = (OPEN, ACCEPTED, DECLINED, SUPERSEDED, WITHDRAWN)
# Stripe takes eight digits.
HIGHEST_PRICE = 99_999_999


class Offer(TenantOwned, Model):
    """A price for work that the contract doesn't cover. `sha256` stands for everything that was
    offered; accepted, the row is the amendment of the contract. `needed` people have to accept."""

    __tablename__ = "request_offers"
    request_id: Mapped[UUID] = mapped_column()
    number: Mapped[int] = mapped_column()
    price: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    valid_until: Mapped[date] = mapped_column()
    start_on: Mapped[date | None] = mapped_column()
    needed: Mapped[int] = mapped_column()
    sha256: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, server_default="open")
    offered_by: Mapped[UUID | None] = mapped_column()
    offered_by_name: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = timestamp()
    ended_at: Mapped[datetime | None] = timestamp(nullable=True)
    ended_by_name: Mapped[str] = mapped_column(Text, server_default="")
    __table_args__ = (
        of_request(),
        one_of("state", STATES),
        CheckConstraint(f"price > 0 AND price <= {HIGHEST_PRICE}", name="price"),
        CheckConstraint("needed IN (1, 2)", name="needed"),
        CheckConstraint("(state = 'open') = (ended_at IS NULL)", name="ended"),
        UniqueConstraint("tenant_id", "request_id", "number"),
        Index("uq_request_offers_live", "tenant_id", "request_id", unique=True,
              postgresql_where=text("state IN ('open', 'accepted')")),
        Index("ix_request_offers_accepted", "tenant_id", "ended_at", "id",
              postgresql_where=text("state = 'accepted'")),
    )  # fmt: skip


class OfferDecision(TenantOwned, Model):
    """One person of the client on exactly the offer that `sha256` stands for."""

    __tablename__ = "offer_decisions"
    request_id: Mapped[UUID] = mapped_column()
    offer_id: Mapped[UUID] = mapped_column()
    decision: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text, server_default="")
    sha256: Mapped[str] = mapped_column(Text)
    approver_id: Mapped[UUID] = mapped_column()
    approver_name: Mapped[str] = mapped_column(Text)
    second_factor_at: Mapped[datetime | None] = timestamp(nullable=True)
    at: Mapped[datetime] = timestamp()
    __table_args__ = (
        of_request(),
        ForeignKeyConstraint(
            ["tenant_id", "offer_id"], ["request_offers.tenant_id", "request_offers.id"]
        ),
        one_of("decision", ("accepted", "declined")),
        CheckConstraint("decision = 'accepted' OR length(reason) > 0", name="reason"),
        CheckConstraint(
            "decision = 'declined' OR second_factor_at IS NOT NULL", name="second_factor"
        ),
        UniqueConstraint("tenant_id", "offer_id", "approver_id"),
    )
