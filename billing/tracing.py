"""What was billed of a source: its usage records, the hour total that Stripe heard of, and the
invoice line that counts it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select, tuple_

from billing.models import METERS, StripeInvoice, StripeInvoiceLine, UsageBucket, UsageEvent
from billing.plans import AGREED, KEYS_OF, METERED_KEYS, Part, part_in, plan_of
from billing.presenting import amount_of
from billing.prices.in_force import Proposal, day_of, unit_amount
from billing.prices.queries import list_proposals
from billing.queries import find_account, find_subscription
from billing.usage import hour_of
from tenants.core.db import db
from tenants.scoping import current_scope

B, E, I, L = UsageBucket, UsageEvent, StripeInvoice, StripeInvoiceLine
FINAL = ("open", "paid", "uncollectible")


@dataclass(frozen=True, slots=True)
class InvoicedIn:
    """The line of an invoice in whose period an hour lies."""

    number: str | None
    status: str
    quantity: int
    minor: int
    currency: str

    @property
    def final(self) -> bool:
        return self.status in FINAL


@dataclass(frozen=True, slots=True)
class BilledRecord:
    """`carried` of the hour's total were moved to the next period, whose invoice counts them;
    `free` lies before the subscription."""

    part: Part
    quantity: int
    unit_amount: Decimal
    source_type: str
    source_id: UUID
    at: datetime
    hour: datetime
    hour_total: int
    carried: int
    sent_at: datetime | None
    identifier: str
    free: bool
    invoice: InvoicedIn | None

    @property
    def minor(self) -> int:
        return amount_of(self.unit_amount, self.quantity)


def list_billed(sources: Sequence[tuple[str, UUID]]) -> list[BilledRecord]:
    """Of these (source type, source id), oldest first."""
    if not sources:
        return []
    tenant_id = current_scope().tenant_id
    rows = db.session.execute(
        select(
            E.meter_key, E.quantity, E.source_type, E.source_id, E.occurred_at, E.hour,
            B.total, B.sent_at, B.identifier,
        )
        .outerjoin(
            B, and_(B.tenant_id == E.tenant_id, B.meter_key == E.meter_key, B.hour == E.hour)
        )
        .where(
            E.tenant_id == tenant_id,
            E.meter_key.in_(METERS),
            tuple_(E.source_type, E.source_id).in_(sources),
        )
        .order_by(E.occurred_at, E.id)
    ).all()  # fmt: skip
    if not rows:
        return []
    hours = {(row.meter_key, row.hour) for row in rows}
    lines, carried = _invoiced(hours), _carried(hours)
    subscription, account = find_subscription(), find_account()
    plan = plan_of(account.plan_key, account.plan_version) if account else AGREED
    began = hour_of(subscription.started_at) if subscription else None
    agreed = list_proposals(approved=True)
    return [
        _record(row, part_in(plan, row.meter_key), lines, carried, began, agreed) for row in rows
    ]


def _record(
    row: Any,
    part: Part,
    lines: dict[tuple[str, datetime], InvoicedIn],
    carried: dict[tuple[str, datetime], int],
    began: datetime | None,
    agreed: Sequence[Proposal],
) -> BilledRecord:
    here = (row.meter_key, row.hour)
    return BilledRecord(
        part=part,
        quantity=row.quantity,
        unit_amount=unit_amount(agreed, part, day_of(row.hour)),
        source_type=row.source_type,
        source_id=row.source_id,
        at=row.occurred_at,
        hour=row.hour,
        hour_total=row.total or 0,
        carried=carried.get(here, 0),
        sent_at=row.sent_at,
        identifier=row.identifier or "",
        free=began is not None and row.hour < began,
        invoice=lines.get(here),
    )


def _invoiced(
    hours: Iterable[tuple[str, datetime]],
) -> dict[tuple[str, datetime], InvoicedIn]:
    """For each (meter, hour) the newest invoice line over it; void invoices count for nothing."""
    wanted = list(hours)
    rows = db.session.execute(
        select(L.lookup_key, L.period_start, L.period_end, L.quantity, L.amount, L.currency,
               I.number, I.status)
        .join(I, and_(I.tenant_id == L.tenant_id, I.stripe_invoice_id == L.stripe_invoice_id))
        .where(
            L.tenant_id == current_scope().tenant_id,
            I.status != "void",
            or_(*(
                and_(L.lookup_key.in_(KEYS_OF[meter]),
                     L.period_start <= hour, L.period_end > hour)
                for meter, hour in wanted
            )),
        )
        .order_by(I.invoiced_at)
    ).all()  # fmt: skip
    found: dict[tuple[str, datetime], InvoicedIn] = {}
    for row in rows:
        for meter, hour in wanted:
            if METERED_KEYS[row.lookup_key] != meter:
                continue
            if row.period_start <= hour < row.period_end:
                found[meter, hour] = _with(found.get((meter, hour)), row)
    return found


def _with(before: InvoicedIn | None, row: Any) -> InvoicedIn:
    """Included units and the others are two lines of the same invoice."""
    same = before if before and before.number == row.number else None
    return InvoicedIn(
        row.number, row.status, int(row.quantity or 0) + (same.quantity if same else 0),
        row.amount + (same.minor if same else 0), row.currency,
    )  # fmt: skip


def _carried(hours: Iterable[tuple[str, datetime]]) -> dict[tuple[str, datetime], int]:
    rows = db.session.execute(
        select(E.meter_key, E.hour, func.sum(E.quantity).label("quantity"))
        .where(
            E.tenant_id == current_scope().tenant_id,
            E.source_type == "carried_out",
            or_(*(and_(E.meter_key == meter, E.hour == hour) for meter, hour in hours)),
        )
        .group_by(E.meter_key, E.hour)
    )
    return {(row.meter_key, row.hour): -int(row.quantity) for row in rows}
