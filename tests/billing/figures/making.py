"""Accounts, usage and invoices of the mirror, past Stripe."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from billing.models import (
    BillingAccount,
    StripeInvoice,
    StripeInvoiceLine,
    Subscription,
    SubscriptionItem,
    UsageBucket,
    WebhookEvent,
)
from billing.reconcile.models import ReconcileFinding
from tenants.core.ids import uuid7
from tenants.models import PROVIDER_TENANT
from tenants.scoping import Scope
from tests.factories import Company, Person, Stage


def month_of(at: datetime, ahead: int = 0) -> datetime:
    day = at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for _ in range(abs(ahead)):
        day = (day + timedelta(days=32) if ahead > 0 else day - timedelta(days=1)).replace(day=1)
    return day


def provider(person: Person) -> Scope:
    return Scope(tenant_id=PROVIDER_TENANT, user_id=person.id, side="provider")


def make_account(
    stage: Stage,
    company: Company,
    now: datetime,
    *,
    plan: str = "essential",
    interval: str = "month",
    status: str | None = "active",
    **columns: Any,
) -> None:
    """Paid until the running month began."""
    start, key = month_of(now), f"sub_{company.id.hex[-12:]}"
    stage.add(BillingAccount, {
        "tenant_id": company.id, "id": uuid7(), "plan_key": plan, "interval": interval,
        "currency": "EUR", "country": "FR", "billing_name": company.name, "billing_email": "x@y.z",
        "requested_at": month_of(now, -2), "invoiced_until": start, "synced_at": now,
        "stripe_customer_id": f"cus_{company.id.hex[-12:]}", **columns,
    })  # fmt: skip
    if status is None:
        return
    stage.add(Subscription, {
        "tenant_id": company.id, "id": uuid7(), "stripe_subscription_id": key, "plan_key": plan,
        "status": status, "started_at": month_of(now, -2), "sync_version": 1,
    })  # fmt: skip
    stage.add(SubscriptionItem, {
        "tenant_id": company.id, "id": uuid7(), "stripe_subscription_id": key,
        "stripe_item_id": f"si_{company.id.hex[-12:]}", "lookup_key": f"{plan}_v1_base_month",
        "quantity": 1, "period_start": start, "period_end": month_of(now, 1), "sync_version": 1,
    })  # fmt: skip


def make_hour(
    stage: Stage, company: Company, meter: str, hour: datetime, total: int, **columns: Any
) -> None:
    stage.add(UsageBucket, {
        "tenant_id": company.id, "id": uuid7(), "meter_key": meter, "hour": hour, "total": total,
        "revision": 1, "state": "sent", **columns,
    })  # fmt: skip


def make_invoice(
    stage: Stage, company: Company, at: datetime, total: int, *, remaining: int = 0,
    status: str = "paid", lookup_key: str = "", months: int = 1, due_at: datetime | None = None,
    number: str | None = None,
) -> None:  # fmt: skip
    """One line over the month of `at`, or several months from it."""
    key, start = f"in_{uuid7().hex}", month_of(at)
    stage.add(StripeInvoice, {
        "tenant_id": company.id, "id": uuid7(), "stripe_invoice_id": key, "status": status,
        "number": number, "currency": "EUR", "subtotal": total, "total_tax": 0, "total": total,
        "amount_due": total, "amount_paid": total - remaining, "amount_remaining": remaining,
        "invoiced_at": at, "period_start": start, "period_end": month_of(at, months),
        "due_at": due_at, "sync_version": 1,
    })  # fmt: skip
    stage.add(StripeInvoiceLine, {
        "tenant_id": company.id, "id": uuid7(), "stripe_invoice_id": key,
        "stripe_line_id": f"il_{uuid7().hex}", "place": 0, "lookup_key": lookup_key,
        "amount": total, "currency": "EUR", "period_start": start,
        "period_end": month_of(at, months), "sync_version": 1,
    })  # fmt: skip


def make_parked(stage: Stage, customer: str = "cus_unknown") -> str:
    event_id = f"evt_{uuid7().hex}"
    at = datetime.now(UTC)
    stage.add(WebhookEvent, {
        "livemode": False, "event_id": event_id, "type": "invoice.paid", "stripe_created": at,
        "received_at": at, "object_type": "invoice", "object_id": "in_1", "customer_id": customer,
        "payload": {"secret": "nobody's words"}, "state": "parked",
    })  # fmt: skip
    return event_id


def make_finding(
    stage: Stage, company: Company, *, kind: str = "ledger", resolved: bool = False
) -> None:
    at = datetime.now(UTC)
    stage.add(ReconcileFinding, {
        "tenant_id": company.id, "id": uuid7(), "kind": kind, "subject": "payslips 2026-11-01T09",
        "expected": "40", "actual": "41", "found_at": at, "seen_at": at,
        "resolved_at": at if resolved else None,
    })  # fmt: skip
