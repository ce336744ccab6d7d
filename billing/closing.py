"""A period whose invoice is final. What the invoice counted stays there; whatever of our ledger it
did not count is carried, once and visibly, into the first hour after it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import case, func, insert, select, update

from billing import queries
from billing.models import StripeInvoice, StripeInvoiceLine, UsageBucket, UsageEvent
from billing.plans import KEYS_OF
from billing.usage import add_to_bucket
from tenants.core.db import db
from tenants.core.ids import uuid7
from tenants.scoping import current_scope

B, L = UsageBucket, StripeInvoiceLine
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def close_period(*, invoice: StripeInvoice) -> None:
    """The caller holds the account's row, so that no usage of this period is added meanwhile."""
    for meter, keys in KEYS_OF.items():
        billed = _billed(invoice, keys)
        if billed is None:
            continue
        start, end, quantity = billed
        missing = queries.sum_usage(meter=meter, start=start, end=end) - quantity
        if missing > 0:
            _carry(meter, missing, start=start, end=end, invoice_id=invoice.id)
    db.session.execute(
        update(B)
        .where(B.tenant_id == current_scope().tenant_id, B.hour < invoice.period_end)
        .values(state="closed")
        .execution_options(synchronize_session=False)
    )


def _billed(invoice: StripeInvoice, keys: Sequence[str]) -> tuple[datetime, datetime, int] | None:
    row = db.session.execute(
        select(func.min(L.period_start), func.max(L.period_end), func.sum(L.quantity)).where(
            L.tenant_id == invoice.tenant_id,
            L.stripe_invoice_id == invoice.stripe_invoice_id,
            L.lookup_key.in_(keys),
            # Of a trial nothing is billed, nor carried anywhere.
            L.period_start >= (queries.trial_end(invoice.stripe_subscription_id) or NEVER),
        )
    ).one()
    return None if row[0] is None else (row[0], row[1], int(row[2] or 0))


def _carry(meter: str, missing: int, *, start: datetime, end: datetime, invoice_id: UUID) -> None:
    """Taken from the hours that Stripe heard of last, or never."""
    buckets = (
        db.session.execute(
            select(B)
            .where(
                B.tenant_id == current_scope().tenant_id,
                B.meter_key == meter,
                B.hour >= start,
                B.hour < end,
                B.total > 0,
            )
            .order_by(
                case((B.state == "sent", 1), else_=0),
                B.sent_at.desc().nulls_first(),
                B.hour.desc(),
            )
            .with_for_update()
        )
        .scalars()
        .all()
    )
    for number, bucket in enumerate(buckets, 1):
        quantity = min(missing, bucket.total)
        _move(bucket, quantity, to=end, invoice_id=invoice_id, number=number)
        missing -= quantity
        if not missing:
            return


def _move(
    bucket: UsageBucket, quantity: int, *, to: datetime, invoice_id: UUID, number: int
) -> None:
    shared = {
        "tenant_id": bucket.tenant_id,
        "meter_key": bucket.meter_key,
        "source_id": invoice_id,
        "source_rev": number,
        "occurred_at": bucket.hour + timedelta(minutes=59),
    }
    db.session.execute(
        insert(UsageEvent),
        [
            {**shared, "id": uuid7(), "quantity": -quantity, "hour": bucket.hour,
             "source_type": "carried_out"},
            {**shared, "id": uuid7(), "quantity": quantity, "hour": to,
             "source_type": "carried_in"},
        ],
    )  # fmt: skip
    bucket.total -= quantity
    bucket.revision += 1
    db.session.flush()
    add_to_bucket(tenant_id=bucket.tenant_id, meter=bucket.meter_key, hour=to, quantity=quantity)
