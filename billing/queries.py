from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Date, Row, cast, func, select, text, tuple_

from billing.models import (
    ENDED,
    BillingAccount,
    CatalogueEntry,
    StripeInvoice,
    StripeInvoiceLine,
    Subscription,
    SubscriptionItem,
    UsageBucket,
    UsageEvent,
    WebhookEvent,
)
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.core.pagination import PAGE_SIZE, Page, decode_cursor, moment, page_of
from tenants.scoping import current_scope

E = UsageEvent


def find_customer_owner(customer: str) -> UUID | None:
    """Needs no scope: the one thing that is read before a webhook's client is known."""
    owner: UUID | None = db.session.execute(
        text("SELECT stripe_customer_owner(:customer)"), {"customer": customer}
    ).scalar_one()
    return owner


def find_account() -> BillingAccount | None:
    return db.session.execute(
        select(BillingAccount).where(BillingAccount.tenant_id == current_scope().tenant_id)
    ).scalar_one_or_none()


def find_webhook_state(*, event_id: str) -> str | None:
    return db.session.execute(
        select(WebhookEvent.state).where(WebhookEvent.event_id == event_id)
    ).scalar_one_or_none()


def list_catalogue() -> Mapping[str, CatalogueEntry]:
    rows = db.session.execute(select(CatalogueEntry)).scalars()
    return {row.lookup_key: row for row in rows}


def meters_at_stripe(known: Mapping[str, CatalogueEntry]) -> Mapping[str, str]:
    """Stripe's id of each meter that it knows."""
    return {row.meter_key: row.stripe_meter_id for row in known.values()
            if row.meter_key and row.stripe_meter_id}  # fmt: skip


def sinks_at_stripe(known: Mapping[str, CatalogueEntry] | None = None) -> Mapping[str, str]:
    """How each meter that Stripe knows was made to count."""
    rows = (known or list_catalogue()).values()
    return {row.meter_key: row.sink for row in rows if row.meter_key and row.sink}


def find_subscription() -> Subscription | None:
    """The one that runs, the first of two; else the one that ended last."""
    running = list_running()
    if running:
        return running[0]
    return db.session.execute(
        select(Subscription)
        .where(Subscription.tenant_id == current_scope().tenant_id)
        .order_by(Subscription.status.in_(ENDED), Subscription.started_at.desc())
        .limit(1)
    ).scalar_one_or_none()


def list_running() -> Sequence[Subscription]:
    """Oldest first: one, unless two ways to pay were gone at the same time. What was never paid
    for at all is none."""
    return (
        db.session.execute(
            select(Subscription)
            .where(
                Subscription.tenant_id == current_scope().tenant_id,
                Subscription.status.not_in((*ENDED, "incomplete")),
            )
            .order_by(Subscription.started_at, Subscription.stripe_subscription_id)
        )
        .scalars()
        .all()
    )


def trial_end(stripe_subscription_id: str | None) -> datetime | None:
    return db.session.execute(
        select(Subscription.trial_end).where(
            Subscription.tenant_id == current_scope().tenant_id,
            Subscription.stripe_subscription_id == stripe_subscription_id,
        )
    ).scalar_one_or_none()


def first_hour() -> datetime | None:
    """Of the first subscription: what was used before is nobody's."""
    found: datetime | None = db.session.execute(
        select(func.min(func.date_trunc("hour", Subscription.started_at, "UTC"))).where(
            Subscription.tenant_id == current_scope().tenant_id,
            Subscription.status != "incomplete_expired",
        )
    ).scalar_one()
    return found


def list_items(*, stripe_subscription_id: str) -> Sequence[SubscriptionItem]:
    return (
        db.session.execute(
            select(SubscriptionItem)
            .where(
                SubscriptionItem.tenant_id == current_scope().tenant_id,
                SubscriptionItem.stripe_subscription_id == stripe_subscription_id,
            )
            .order_by(SubscriptionItem.lookup_key)
        )
        .scalars()
        .all()
    )


def list_drafts() -> Sequence[StripeInvoice]:
    """Renewals that are about to become final."""
    return (
        db.session.execute(
            select(StripeInvoice)
            .where(
                StripeInvoice.tenant_id == current_scope().tenant_id,
                StripeInvoice.status == "draft",
                StripeInvoice.billing_reason == "subscription_cycle",
            )
            .order_by(StripeInvoice.period_end)
        )
        .scalars()
        .all()
    )


