"""An invoice of the mirror, past Stripe."""

from __future__ import annotations

from datetime import timedelta

from billing.models import StripeInvoice, StripeInvoiceLine
from tests.factories.people import Company, now
from tests.factories.plans import OPERATOR_MINUTES
from tests.factories.stage import Stage


def make_invoice(stage: Stage, company: Company, *, number: str = "", total: int = 9500) -> str:
    """Its number: a draft has none, so this one is open."""
    number = number or f"{company.code}-0001"
    stripe_id, end = f"in_{company.code}_{number}", now()
    start = end - timedelta(days=30)
    stage.add(
        StripeInvoice,
        {
            "tenant_id": company.id, "stripe_invoice_id": stripe_id, "number": number,
            "status": "open", "currency": "EUR", "subtotal": total, "total_tax": 0,
            "total": total, "amount_due": total, "amount_paid": 0, "amount_remaining": total,
            "invoiced_at": end, "period_start": start, "period_end": end, "sync_version": 1,
        },
    )  # fmt: skip
    stage.add(
        StripeInvoiceLine,
        {
            "tenant_id": company.id, "stripe_invoice_id": stripe_id, "stripe_line_id": "il_1",
            "place": 0, "lookup_key": OPERATOR_MINUTES.lookup_key,
            "description": company.text("Operator minutes"), "quantity": 100,
            "unit_amount": 95, "amount": total, "currency": "EUR", "period_start": start,
            "period_end": end, "sync_version": 1,
        },
    )  # fmt: skip
    return number
