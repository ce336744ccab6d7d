"""Final invoices and credit notes as the finance line takes them over."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.core.db import Model
from tenants.models import one_of, timestamp
from tenants.scoping import TenantOwned

RECORD_KINDS = ("invoice", "credit_note", "void")


class InvoiceRecord(TenantOwned, Model):
    """Written once and never changed; `sha256` is of the record's canonical JSON. One that nobody
    took waits. One of kind `void` takes an invoice's back."""

    __tablename__ = "invoice_records"
    kind: Mapped[str] = mapped_column(Text)
    stripe_id: Mapped[str] = mapped_column(Text)
    number: Mapped[str] = mapped_column(Text)
    record: Mapped[Any] = mapped_column(JSONB)
    sha256: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = timestamp()
    taken_at: Mapped[datetime | None] = timestamp(nullable=True)
    __table_args__ = (
        one_of("kind", RECORD_KINDS),
        UniqueConstraint("tenant_id", "stripe_id", "kind"),
        Index(
            "ix_invoice_records_waiting", "tenant_id", "made_at",
            postgresql_where=text("taken_at IS NULL"),
        ),
    )  # fmt: skip
