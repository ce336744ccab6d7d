"""Each promise of the ledger, looked at again from its other end."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import and_, func, or_, select

from billing import queries
from billing.gateway import StripeGateway
from billing.invoice_items import list_waiting_items
from billing.models import (
    ENDED,
    StripeInvoice,
    StripeInvoiceLine,
    Subscription,
    UsageBucket,
    UsageEvent,
)
from billing.plans import KEYS_OF, METERED_KEYS, plan_of
from billing.pushing import Differs, planned
from tenants.core.db import db
from tenants.outbox import OutboxEffect
from tenants.scoping import scoped_tenant_id

B, E, I, L, S = UsageBucket, UsageEvent, StripeInvoice, StripeInvoiceLine, Subscription
FINAL = ("open", "paid", "uncollectible")


@dataclass(frozen=True, slots=True)
class Difference:
    kind: str
    subject: str
    expected: str
    actual: str


def ledger() -> Iterator[Difference]:
    """Every hour's total is the sum of its records."""
    summed = (
        select(E.meter_key, E.hour, func.sum(E.quantity).label("total"))
        .where(E.tenant_id == scoped_tenant_id())
        .group_by(E.meter_key, E.hour)
        .subquery()
    )
    mine = select(B).where(B.tenant_id == scoped_tenant_id()).subquery()
    rows = db.session.execute(
        select(
            func.coalesce(mine.c.meter_key, summed.c.meter_key).label("meter"),
            func.coalesce(mine.c.hour, summed.c.hour).label("hour"),
            func.coalesce(summed.c.total, 0).label("ledger"),
            func.coalesce(mine.c.total, 0).label("bucket"),
        )
        .select_from(summed)
        .join(
            mine,
            and_(mine.c.meter_key == summed.c.meter_key, mine.c.hour == summed.c.hour),
            full=True,
        )
        .where(func.coalesce(summed.c.total, 0) != func.coalesce(mine.c.total, 0))
    )
    for row in rows:
        yield Difference("ledger", _place(row.meter, row.hour), str(row.ledger), str(row.bucket))


def rejected() -> Iterator[Difference]:
    """What Stripe refused to take is owed to nobody until somebody looks."""
    rows = db.session.execute(
        select(B.meter_key, B.hour, B.total, B.error)
        .where(B.tenant_id == scoped_tenant_id(), B.state == "rejected")
        .order_by(B.hour)
    )
    for row in rows:
        yield Difference("rejected", _place(row.meter_key, row.hour), str(row.total), row.error)


def invoices() -> Iterator[Difference]:
    """What a final invoice counts of a meter is what the ledger holds for its period; a trial's
    counts nothing."""
    rows = db.session.execute(
        select(
            I.number, L.lookup_key, func.min(L.period_start).label("start"),
            func.max(L.period_end).label("end"), func.sum(L.quantity).label("quantity"),
        )
        .join(L, and_(L.tenant_id == I.tenant_id, L.stripe_invoice_id == I.stripe_invoice_id))
        .outerjoin(
            S,
            and_(
                S.tenant_id == I.tenant_id, S.stripe_subscription_id == I.stripe_subscription_id
            ),
        )
        .where(
            I.tenant_id == scoped_tenant_id(), I.status.in_(FINAL), L.lookup_key.in_(METERED_KEYS),
            or_(S.trial_end.is_(None), L.period_start >= S.trial_end),
        )
        .group_by(I.number, L.lookup_key)
        .order_by(I.number)
    ).all()  # fmt: skip
    for row in rows:
        meter = METERED_KEYS[row.lookup_key]
        ours = queries.sum_usage(meter=meter, start=row.start, end=row.end)
        if ours != int(row.quantity or 0):
            subject = f"{row.number} {meter}"
            yield Difference("usage_invoiced", subject, str(ours), str(int(row.quantity or 0)))


def subscriptions() -> Iterator[Difference]:
    found = db.session.execute(
        select(Subscription.stripe_subscription_id)
        .where(Subscription.tenant_id == scoped_tenant_id(), Subscription.status.not_in(ENDED))
        .order_by(Subscription.started_at)
    ).scalars().all()  # fmt: skip
    if len(found) > 1:
        yield Difference("subscriptions", found[-1], "1", str(len(found)))


def unpriced(*, start: datetime, end: datetime) -> Iterator[Difference]:
    """Used in this period, and no price of the plan charges it."""
    account = queries.find_account()
    if account is None:
        return
    plan = plan_of(account.plan_key, account.plan_version)
    for meter in KEYS_OF:
        quantity = queries.sum_usage(meter=meter, start=start, end=end)
        if quantity and plan.part_of(meter) is None:
            yield Difference("unpriced", f"{meter} {start:%Y-%m}", "0", str(quantity))


def at_stripe(
    meter: str, sent: Mapping[int, int], theirs: Mapping[int, int]
) -> Iterator[Difference]:
    """Both by hour (its start, Unix seconds)."""
    for hour in sorted({*sent, *theirs}):
        ours, other = sent.get(hour, 0), theirs.get(hour, 0)
        if ours != other:
            place = _place(meter, datetime.fromtimestamp(hour, UTC))
            yield Difference("usage_at_stripe", place, str(ours), str(other))


def _place(meter: str, hour: datetime) -> str:
    return f"{meter} {hour.astimezone(UTC):%Y-%m-%dT%H}"


def unbilled() -> Iterator[Difference]:
    """Owed, and no customer at Stripe who could be charged for it."""
    account = queries.find_account()
    if account is None or account.stripe_customer_id is not None:
        return
    if account.customer_deleted_at is None:
        return
    for item in list_waiting_items():
        amount = f"{item.amount / 100:.2f} {item.currency}"
        yield Difference("unbilled", str(item.id), amount, "no customer")


def effects() -> Iterator[Difference]:
    """What Stripe was to be told, and was not."""
    rows = db.session.execute(
        select(OutboxEffect.id, OutboxEffect.verb, OutboxEffect.error)
        .where(
            OutboxEffect.tenant_id == scoped_tenant_id(),
            OutboxEffect.kind == "stripe",
            OutboxEffect.state == "dead",
        )
        .order_by(OutboxEffect.id)
    )
    for row in rows:
        yield Difference("effect", f"{row.verb} {row.id}", "done", row.error)


def orphans(stripe: StripeGateway) -> Iterator[Difference]:
    """Customers at Stripe that no company of ours has."""
    for customer in stripe.list_customers():
        if queries.find_customer_owner(customer["id"]) is None:
            yield Difference("orphan", customer["id"], "a company", "none")


def catalogue(stripe: StripeGateway) -> Iterator[Difference]:
    """What was pushed, against what Stripe has under the same keys now."""
    known = {key: row for key, row in queries.list_catalogue().items() if row.kind != "tax"}
    theirs = stripe.prices_by_key(sorted(known))
    for key, row in sorted(known.items()):
        price = theirs.get(key)
        actual = "missing" if price is None else str(price["id"])
        if actual != row.stripe_price_id:
            yield Difference("catalogue", key, row.stripe_price_id, actual)
    try:
        missing = planned() if known else ()
    except Differs as difference:
        yield Difference("catalogue", "push-catalogue", "as pushed", str(difference))
    else:
        if missing:
            yield Difference("catalogue", "push-catalogue", "0", str(len(missing)))