def hour_totals(*, meter: str, start: datetime, end: datetime) -> Mapping[int, int]:
    """Per hour (its start, Unix seconds), hours without usage left out."""
    rows = db.session.execute(
        select(UsageBucket.hour, UsageBucket.total).where(
            UsageBucket.tenant_id == current_scope().tenant_id,
            UsageBucket.meter_key == meter,
            UsageBucket.hour >= start,
            UsageBucket.hour < end,
            UsageBucket.total > 0,
        )
    )
    return {int(hour.timestamp()): total for hour, total in rows}


def day_totals(*, start: datetime, end: datetime, zone: str) -> Sequence[Row[str, date, int]]:
    """(meter_key, day, quantity) of what is billed between the two."""
    day = cast(func.timezone(zone, E.occurred_at), Date)
    return db.session.execute(
        select(E.meter_key, day.label("day"), func.sum(E.quantity).label("quantity"))
        .where(E.tenant_id == current_scope().tenant_id, E.hour >= start, E.hour < end)
        .group_by(E.meter_key, day)
        .order_by(day)
    ).all()


def billed_days(*, start: datetime, end: datetime) -> Sequence[Row[str, date, int]]:
    """(meter_key, day in UTC, quantity): a late fact on the day that it is billed on."""
    day = cast(func.timezone("UTC", E.hour), Date)
    return db.session.execute(
        select(E.meter_key, day.label("day"), func.sum(E.quantity).label("quantity"))
        .where(E.tenant_id == current_scope().tenant_id, E.hour >= start, E.hour < end)
        .group_by(E.meter_key, day)
        .order_by(day)
    ).all()


def list_usage(
    *,
    meter: str,
    start: datetime,
    end: datetime,
    cursor: str | None = None,
    limit: int = PAGE_SIZE,
) -> Page[UsageEvent]:
    """Newest first."""
    query = select(E).where(
        E.tenant_id == current_scope().tenant_id,
        E.meter_key == meter,
        E.hour >= start,
        E.hour < end,
    )
    if cursor:
        query = query.where(tuple_(E.occurred_at, E.id) < tuple_(*_place(cursor)))
    rows = (
        db.session.execute(query.order_by(E.occurred_at.desc(), E.id.desc()).limit(limit + 1))
        .scalars()
        .all()
    )
    return page_of(rows, limit=limit, place=lambda row: (row.occurred_at, row.id))


def _place(cursor: str) -> tuple[datetime, UUID]:
    at, last = decode_cursor(cursor, moment, UUID)
    return at, last


def sum_usage(*, meter: str, start: datetime, end: datetime) -> int:
    total = db.session.execute(
        select(func.coalesce(func.sum(E.quantity), 0)).where(
            E.tenant_id == current_scope().tenant_id,
            E.meter_key == meter,
            E.hour >= start,
            E.hour < end,
        )
    ).scalar_one()
    return int(total)


def list_invoices(*, cursor: str | None = None, limit: int = PAGE_SIZE) -> Page[StripeInvoice]:
    """Newest first."""
    query = select(StripeInvoice).where(StripeInvoice.tenant_id == current_scope().tenant_id)
    order = (StripeInvoice.invoiced_at, StripeInvoice.id)
    if cursor:
        query = query.where(tuple_(*order) < tuple_(*_place(cursor)))
    query = query.order_by(*(column.desc() for column in order)).limit(limit + 1)
    rows = db.session.execute(query).scalars().all()
    return page_of(rows, limit=limit, place=lambda row: (row.invoiced_at, row.id))


def find_invoice(*, number: str) -> StripeInvoice | None:
    return db.session.execute(
        select(StripeInvoice).where(
            StripeInvoice.tenant_id == current_scope().tenant_id, StripeInvoice.number == number
        )
    ).scalar_one_or_none()


def get_invoice(*, number: str) -> StripeInvoice:
    row = find_invoice(number=number)
    if row is None:
        raise NotFound
    return row


def list_lines(*, stripe_invoice_ids: Sequence[str]) -> Sequence[StripeInvoiceLine]:
    return (
        db.session.execute(
            select(StripeInvoiceLine)
            .where(
                StripeInvoiceLine.tenant_id == current_scope().tenant_id,
                StripeInvoiceLine.stripe_invoice_id.in_(stripe_invoice_ids),
            )
            .order_by(StripeInvoiceLine.stripe_invoice_id, StripeInvoiceLine.place)
        )
        .scalars()
        .all()
    )
