"""A client's objection to a usage record, and what the provider answered."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from billing.contests.rules import LIMIT, OUTCOMES, STATES, VERDICTS
from billing.models import METERS
from tenants.core.db import Model
from tenants.models import one_of, timestamp
from tenants.scoping import TenantOwned


class UsageContest(TenantOwned, Model):
    """The record as it was contested: what `evidence` holds tells nothing of the request's content,
    so that the provider's administrators may read it. `remains` is what stays billed."""

    __tablename__ = "usage_contests"
    meter_key: Mapped[str] = mapped_column(Text)
    source_type: Mapped[str] = mapped_column(Text)
    source_id: Mapped[UUID] = mapped_column()
    request_number: Mapped[int | None] = mapped_column()
    occurred_at: Mapped[datetime] = timestamp()
    hour: Mapped[datetime] = timestamp()
    quantity: Mapped[int] = mapped_column(BigInteger)
    unit_amount: Mapped[Decimal] = mapped_column()
    currency: Mapped[str] = mapped_column(Text)
    invoice_number: Mapped[str] = mapped_column(Text, server_default="")
    accepted: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(Text)
    evidence: Mapped[dict[str, Any]] = mapped_column(JSONB)
    raised_by: Mapped[UUID | None] = mapped_column()
    raised_by_name: Mapped[str] = mapped_column(Text)
    raised_at: Mapped[datetime] = timestamp()
    state: Mapped[str] = mapped_column(Text, server_default="open")
    verdict: Mapped[str | None] = mapped_column(Text)
    remains: Mapped[int | None] = mapped_column(BigInteger)
    answer: Mapped[str] = mapped_column(Text, server_default="")
    decided_by: Mapped[UUID | None] = mapped_column()
    decided_by_name: Mapped[str] = mapped_column(Text, server_default="")
    decided_at: Mapped[datetime | None] = timestamp(nullable=True)
    confirmed_by: Mapped[UUID | None] = mapped_column()
    confirmed_by_name: Mapped[str] = mapped_column(Text, server_default="")
    confirmed_at: Mapped[datetime | None] = timestamp(nullable=True)
    # What the workers made of the decision: the money of a credit, before VAT.
    outcome: Mapped[str] = mapped_column(Text, server_default="")
    credited: Mapped[int] = mapped_column(BigInteger, server_default="0")
    stripe_invoice_id: Mapped[str] = mapped_column(Text, server_default="")
    settled_at: Mapped[datetime | None] = timestamp(nullable=True)
    __table_args__ = (
        one_of("meter_key", METERS),
        one_of("state", STATES),
        one_of("verdict", VERDICTS),
        one_of("outcome", ("", *OUTCOMES)),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("length(reason) > 0", name="reason"),
        CheckConstraint("accepted >= 0 AND accepted < quantity", name="accepted"),
        CheckConstraint("remains >= 0 AND remains <= quantity", name="remains"),
        CheckConstraint(
            "(state = 'open') = (verdict IS NULL) AND (verdict IS NULL) = (remains IS NULL)"
            " AND (verdict IS NULL OR length(answer) > 0)",
            name="answered",
        ),
        CheckConstraint(
            f"state <> 'decided' OR (quantity - remains) * unit_amount <= {LIMIT}"
            " OR coalesce(confirmed_by <> decided_by, false)",
            name="four_eyes",
        ),
        UniqueConstraint("tenant_id", "meter_key", "source_type", "source_id"),
        Index("ix_usage_contests_at", "tenant_id", "raised_at", "id"),
    )

    @property
    def taken(self) -> int:
        return 0 if self.remains is None else self.quantity - self.remains
