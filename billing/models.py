"""Usage, which is our truth, and the mirror of what Stripe holds.

The mirror tolerates any order of arrival: its rows refer to each other by Stripe's ids, without
foreign keys.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from billing import plans
from tenants.core.db import Model
from tenants.models import one_of, timestamp
from tenants.scoping import TenantOwned

METERS = tuple(plans.METERS)
BUCKET_STATES = ("dirty", "sending", "sent", "rejected", "closed")
INBOX_STATES = ("new", "done", "ignored", "parked")
# Of a VAT number; Stripe asks the authorities, which takes its time. Empty without a number.
VAT_STATES = ("", "pending", "verified", "unverified", "unavailable")
# The subscription that counts: a cancelled or expired one stays in the mirror as history.
ENDED = ("canceled", "incomplete_expired")


class CatalogueEntry(Model):
    """A part of a plan and what Stripe calls it. Prices never change: rows are only added."""

    __tablename__ = "catalog_map"
    lookup_key: Mapped[str] = mapped_column(Text, primary_key=True)
    plan_key: Mapped[str] = mapped_column(Text)
    plan_version: Mapped[int] = mapped_column()
    kind: Mapped[str] = mapped_column(Text)
    meter_key: Mapped[str | None] = mapped_column(Text)
    currency: Mapped[str] = mapped_column(Text)
    unit_amount: Mapped[Decimal] = mapped_column()
    included: Mapped[int] = mapped_column(server_default="0")
    stripe_price_id: Mapped[str] = mapped_column(Text)
    stripe_product_id: Mapped[str] = mapped_column(Text)
    stripe_meter_id: Mapped[str | None] = mapped_column(Text)
    # How the meter counts: see billing.sinks.
    sink: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (
        one_of("kind", ("base", "meter", "tax")),
        one_of("sink", ("totals", "deltas")),
    )


class StripeCustomer(Model):
    """Which client a Stripe customer is: read before any scope is known, by one function."""

    __tablename__ = "stripe_customers"
    stripe_customer_id: Mapped[str] = mapped_column(Text, primary_key=True)
    owner_tenant: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"))
    created_at: Mapped[datetime] = timestamp(default=True)
    __table_args__ = (Index("ix_stripe_customers_owner_tenant", "owner_tenant"),)


class WebhookEvent(Model):
    """What Stripe delivered: ignored when it concerns no customer, parked when the customer is not
    (yet) one of ours."""

    __tablename__ = "webhook_inbox"
    livemode: Mapped[bool] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(Text, primary_key=True)
    type: Mapped[str] = mapped_column(Text)
    api_version: Mapped[str] = mapped_column(Text, server_default="")
    stripe_created: Mapped[datetime] = timestamp()
    received_at: Mapped[datetime] = timestamp(default=True)
    object_type: Mapped[str] = mapped_column(Text, server_default="")
    object_id: Mapped[str] = mapped_column(Text, server_default="")
    customer_id: Mapped[str] = mapped_column(Text, server_default="")
    owner_tenant: Mapped[UUID | None] = mapped_column(ForeignKey("tenants.id"))
    payload: Mapped[Any] = mapped_column(JSONB)
    # Delivered by Stripe, or asked for afterwards.
    source: Mapped[str] = mapped_column(Text, server_default="push")
    state: Mapped[str] = mapped_column(Text, server_default="new")
    done_at: Mapped[datetime | None] = timestamp(nullable=True)
    __table_args__ = (
        one_of("state", INBOX_STATES),
        one_of("source", ("push", "backfill")),
        CheckConstraint(
            "(owner_tenant IS NULL) = (state IN ('parked', 'ignored'))", name="owner"
        ),
        Index(
            "ix_webhook_inbox_new", "owner_tenant", "received_at",
            postgresql_where=text("state = 'new'"),
        ),
    )  # fmt: skip


class BillingAccount(TenantOwned, Model):
    """`sync_version` orders the writes of the mirror; usage before `invoiced_until` stands on a
    final invoice, so later facts of that time count for the period that follows."""

    __tablename__ = "billing_accounts"
    stripe_customer_id: Mapped[str | None] = mapped_column(Text)
    plan_key: Mapped[str] = mapped_column(Text)
    plan_version: Mapped[int] = mapped_column(server_default="1")
    interval: Mapped[str] = mapped_column(Text, server_default="month")
    currency: Mapped[str] = mapped_column(Text)
    country: Mapped[str] = mapped_column(Text)
    billing_name: Mapped[str] = mapped_column(Text)
    billing_email: Mapped[str] = mapped_column(Text)
    requested_at: Mapped[datetime] = timestamp()
    invoiced_until: Mapped[datetime | None] = timestamp(nullable=True)
    has_payment_method: Mapped[bool] = mapped_column(server_default=text("false"))
    card_brand: Mapped[str] = mapped_column(Text, server_default="")
    card_last4: Mapped[str] = mapped_column(Text, server_default="")
    card_until: Mapped[date | None] = mapped_column()
    # Who is invoiced, as somebody said it last (`details_revision`) and as Stripe was told.
    line1: Mapped[str] = mapped_column(Text, server_default="")
    line2: Mapped[str] = mapped_column(Text, server_default="")
    postcode: Mapped[str] = mapped_column(Text, server_default="")
    town: Mapped[str] = mapped_column(Text, server_default="")
    details_revision: Mapped[int] = mapped_column(server_default="0")
    details_told: Mapped[int] = mapped_column(server_default="0")
    details_at: Mapped[datetime | None] = timestamp(nullable=True)
    # What of VAT follows from that: see billing.taxes. `tax_wanted` is what Stripe was asked for.
    vat_id: Mapped[str] = mapped_column(Text, server_default="")
    vat_status: Mapped[str] = mapped_column(Text, server_default="")
    tax_exempt: Mapped[str] = mapped_column(Text, server_default="none")
    tax_wanted: Mapped[str] = mapped_column(Text, server_default="none")
    tax_revision: Mapped[int] = mapped_column(server_default="0")
    sync_version: Mapped[int] = mapped_column(server_default="0")
    synced_at: Mapped[datetime | None] = timestamp(nullable=True)
    customer_deleted_at: Mapped[datetime | None] = timestamp(nullable=True)
    # What the rules of access made of all that: see billing.access.
    access_reason: Mapped[str] = mapped_column(Text, server_default="")
    access_since: Mapped[datetime | None] = timestamp(nullable=True)
    attention: Mapped[str] = mapped_column(Text, server_default="")
    grace_since: Mapped[datetime | None] = timestamp(nullable=True)
    export_until: Mapped[datetime | None] = timestamp(nullable=True)
    # Minor units; None is the policy's. What stands open and what is stored, when last looked at.
    credit_exposure_limit: Mapped[int | None] = mapped_column(BigInteger)
    exposure: Mapped[int] = mapped_column(BigInteger, server_default="0")
    storage_used: Mapped[int] = mapped_column(BigInteger, server_default="0")
    measured_at: Mapped[datetime | None] = timestamp(nullable=True)
    __table_args__ = (
        UniqueConstraint("tenant_id"),
        one_of("interval", plans.INTERVALS),
        CheckConstraint("credit_exposure_limit >= 0", name="credit_exposure_limit"),
        one_of("vat_status", VAT_STATES),
    )


class Subscription(TenantOwned, Model):
    __tablename__ = "subscriptions"
    stripe_subscription_id: Mapped[str] = mapped_column(Text)
    plan_key: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    started_at: Mapped[datetime] = timestamp()
    cancel_at: Mapped[datetime | None] = timestamp(nullable=True)
    cancel_at_period_end: Mapped[bool] = mapped_column(server_default=text("false"))
    canceled_at: Mapped[datetime | None] = timestamp(nullable=True)
    ended_at: Mapped[datetime | None] = timestamp(nullable=True)
    trial_end: Mapped[datetime | None] = timestamp(nullable=True)
    paused_reason: Mapped[str] = mapped_column(Text, server_default="")
    by_invoice: Mapped[bool] = mapped_column(server_default=text("false"))
    latest_invoice_id: Mapped[str | None] = mapped_column(Text)
    # A change that waits for its payment until then; the subscription is as it was before.
    pending_until: Mapped[datetime | None] = timestamp(nullable=True)
    schedule_id: Mapped[str | None] = mapped_column(Text)
    sync_version: Mapped[int] = mapped_column()
    __table_args__ = (UniqueConstraint("tenant_id", "stripe_subscription_id"),)


class SubscriptionItem(TenantOwned, Model):
    __tablename__ = "subscription_items"
    stripe_subscription_id: Mapped[str] = mapped_column(Text)
    stripe_item_id: Mapped[str] = mapped_column(Text)
    lookup_key: Mapped[str] = mapped_column(Text)
    quantity: Mapped[int | None] = mapped_column(BigInteger)
    period_start: Mapped[datetime] = timestamp()
    period_end: Mapped[datetime] = timestamp()
    sync_version: Mapped[int] = mapped_column()
    __table_args__ = (
        UniqueConstraint("tenant_id", "stripe_item_id"),
        Index("ix_subscription_items_subscription", "tenant_id", "stripe_subscription_id"),
    )


class UsageEvent(TenantOwned, Model):
    """One billable fact, inserted once and never changed; a correction is a further row.

    `hour` is the one it is billed in: that of `occurred_at`, unless that was invoiced already.
    """

    __tablename__ = "usage_events"
    meter_key: Mapped[str] = mapped_column(Text)
    quantity: Mapped[int] = mapped_column(BigInteger)
    occurred_at: Mapped[datetime] = timestamp()
    hour: Mapped[datetime] = timestamp()
    source_type: Mapped[str] = mapped_column(Text)
    source_id: Mapped[UUID] = mapped_column()
    source_rev: Mapped[int] = mapped_column()
    recorded_by: Mapped[UUID | None] = mapped_column()
    created_at: Mapped[datetime] = timestamp(default=True)
    __table_args__ = (
        one_of("meter_key", METERS),
        CheckConstraint("quantity <> 0", name="quantity"),
        UniqueConstraint("tenant_id", "meter_key", "source_type", "source_id", "source_rev"),
        Index("ix_usage_events_occurred", "tenant_id", "meter_key", "occurred_at", "id"),
        Index("ix_usage_events_hour", "tenant_id", "meter_key", "hour"),
    )


class UsageBucket(TenantOwned, Model):
    """The total of a meter and hour, which is what Stripe hears of. `revision` grows with every
    change, and a revision has one total for ever; the claimed one is on its way, its outcome
    unknown."""

    __tablename__ = "usage_buckets"
    meter_key: Mapped[str] = mapped_column(Text)
    hour: Mapped[datetime] = timestamp()
    total: Mapped[int] = mapped_column(BigInteger)
    revision: Mapped[int] = mapped_column()
    state: Mapped[str] = mapped_column(Text)
    sent_total: Mapped[int] = mapped_column(BigInteger, server_default="0")
    sent_revision: Mapped[int] = mapped_column(server_default="0")
    sent_at: Mapped[datetime | None] = timestamp(nullable=True)
    identifier: Mapped[str] = mapped_column(Text, server_default="")
    claimed_revision: Mapped[int | None] = mapped_column()
    claimed_total: Mapped[int | None] = mapped_column(BigInteger)
    claimed_at: Mapped[datetime | None] = timestamp(nullable=True)
    error: Mapped[str] = mapped_column(Text, server_default="")
    __table_args__ = (
        one_of("meter_key", METERS),
        one_of("state", BUCKET_STATES),
        CheckConstraint("total >= 0", name="total"),
        CheckConstraint("sent_revision <= revision", name="sent_revision"),
        UniqueConstraint("tenant_id", "meter_key", "hour"),
        Index(
            "ix_usage_buckets_unsent", "tenant_id", "hour",
            postgresql_where=text("state IN ('dirty', 'sending')"),
        ),
        Index(
            "ix_usage_buckets_rejected", "tenant_id", "hour",
            postgresql_where=text("state = 'rejected'"),
        ),
    )  # fmt: skip


class StripeInvoice(TenantOwned, Model):
    __tablename__ = "stripe_invoices"
    stripe_invoice_id: Mapped[str] = mapped_column(Text)
    stripe_subscription_id: Mapped[str | None] = mapped_column(Text)
    number: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    billing_reason: Mapped[str] = mapped_column(Text, server_default="")
    currency: Mapped[str] = mapped_column(Text)
    subtotal: Mapped[int] = mapped_column(BigInteger)
    total_tax: Mapped[int] = mapped_column(BigInteger)
    total: Mapped[int] = mapped_column(BigInteger)
    amount_due: Mapped[int] = mapped_column(BigInteger)
    amount_paid: Mapped[int] = mapped_column(BigInteger)
    amount_remaining: Mapped[int] = mapped_column(BigInteger)
    invoiced_at: Mapped[datetime] = timestamp()
    period_start: Mapped[datetime] = timestamp()
    period_end: Mapped[datetime] = timestamp()
    due_at: Mapped[datetime | None] = timestamp(nullable=True)
    finalizes_at: Mapped[datetime | None] = timestamp(nullable=True)
    finalized_at: Mapped[datetime | None] = timestamp(nullable=True)
    paid_at: Mapped[datetime | None] = timestamp(nullable=True)
    voided_at: Mapped[datetime | None] = timestamp(nullable=True)
    attempt_count: Mapped[int] = mapped_column(server_default="0")
    next_attempt_at: Mapped[datetime | None] = timestamp(nullable=True)
    hosted_url: Mapped[str | None] = mapped_column(Text)
    pdf_url: Mapped[str | None] = mapped_column(Text)
    tax_treatment: Mapped[str] = mapped_column(Text, server_default="")
    tax_rate: Mapped[Decimal | None] = mapped_column()
    buyer_vat_id: Mapped[str] = mapped_column(Text, server_default="")
    buyer_country: Mapped[str] = mapped_column(Text, server_default="")
    credited: Mapped[int] = mapped_column(BigInteger, server_default="0")
    balance_used: Mapped[int] = mapped_column(BigInteger, server_default="0")
    payments: Mapped[Any] = mapped_column(JSONB, server_default="[]")
    sync_version: Mapped[int] = mapped_column()
    __table_args__ = (
        UniqueConstraint("tenant_id", "stripe_invoice_id"),
        Index("ix_stripe_invoices_at", "tenant_id", "invoiced_at", "id"),
        Index(
            "ix_stripe_invoices_unsettled", "tenant_id", "status",
            postgresql_where=text("status IN ('open', 'draft')"),
        ),
    )  # fmt: skip


class StripeInvoiceLine(TenantOwned, Model):
    __tablename__ = "stripe_invoice_lines"
    stripe_invoice_id: Mapped[str] = mapped_column(Text)
    stripe_line_id: Mapped[str] = mapped_column(Text)
    place: Mapped[int] = mapped_column()
    lookup_key: Mapped[str] = mapped_column(Text, server_default="")
    description: Mapped[str] = mapped_column(Text, server_default="")
    quantity: Mapped[Decimal | None] = mapped_column()
    unit_amount: Mapped[Decimal | None] = mapped_column()
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(Text)
    period_start: Mapped[datetime] = timestamp()
    period_end: Mapped[datetime] = timestamp()
    sync_version: Mapped[int] = mapped_column()
    # The `InvoiceItem` that it is, by Stripe's id; empty for what the subscription owes.
    stripe_item_id: Mapped[str] = mapped_column(Text, server_default="")
    __table_args__ = (UniqueConstraint("tenant_id", "stripe_invoice_id", "stripe_line_id"),)


class InvoiceItem(TenantOwned, Model):
    """A price agreed for one thing, due once when that is delivered; unique by its source. Stripe
    puts it on the customer's next invoice."""

    __tablename__ = "invoice_items"
    source_type: Mapped[str] = mapped_column(Text)
    source_id: Mapped[UUID] = mapped_column()
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime] = timestamp()
    recorded_by: Mapped[UUID | None] = mapped_column()
    # Printed on the invoice, for what belongs to an earlier time.
    period_start: Mapped[datetime | None] = timestamp(nullable=True)
    period_end: Mapped[datetime | None] = timestamp(nullable=True)
    stripe_item_id: Mapped[str | None] = mapped_column(Text)
    sent_at: Mapped[datetime | None] = timestamp(nullable=True)
    __table_args__ = (
        UniqueConstraint("tenant_id", "source_type", "source_id"),
        CheckConstraint("amount > 0", name="amount"),
        Index("ix_invoice_items_at", "tenant_id", "recorded_at", "id"),
    )
