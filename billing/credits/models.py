"""What clients get back, and Stripe's credit notes as a mirror."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from billing.credits.rules import KINDS, LIMIT, METHODS, STATES, WAITS
from tenants.core.db import Model
from tenants.models import one_of, timestamp
from tenants.scoping import TenantOwned


class Credit(TenantOwned, Model):
    """Amounts before VAT, but `total`, which Stripe says. `source` names the fact that it comes
    from, so that the same fact gives one credit; `lines` the parts of the invoice that it takes.
    A credit of service levels of nobody in particular was asked by who signed the month."""

    __tablename__ = "credits"
    kind: Mapped[str] = mapped_column(Text)
    line: Mapped[str] = mapped_column(Text, server_default="")
    month: Mapped[date | None] = mapped_column()
    meter_key: Mapped[str] = mapped_column(Text, server_default="")
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(Text)
    method: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text, server_default="")
    state: Mapped[str] = mapped_column(Text)
    waits: Mapped[str] = mapped_column(Text, server_default="")
    target_invoice_id: Mapped[str | None] = mapped_column(Text)
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    attempt: Mapped[int] = mapped_column(server_default="0")
    error: Mapped[str] = mapped_column(Text, server_default="")
    asked_by: Mapped[UUID | None] = mapped_column()
    asked_by_name: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime] = timestamp()
    approved_by: Mapped[UUID | None] = mapped_column()
    approved_by_name: Mapped[str] = mapped_column(Text, server_default="")
    approved_at: Mapped[datetime | None] = timestamp(nullable=True)
    refused_by_name: Mapped[str] = mapped_column(Text, server_default="")
    stripe_id: Mapped[str | None] = mapped_column(Text)
    number: Mapped[str] = mapped_column(Text, server_default="")
    total: Mapped[int | None] = mapped_column(BigInteger)
    issued_at: Mapped[datetime | None] = timestamp(nullable=True)
    expires_at: Mapped[datetime | None] = timestamp(nullable=True)

    @property
    def taken_back(self) -> bool:
        """Its credit note was cancelled at Stripe."""
        return self.state == "void" and self.number != ""

    __table_args__ = (
        one_of("kind", KINDS),
        one_of("method", METHODS),
        one_of("state", STATES),
        one_of("waits", ("", *WAITS)),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("extract(day FROM month) = 1", name="month"),
        CheckConstraint("kind <> 'sla' OR (month IS NOT NULL AND line <> '')", name="sla"),
        CheckConstraint("kind <> 'goodwill' OR length(reason) > 0", name="reason"),
        CheckConstraint(
            f"state NOT IN ('approved', 'issuing', 'issued')"
            f" OR (amount <= {LIMIT} AND kind <> 'goodwill')"
            f" OR (approved_by IS NOT NULL AND approved_by IS DISTINCT FROM asked_by)",
            name="four_eyes",
        ),
        CheckConstraint("(state = 'issued') = (stripe_id IS NOT NULL)", name="issued"),
        UniqueConstraint("tenant_id", "source"),
        Index(
            "uq_credits_sla", "tenant_id", "line", "month", "kind", unique=True,
            postgresql_where=text("kind = 'sla'"),
        ),
        Index("ix_credits_at", "tenant_id", "asked_at", "id"),
    )  # fmt: skip


class CreditNote(TenantOwned, Model):
    """As Stripe stated it. `to_balance` of it counts for invoices to come; `credit_id` names ours,
    and is empty for one that somebody wrote at Stripe."""

    __tablename__ = "credit_notes"
    stripe_note_id: Mapped[str] = mapped_column(Text)
    stripe_invoice_id: Mapped[str] = mapped_column(Text)
    credit_id: Mapped[UUID | None] = mapped_column()
    number: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    memo: Mapped[str] = mapped_column(Text, server_default="")
    currency: Mapped[str] = mapped_column(Text)
    subtotal: Mapped[int] = mapped_column(BigInteger)
    total: Mapped[int] = mapped_column(BigInteger)
    to_balance: Mapped[int] = mapped_column(BigInteger)
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    pdf_url: Mapped[str | None] = mapped_column(Text)
    issued_at: Mapped[datetime] = timestamp()
    sync_version: Mapped[int] = mapped_column()
    __table_args__ = (
        UniqueConstraint("tenant_id", "stripe_note_id"),
        Index("ix_credit_notes_invoice", "tenant_id", "stripe_invoice_id"),
    )


class CreditBalance(TenantOwned, Model):
    """What is left: of credit notes for the next invoices, with VAT, and of credit for usage,
    before VAT."""

    __tablename__ = "credit_balances"
    currency: Mapped[str] = mapped_column(Text)
    on_account: Mapped[int] = mapped_column(BigInteger)
    for_usage: Mapped[int] = mapped_column(BigInteger)
    sync_version: Mapped[int] = mapped_column()
    __table_args__ = (UniqueConstraint("tenant_id"),)
