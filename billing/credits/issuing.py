"""Approved credits on their way to Stripe: onto their invoice as soon as it is there."""

from datetime import datetime, timedelta

from sqlalchemy import select

from billing.credits import outgoing
from billing.credits.models import Credit
from billing.credits.queries import (
    CREDITABLE,
    Target,
    find_invoice,
    find_invoice_of_month,
    list_approved,
    target_of,
)
from billing.credits.rules import GRANT_LASTS, allocate
from billing.models import BillingAccount, StripeInvoice
from tenants.core.db import db
from tenants.scoping import scoped_tenant_id

HOUR = timedelta(hours=1)


def issue_approved(*, now: datetime) -> int:
    """One after the other per client, so that two credits don't take the same cent of an invoice.
    Answers how many went on their way."""
    customer = db.session.execute(
        select(BillingAccount.stripe_customer_id)
        .where(BillingAccount.tenant_id == scoped_tenant_id())
        .with_for_update()
    ).scalar_one_or_none()
    return sum(_issue(row, customer, now) for row in list_approved())


def _issue(row: Credit, customer: str | None, now: datetime) -> bool:
    if customer is None:
        row.waits = "no_customer"
        db.session.flush()
        return False
    if row.method == "credit_grant":
        row.expires_at = now.replace(minute=0, second=0, microsecond=0) + GRANT_LASTS + HOUR
        row.state, row.waits, row.attempt = "issuing", "", row.attempt + 1
        db.session.flush()
        outgoing.promise(outgoing.GRANT, row, customer=customer)
        return True
    return _issue_note(row)


def _issue_note(row: Credit) -> bool:
    target, row.waits = find_target(row)
    if target is None:
        db.session.flush()
        return False
    parts = allocate(row.amount, target.lines)
    if parts is None:
        row.waits = "over"
        db.session.flush()
        return False
    row.target_invoice_id = target.invoice.stripe_invoice_id
    row.lines = [{"line": line_id, "amount": amount} for line_id, amount in parts]
    row.state, row.attempt = "issuing", row.attempt + 1
    db.session.flush()
    outgoing.promise(outgoing.PREPARE, row)
    return True


def find_target(row: Credit) -> tuple[Target | None, str]:
    """The invoice that can take it, or why none can."""
    invoice = _invoice_of(row)
    waits = _waits_for(invoice)
    if invoice is None or waits:
        return None, waits
    return target_of(invoice, meter_key=row.meter_key), ""


def _invoice_of(row: Credit) -> StripeInvoice | None:
    if row.target_invoice_id:
        return find_invoice(stripe_invoice_id=row.target_invoice_id)
    return find_invoice_of_month(row.month) if row.month else None


def _waits_for(invoice: StripeInvoice | None) -> str:
    if invoice is None:
        return "no_invoice"
    if invoice.status == "draft":
        return "draft"
    return "" if invoice.status in CREDITABLE else "gone"
