"""Where our ledger and Stripe say something different, from when until when."""

from datetime import datetime

from sqlalchemy import Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from tenants.core.db import Model
from tenants.models import one_of, timestamp
from tenants.scoping import TenantOwned

KINDS = (
    "ledger", "usage_at_stripe", "usage_invoiced", "subscriptions", "unpriced", "rejected",
    "unbilled", "effect", "orphan", "catalogue", "parked", "invoice_record",
)  # fmt: skip


class ReconcileFinding(TenantOwned, Model):
    """`subject` says where: a meter and hour, an invoice's number, an id of Stripe's."""

    __tablename__ = "reconcile_findings"
    kind: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    expected: Mapped[str] = mapped_column(Text)
    actual: Mapped[str] = mapped_column(Text)
    found_at: Mapped[datetime] = timestamp()
    seen_at: Mapped[datetime] = timestamp()
    resolved_at: Mapped[datetime | None] = timestamp(nullable=True)
    __table_args__ = (
        one_of("kind", KINDS),
        Index(
            "uq_reconcile_findings_open", "tenant_id", "kind", "subject", unique=True,
            postgresql_where=text("resolved_at IS NULL"),
        ),
    )  # fmt: skip
