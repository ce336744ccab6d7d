from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select, tuple_

from billing.contests.models import UsageContest
from billing.contests.rules import Contested
from billing.models import StripeInvoice, StripeInvoiceLine, UsageEvent
from billing.plans import AGREED, KEYS_OF, Part, part_in, plan_of
from billing.prices.in_force import day_of, unit_amount
from billing.prices.queries import list_proposals
from billing.queries import find_account, find_subscription
from billing.usage import hour_of
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.scoping import scoped_tenant_id

C, E, I, L = UsageContest, UsageEvent, StripeInvoice, StripeInvoiceLine
FINAL = ("open", "paid", "uncollectible")


@dataclass(frozen=True, slots=True)
class Billed:
    """What a final invoice asks for a meter: `charged` units for `amount`, before VAT."""

    invoice: StripeInvoice
    start: datetime
    end: datetime
    charged: int
    amount: int


@dataclass(frozen=True, slots=True)
class Record:
    """A request's usage of a meter in one period, whatever rows it was recorded in."""

    event: UsageEvent
    part: Part
    quantity: int
    unit_amount: Decimal
    billed: Billed | None
    facts: Contested
    contest: UsageContest | None


def get_record(*, usage_id: UUID) -> Record:
    event = db.session.execute(
        select(E).where(E.tenant_id == scoped_tenant_id(), E.id == usage_id)
    ).scalar_one_or_none()
    if event is None:
        raise NotFound
    account, subscription = find_account(), find_subscription()
    plan = plan_of(account.plan_key, account.plan_version) if account else AGREED
    part = part_in(plan, event.meter_key)
    closed = bool(account and account.invoiced_until and event.hour < account.invoiced_until)
    found = find_billed(meter=event.meter_key, hour=event.hour) if closed else None
    began = hour_of(subscription.started_at) if subscription else None
    hours = list_hours(
        meter=event.meter_key, source_type=event.source_type, source_id=event.source_id,
        since=found.start if found else account.invoiced_until if account else None,
        until=found.end if found else None,
    )  # fmt: skip
    quantity = sum(total for _, total in hours)
    contest = find_contest(
        meter=event.meter_key, source_type=event.source_type, source_id=event.source_id
    )
    facts = Contested(
        source_type=event.source_type, quantity=quantity,
        billed=began is not None and event.hour >= began and (found is not None or not closed),
        final_at=(found.invoice.finalized_at or found.invoice.invoiced_at) if found else None,
        charged=bool(found and found.amount > 0), contested=contest is not None,
    )  # fmt: skip
    price = unit_amount(list_proposals(approved=True), part, day_of(event.hour))
    return Record(event, part, quantity, price, found, facts, contest)


def find_billed(*, meter: str, hour: datetime) -> Billed | None:
    """The newest final invoice whose period holds this hour. The units that a plan includes stand
    on a line of their own, which asks nothing."""
    rows = db.session.execute(
        select(I, L)
        .join(L, (L.tenant_id == I.tenant_id) & (L.stripe_invoice_id == I.stripe_invoice_id))
        .where(
            I.tenant_id == scoped_tenant_id(), I.status.in_(FINAL),
            L.lookup_key.in_(KEYS_OF[meter]), L.period_start <= hour, L.period_end > hour,
        )
        .order_by(I.invoiced_at.desc(), L.place)
    ).all()  # fmt: skip
    if not rows:
        return None
    invoice = rows[0][0]
    lines = [line for one, line in rows if one.id == invoice.id]
    asked = [line for line in lines if line.amount > 0]
    return Billed(
        invoice, lines[0].period_start, lines[0].period_end,
        sum(int(line.quantity or 0) for line in asked), sum(line.amount for line in asked),
    )  # fmt: skip


def list_hours(
    *, meter: str, source_type: str, source_id: UUID, since: datetime | None, until: datetime | None
) -> list[tuple[datetime, int]]:
    query = (
        select(E.hour, func.sum(E.quantity))
        .where(
            E.tenant_id == scoped_tenant_id(), E.meter_key == meter,
            E.source_type == source_type, E.source_id == source_id,
        )
        .group_by(E.hour)
    )  # fmt: skip
    if since is not None:
        query = query.where(E.hour >= since)
    if until is not None:
        query = query.where(E.hour < until)
    return [(hour, int(total)) for hour, total in db.session.execute(query)]


def given_back_before(*, meter: str, stripe_invoice_id: str) -> int:
    """Units of an invoice's meter that earlier contests credited."""
    total = db.session.execute(
        select(func.coalesce(func.sum(C.quantity - C.remains), 0)).where(
            C.tenant_id == scoped_tenant_id(), C.meter_key == meter,
            C.stripe_invoice_id == stripe_invoice_id, C.outcome == "credited",
        )
    ).scalar_one()  # fmt: skip
    return int(total)


def find_contest(*, meter: str, source_type: str, source_id: UUID) -> UsageContest | None:
    return db.session.execute(
        select(C).where(
            C.tenant_id == scoped_tenant_id(), C.meter_key == meter,
            C.source_type == source_type, C.source_id == source_id,
        )
    ).scalar_one_or_none()  # fmt: skip


def get_contest(*, contest_id: UUID) -> UsageContest:
    row = db.session.execute(
        select(C)
        .where(C.tenant_id == scoped_tenant_id(), C.id == contest_id)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def contests_of(sources: Sequence[tuple[str, UUID]]) -> Mapping[tuple[str, UUID], UsageContest]:
    """By meter and source."""
    if not sources:
        return {}
    rows = db.session.execute(
        select(C).where(
            C.tenant_id == scoped_tenant_id(), tuple_(C.source_type, C.source_id).in_(sources)
        )
    ).scalars()
    return {(row.meter_key, row.source_id): row for row in rows}


def list_unsettled(*, for_change: bool = False) -> Sequence[UsageContest]:
    query = (
        select(C)
        .where(C.tenant_id == scoped_tenant_id(), C.state == "decided", C.settled_at.is_(None))
        .order_by(C.raised_at, C.id)
        .execution_options(populate_existing=True)
    )
    return db.session.execute(query.with_for_update() if for_change else query).scalars().all()


def list_contests(limit: int = 200) -> Sequence[UsageContest]:
    """Newest first."""
    return (
        db.session.execute(
            select(C)
            .where(C.tenant_id == scoped_tenant_id())
            .order_by(C.raised_at.desc(), C.id.desc())
            .limit(limit)
        )
        .scalars()
        .all()
    )


def list_contests_of_request(*, number: int) -> Sequence[UsageContest]:
    """Oldest first."""
    return (
        db.session.execute(
            select(C)
            .where(C.tenant_id == scoped_tenant_id(), C.request_number == number)
            .order_by(C.raised_at, C.id)
        )
        .scalars()
        .all()
    )
