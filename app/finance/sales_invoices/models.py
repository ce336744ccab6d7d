"""Sales invoices. What was validated stays as it is: the database lets nobody change or delete a row
with a number; what goes on with it afterwards stands in its standing."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
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
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.core.db import Model
from tenants.models import one_of, timestamp
from tenants.scoping import TenantOwned

# Of UNTDID 1001: invoice, credit note, corrective invoice, deposit invoice.
TYPES = ("380", "381", "384", "386")
STATES = ("draft", "validated", "sent", "partly_paid", "paid", "credited", "disputed")
AIMS = ("draft", "validate")
BATCH_STATES = ("reading", "refused", "read", "issuing", "done", "dropped")
FILES = ("", "making", "valid", "invalid", "not_validated", "failed")


def of_invoice(name: str = "invoice_id") -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["tenant_id", name], ["sales_invoices.tenant_id", "sales_invoices.id"]
    )


class InvoicingSettings(TenantOwned, Model):
    """What stands on the company's invoices beside its own name; one row at most. The account of
    payments stands sealed."""

    __tablename__ = "invoicing_settings"
    name: Mapped[str] = mapped_column(Text)
    legal_id: Mapped[str] = mapped_column(Text, server_default="")
    establishment_id: Mapped[str] = mapped_column(Text, server_default="")
    vat_id: Mapped[str] = mapped_column(Text, server_default="")
    tax_number: Mapped[str] = mapped_column(Text, server_default="")
    legal_text: Mapped[str] = mapped_column(Text, server_default="")
    street: Mapped[str] = mapped_column(Text, server_default="")
    more_address: Mapped[str] = mapped_column(Text, server_default="")
    postcode: Mapped[str] = mapped_column(Text, server_default="")
    city: Mapped[str] = mapped_column(Text, server_default="")
    country: Mapped[str] = mapped_column(Text)
    electronic_address: Mapped[str] = mapped_column(Text, server_default="")
    electronic_scheme: Mapped[str] = mapped_column(Text, server_default="")
    contact: Mapped[str] = mapped_column(Text, server_default="")
    phone: Mapped[str] = mapped_column(Text, server_default="")
    email: Mapped[str] = mapped_column(Text, server_default="")
    iban_sealed: Mapped[str] = mapped_column(Text, server_default="")
    bic: Mapped[str] = mapped_column(Text, server_default="")
    account_name: Mapped[str] = mapped_column(Text, server_default="")
    small_business: Mapped[bool] = mapped_column(server_default=text("false"))
    vat_on_debits: Mapped[bool] = mapped_column(server_default=text("false"))
    payment_days: Mapped[int] = mapped_column(server_default="30")
    late_payment: Mapped[str] = mapped_column(Text, server_default="")
    recovery_charge: Mapped[str] = mapped_column(Text, server_default="")
    early_payment: Mapped[str] = mapped_column(Text, server_default="")
    changed_by_name: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = timestamp()
    __table_args__ = (
        UniqueConstraint("tenant_id"),
        CheckConstraint("payment_days BETWEEN 0 AND 365", name="payment_days"),
        CheckConstraint("country ~ '^[A-Z]{2}$'", name="country"),
    )


class InvoiceSeries(TenantOwned, Model):
    """`prefix` may hold {year}: numbers then begin with 1 in each year."""

    __tablename__ = "invoice_series"
    name: Mapped[str] = mapped_column(Text)
    prefix: Mapped[str] = mapped_column(Text)
    digits: Mapped[int] = mapped_column()
    types: Mapped[list[str]] = mapped_column(ARRAY(Text))
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    made_by_name: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = timestamp()
    __table_args__ = (
        UniqueConstraint("tenant_id", "prefix"),
        CheckConstraint("digits BETWEEN 1 AND 10", name="digits"),
        CheckConstraint("prefix ~ '^[A-Za-z0-9+_/-]*(\\{year\\}[A-Za-z0-9+_/-]*)?$'"
                        " AND length(prefix) <= 24", name="prefix"),
        CheckConstraint(
            "cardinality(types) > 0 AND types <@ ARRAY['380', '381', '384', '386']", name="types"
        ),
    )  # fmt: skip


class InvoiceCounter(TenantOwned, Model):
    """The last number of a series in a year, and the day that it was given for: its row stays locked
    until the validation ends."""

    __tablename__ = "invoice_counters"
    series_id: Mapped[UUID] = mapped_column()
    year: Mapped[int] = mapped_column()
    last_number: Mapped[int] = mapped_column()
    last_issued_on: Mapped[date] = mapped_column()
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "series_id"], ["invoice_series.tenant_id", "invoice_series.id"]
        ),
        UniqueConstraint("tenant_id", "series_id", "year"),
        CheckConstraint("last_number > 0", name="last_number"),
    )


class SalesInvoice(TenantOwned, Model):
    """`content` is the draft (drafting.content), `document` what was validated (an InvoiceDocument
    as JSON) and `sha256` that of its canonical form. Of a credit note or a corrective invoice,
    `preceding_id` is the invoice concerned. Amounts are those of the draft until then."""

    __tablename__ = "sales_invoices"
    type: Mapped[str] = mapped_column(Text)
    series_id: Mapped[UUID | None] = mapped_column()
    year: Mapped[int | None] = mapped_column()
    sequence: Mapped[int | None] = mapped_column()
    number: Mapped[str] = mapped_column(Text, server_default="")
    customer_id: Mapped[UUID | None] = mapped_column()
    customer_name: Mapped[str] = mapped_column(Text, server_default="")
    language: Mapped[str] = mapped_column(Text)
    currency: Mapped[str] = mapped_column(Text)
    rate: Mapped[Decimal | None] = mapped_column()
    issued_on: Mapped[date | None] = mapped_column()
    due_on: Mapped[date | None] = mapped_column()
    net: Mapped[int] = mapped_column(BigInteger, server_default="0")
    tax: Mapped[int] = mapped_column(BigInteger, server_default="0")
    tax_eur: Mapped[int | None] = mapped_column(BigInteger)
    gross: Mapped[int] = mapped_column(BigInteger, server_default="0")
    prepaid: Mapped[int] = mapped_column(BigInteger, server_default="0")
    due: Mapped[int] = mapped_column(BigInteger, server_default="0")
    form: Mapped[str] = mapped_column(Text)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    document: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    sha256: Mapped[str] = mapped_column(Text, server_default="")
    preceding_id: Mapped[UUID | None] = mapped_column()
    request_id: Mapped[UUID | None] = mapped_column()
    source_key: Mapped[str | None] = mapped_column(Text)
    created_by: Mapped[UUID | None] = mapped_column()
    created_by_name: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = timestamp()
    validated_by: Mapped[UUID | None] = mapped_column()
    validated_by_name: Mapped[str] = mapped_column(Text, server_default="")
    validated_at: Mapped[datetime | None] = timestamp(nullable=True)
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "series_id"], ["invoice_series.tenant_id", "invoice_series.id"]
        ),
        of_invoice("preceding_id"),
        ForeignKeyConstraint(["tenant_id", "customer_id"], ["parties.tenant_id", "parties.id"]),
        ForeignKeyConstraint(["tenant_id", "request_id"], ["requests.tenant_id", "requests.id"]),
        one_of("type", TYPES),
        one_of("language", ("fr", "de", "en")),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        CheckConstraint("number ~ '^[A-Za-z0-9+_/-]{0,35}$'", name="number"),
        CheckConstraint("number = '' OR (document IS NOT NULL AND sha256 <> '' AND issued_on IS NOT NULL"
                        " AND validated_at IS NOT NULL AND series_id IS NOT NULL AND year IS NOT NULL"
                        " AND sequence IS NOT NULL)", name="sealed"),
        UniqueConstraint("tenant_id", "source_key"),
        UniqueConstraint("tenant_id", "series_id", "year", "sequence"),
        Index("uq_sales_invoices_number", "tenant_id", "number", unique=True,
              postgresql_where=text("number <> ''")),
        Index("ix_sales_invoices_customer", "tenant_id", "customer_id", "id"),
        Index("ix_sales_invoices_preceding", "tenant_id", "preceding_id"),
        Index("ix_sales_invoices_request", "tenant_id", "request_id"),
    )  # fmt: skip


class InvoiceStanding(TenantOwned, Model):
    """How it is with the invoice of the same id: `paid` what confirmed matches paid of it,
    `settled` that and the differences that were let pass, `credited` what validated credit notes
    took back, `released` what of that its deposits had paid, which are free again. `files` is how far
    its files are."""

    __tablename__ = "sales_invoice_standings"
    state: Mapped[str] = mapped_column(Text, server_default="draft")
    version: Mapped[int] = mapped_column(server_default="1")
    due_on: Mapped[date | None] = mapped_column()
    paid: Mapped[int] = mapped_column(BigInteger, server_default="0")
    settled: Mapped[int] = mapped_column(BigInteger, server_default="0")
    credited: Mapped[int] = mapped_column(BigInteger, server_default="0")
    released: Mapped[int] = mapped_column(BigInteger, server_default="0")
    files: Mapped[str] = mapped_column(Text, server_default="")
    problem: Mapped[str] = mapped_column(Text, server_default="")
    job_id: Mapped[UUID | None] = mapped_column()
    # The file that counts, and the page to read beside a file that is XML alone.
    file_version_id: Mapped[UUID | None] = mapped_column()
    view_version_id: Mapped[UUID | None] = mapped_column()
    # A mail that waits some seconds, in which it can be taken back.
    leaves_at: Mapped[datetime | None] = timestamp(nullable=True)
    leaves_to: Mapped[str] = mapped_column(Text, server_default="")
    leaves_by_name: Mapped[str] = mapped_column(Text, server_default="")
    sent_at: Mapped[datetime | None] = timestamp(nullable=True)
    sent_by_name: Mapped[str] = mapped_column(Text, server_default="")
    sent_to: Mapped[str] = mapped_column(Text, server_default="")
    # The last mail with it never left.
    undelivered_at: Mapped[datetime | None] = timestamp(nullable=True)
    undelivered_to: Mapped[str] = mapped_column(Text, server_default="")
    paid_on: Mapped[date | None] = mapped_column()
    changed_at: Mapped[datetime] = timestamp()
    __table_args__ = (
        of_invoice("id"),
        one_of("state", STATES),
        one_of("files", FILES),
        Index("ix_sales_invoice_standings_state", "tenant_id", "state", "id"),
        Index("ix_sales_invoice_standings_due", "tenant_id", "state", "due_on"),
    )


class InvoiceDeduction(TenantOwned, Model):
    """A deposit invoice that a final invoice deducts, each by one at a time: `released_at` is when
    that invoice was replaced, or credited in full by what left the deposit to its customer."""

    __tablename__ = "sales_invoice_deductions"
    invoice_id: Mapped[UUID] = mapped_column()
    deposit_id: Mapped[UUID] = mapped_column()
    amount: Mapped[int] = mapped_column(BigInteger)
    released_at: Mapped[datetime | None] = timestamp(nullable=True)
    __table_args__ = (
        of_invoice(),
        of_invoice("deposit_id"),
        Index("uq_sales_invoice_deductions_live", "tenant_id", "deposit_id", unique=True,
              postgresql_where=text("released_at IS NULL")),
        Index("ix_sales_invoice_deductions_invoice", "tenant_id", "invoice_id"),
    )  # fmt: skip


class InvoicePayment(TenantOwned, Model):
    """What a confirmed match of payment control paid; 'undone' with its match."""

    __tablename__ = "sales_invoice_payments"
    invoice_id: Mapped[UUID] = mapped_column()
    match_id: Mapped[UUID] = mapped_column()
    control_id: Mapped[UUID] = mapped_column()
    amount: Mapped[int] = mapped_column(BigInteger)
    difference: Mapped[int] = mapped_column(BigInteger, server_default="0")
    received_on: Mapped[date] = mapped_column()
    state: Mapped[str] = mapped_column(Text)
    noted_at: Mapped[datetime] = timestamp()
    __table_args__ = (
        of_invoice(),
        UniqueConstraint("tenant_id", "match_id"),
        one_of("state", ("live", "undone")),
        Index("ix_sales_invoice_payments_invoice", "tenant_id", "invoice_id"),
    )


class InvoiceDispute(TenantOwned, Model):
    __tablename__ = "sales_invoice_disputes"
    invoice_id: Mapped[UUID] = mapped_column()
    reason: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime] = timestamp()
    opened_by: Mapped[UUID | None] = mapped_column()
    opened_by_name: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(Text, server_default="")
    resolved_at: Mapped[datetime | None] = timestamp(nullable=True)
    resolved_by: Mapped[UUID | None] = mapped_column()
    resolved_by_name: Mapped[str] = mapped_column(Text, server_default="")
    __table_args__ = (
        of_invoice(),
        CheckConstraint("length(reason) > 0", name="reason"),
        Index("uq_sales_invoice_disputes_open", "tenant_id", "invoice_id", unique=True,
              postgresql_where=text("resolved_at IS NULL")),
    )  # fmt: skip


class InvoiceEvent(TenantOwned, Model):
    """What happened to an invoice, for people; `facts` are small values that its sentence names."""

    __tablename__ = "sales_invoice_events"
    invoice_id: Mapped[UUID] = mapped_column()
    at: Mapped[datetime] = timestamp()
    verb: Mapped[str] = mapped_column(Text)
    by_name: Mapped[str] = mapped_column(Text)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    __table_args__ = (of_invoice(), Index("ix_sales_invoice_events_invoice", "tenant_id", "invoice_id", "id"))  # fmt: skip


class InvoiceBatch(TenantOwned, Model):
    """Invoices from one sheet. First it is read, and nothing is made; an operator then starts it.
    `rows_in` are those of the sheet, `invoices_in` what they make; each of these is issued or
    refused with its reason. `aim` is how far the invoices go by themselves, `again` says that those
    which an earlier sheet made are made once more; `ignored` are headings that nobody knows."""

    __tablename__ = "invoice_batches"
    name: Mapped[str] = mapped_column(Text)
    file_id: Mapped[UUID] = mapped_column()
    sha256: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, server_default="reading")
    aim: Mapped[str] = mapped_column(Text, server_default="validate")
    again: Mapped[bool] = mapped_column(server_default=text("false"))
    ignored: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    rows_in: Mapped[int] = mapped_column(server_default="0")
    invoices_in: Mapped[int] = mapped_column(server_default="0")
    rejected: Mapped[int] = mapped_column(server_default="0")
    made: Mapped[int] = mapped_column(server_default="0")
    job_id: Mapped[UUID | None] = mapped_column()
    request_id: Mapped[UUID | None] = mapped_column()
    created_by: Mapped[UUID | None] = mapped_column()
    created_by_name: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = timestamp()
    started_by_name: Mapped[str] = mapped_column(Text, server_default="")
    ended_at: Mapped[datetime | None] = timestamp(nullable=True)
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "file_id"], ["files.tenant_id", "files.id"]),
        ForeignKeyConstraint(["tenant_id", "request_id"], ["requests.tenant_id", "requests.id"]),
        one_of("state", BATCH_STATES),
        one_of("aim", AIMS),
        Index("ix_invoice_batches_at", "tenant_id", "created_at", "id"),
        Index("ix_invoice_batches_request", "tenant_id", "request_id"),
        Index("ix_invoice_batches_sha256", "tenant_id", "sha256"),
    )


class InvoiceBatchRow(TenantOwned, Model):
    """One invoice of a sheet: `wish` is the draft that it becomes, `reasons` why it doesn't
    (line of the sheet, heading, Reason as JSON). A made one without its invoice was a draft that
    somebody threw away."""

    __tablename__ = "invoice_batch_rows"
    batch_id: Mapped[UUID] = mapped_column()
    position: Mapped[int] = mapped_column()
    reference: Mapped[str] = mapped_column(Text, server_default="")
    lines: Mapped[list[int]] = mapped_column(JSONB)
    customer_name: Mapped[str] = mapped_column(Text, server_default="")
    net: Mapped[int | None] = mapped_column(BigInteger)
    tax: Mapped[int | None] = mapped_column(BigInteger)
    gross: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(Text, server_default="")
    state: Mapped[str] = mapped_column(Text)
    wish: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    reasons: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'::jsonb"))
    invoice_id: Mapped[UUID | None] = mapped_column()
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "batch_id"], ["invoice_batches.tenant_id", "invoice_batches.id"]
        ),
        of_invoice(),
        UniqueConstraint("tenant_id", "batch_id", "position"),
        one_of("state", ("ready", "rejected", "made")),
        CheckConstraint("invoice_id IS NULL OR state = 'made'", name="made"),
        Index("ix_invoice_batch_rows_invoice", "tenant_id", "invoice_id"),
        Index("ix_invoice_batch_rows_state", "tenant_id", "batch_id", "state", "position"),
    )
