"""A price agreed for one thing, due once: recorded in the transaction of its delivery, put on the
customer's next invoice by Stripe.

Once: the row is unique by its source, its effect by the row, and Stripe answers a repeat of the
effect's key with the item that it made before.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, select, update
from sqlalchemy.dialects.postgresql import insert

from billing.models import BillingAccount, InvoiceItem, StripeInvoice, StripeInvoiceLine
from tenants import audit, outbox
from tenants.core.db import db
from tenants.core.ids import uuid7
from tenants.permissions import Actor
from tenants.scoping import scoped_tenant_id

VERB = "create_invoice_item"


def record_item(
    *,
    source_type: str,
    source_id: UUID,
    amount: int,
    currency: str,
    actor: Actor,
    now: datetime,
    number: int = 0,
    description: str = "",
    period: tuple[datetime, datetime] | None = None,
) -> bool:
    """`number` is the request's, for the words on the invoice where no `description` is given. False
    when this source has its item already. Without a customer at Stripe it waits for one."""
    tenant_id = scoped_tenant_id()
    # Held against `send_waiting`, which comes when the customer is there.
    customer = db.session.execute(
        select(BillingAccount.stripe_customer_id)
        .where(BillingAccount.tenant_id == tenant_id)
        .with_for_update(read=True)
    ).scalar_one_or_none()
    item_id = uuid7()
    description = description or f"Request {number}, agreed price"
    start, end = period or (None, None)
    added = db.session.execute(
        insert(InvoiceItem)
        .values(
            tenant_id=tenant_id, id=item_id, source_type=source_type, source_id=source_id,
            amount=amount, currency=currency, description=description, recorded_at=now,
            recorded_by=actor.user_id, period_start=start, period_end=end,
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "source_type", "source_id"])
        .returning(InvoiceItem.id)
    ).scalar_one_or_none()  # fmt: skip
    if added is None:
        return False
    audit.record(
        "billing.invoice_item.recorded", actor=actor, now=now, object_type="invoice_item",
        object_id=item_id, source_type=source_type, source=source_id, amount=amount,
        currency=currency,
    )  # fmt: skip
    if customer is not None:
        _promise(item_id, customer, amount, currency, description, period)
    return True


def send_waiting(*, customer: str) -> None:
    """What was recorded before Stripe knew the customer."""
    waiting = db.session.execute(
        select(
            InvoiceItem.id,
            InvoiceItem.amount,
            InvoiceItem.currency,
            InvoiceItem.description,
            InvoiceItem.period_start,
            InvoiceItem.period_end,
        )
        .where(InvoiceItem.tenant_id == scoped_tenant_id(), InvoiceItem.stripe_item_id.is_(None))
        .order_by(InvoiceItem.id)
    ).all()
    for row in waiting:
        period = (row.period_start, row.period_end) if row.period_start else None
        _promise(row.id, customer, row.amount, row.currency, row.description, period)


def list_items_at_stripe(*, stripe_item_ids: Sequence[str]) -> Sequence[InvoiceItem]:
    return (
        db.session.execute(
            select(InvoiceItem).where(
                InvoiceItem.tenant_id == scoped_tenant_id(),
                InvoiceItem.stripe_item_id.in_(stripe_item_ids),
            )
        )
        .scalars()
        .all()
    )


def list_waiting_items(limit: int = 100) -> Sequence[InvoiceItem]:
    """On no invoice of the mirror, oldest first."""
    invoiced = (
        exists()
        .where(
            StripeInvoiceLine.tenant_id == InvoiceItem.tenant_id,
            StripeInvoiceLine.stripe_item_id == InvoiceItem.stripe_item_id,
        )
        .correlate(InvoiceItem)
    )
    return (
        db.session.execute(
            select(InvoiceItem)
            .where(InvoiceItem.tenant_id == scoped_tenant_id(), ~invoiced)
            .order_by(InvoiceItem.recorded_at, InvoiceItem.id)
            .limit(limit)
        )
        .scalars()
        .all()
    )


def find_billed(*, source_type: str, source_id: UUID) -> Any:
    """The item of a source with the number and state of the invoice that it stands on, if any."""
    return db.session.execute(
        select(
            InvoiceItem.amount, InvoiceItem.currency, InvoiceItem.recorded_at,
            InvoiceItem.stripe_item_id, StripeInvoice.number, StripeInvoice.status,
        )
        .outerjoin(
            StripeInvoiceLine,
            and_(
                StripeInvoiceLine.tenant_id == InvoiceItem.tenant_id,
                StripeInvoiceLine.stripe_item_id == InvoiceItem.stripe_item_id,
            ),
        )
        .outerjoin(
            StripeInvoice,
            and_(
                StripeInvoice.tenant_id == StripeInvoiceLine.tenant_id,
                StripeInvoice.stripe_invoice_id == StripeInvoiceLine.stripe_invoice_id,
            ),
        )
        .where(
            InvoiceItem.tenant_id == scoped_tenant_id(),
            InvoiceItem.source_type == source_type,
            InvoiceItem.source_id == source_id,
        )
        .order_by(StripeInvoice.invoiced_at.desc())
        .limit(1)
    ).one_or_none()  # fmt: skip


def settle(*, params: dict[str, Any], result: str, now: datetime) -> None:
    db.session.execute(
        update(InvoiceItem)
        .where(
            InvoiceItem.tenant_id == scoped_tenant_id(), InvoiceItem.id == UUID(params["item_id"])
        )
        .values(stripe_item_id=result, sent_at=now)
        .execution_options(synchronize_session=False)
    )


def _promise(
    item_id: UUID,
    customer: str,
    amount: int,
    currency: str,
    description: str,
    period: tuple[datetime, datetime] | None,
) -> None:
    """Once at each customer: one that was deleted took its items along."""
    outbox.send(
        kind="stripe",
        verb=VERB,
        dedupe_key=f"billing:invoice_item:{item_id}:{customer}",
        params={
            "tenant_id": str(scoped_tenant_id()), "item_id": str(item_id), "customer": customer, "amount": amount,
            "currency": currency, "description": description,
            "period": [int(at.timestamp()) for at in period] if period else None,
        },
        queue="billing",
    )  # fmt: skip
