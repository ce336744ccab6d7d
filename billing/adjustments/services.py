"""Usage that Stripe's meters don't take: because it is too old, or because the subscription that it
would be charged by has ended. It becomes items of the next invoice, or of one of its own."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import and_, exists, func, insert, or_, select

from billing import invoice_items, queries
from billing.adjustments.models import UsageAdjustment
from billing.adjustments.queries import SOURCE, sum_adjusted
from billing.adjustments.rules import (
    TAKEN_FOR,
    Record,
    Share,
    beyond_included,
    month_of,
    shares,
    too_old,
)
from billing.models import (
    ENDED,
    BillingAccount,
    StripeInvoiceLine,
    Subscription,
    UsageBucket,
    UsageEvent,
)
from billing.plans import BY_KEY, CURRENCY, KEYS_OF, Part, part_in, plan_of
from billing.prices.in_force import day_of, unit_amount
from billing.prices.queries import list_proposals
from billing.usage import hour_of
from tenants.core.db import db
from tenants.core.ids import uuid7
from tenants.core.money import to_minor
from tenants.permissions import system_actor
from tenants.scoping import scoped_tenant_id

B, E, L = UsageBucket, UsageEvent, StripeInvoiceLine
A = UsageAdjustment
REFUSED_FOR_AGE = and_(B.state == "rejected", B.error == "timestamp_too_far_in_past")


def adjust(*, now: datetime) -> int:
    """Answers how many adjustments were made; twice is once, since what was adjusted isn't due any
    more. Without a customer at Stripe its items wait for one."""
    account, subscription = queries.find_account(), queries.find_subscription()
    if account is None or subscription is None:
        return 0
    over = _over_since(subscription)
    made = 0
    for bucket in _due(over, now=now):
        reason = "ended" if over is not None and bucket.hour < over else "too_old"
        records = _records(bucket)
        quantity = bucket.total - bucket.sent_total
        if reason == "too_old" and bucket.state == "dirty" and not too_old(bucket.hour, now):
            records = [one for one in records if too_old(one.occurred_at, now)]
            quantity = min(quantity, sum(one.quantity for one in records))
        for share in shares(records, quantity):
            _adjust(account, bucket, share, reason, now=now)
            made += 1
        _settle(bucket)
    db.session.flush()
    return made


def _over_since(subscription: Subscription) -> datetime | None:
    """The hours before this moment are charged by no subscription any more: all, once the last one
    has ended and its last invoice is final; those before the one that runs, if there was another
    before it."""
    if subscription.status in ENDED:
        began = subscription.status == "canceled" and not queries.list_drafts()
        return datetime.max.replace(tzinfo=subscription.started_at.tzinfo) if began else None
    earlier = db.session.execute(
        select(Subscription.id)
        .where(
            Subscription.tenant_id == scoped_tenant_id(),
            Subscription.status == "canceled",
            Subscription.started_at < subscription.started_at,
        )
        .limit(1)
    ).one_or_none()
    return hour_of(subscription.started_at) if earlier else None


def _due(over: datetime | None, *, now: datetime) -> Sequence[UsageBucket]:
    cutoff = now - TAKEN_FOR
    # A fact of a time that was invoiced lies in the first hour after it.
    old_fact = (
        exists()
        .where(
            E.tenant_id == B.tenant_id,
            E.meter_key == B.meter_key,
            E.hour == B.hour,
            E.occurred_at < cutoff,
        )
        .correlate(B)
    )
    first = queries.first_hour()
    if first is None:
        return []
    when = [B.hour < cutoff, old_fact] + ([B.hour < over] if over is not None else [])
    return (
        db.session.execute(
            select(B)
            .where(
                B.tenant_id == scoped_tenant_id(),
                # nobody is billed for what was before the first subscription
                B.hour >= first,
                B.total > B.sent_total,
                B.claimed_revision.is_(None),
                or_(REFUSED_FOR_AGE, and_(B.state == "dirty", or_(*when))),
            )
            .order_by(B.hour, B.meter_key)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        .scalars()
        .all()
    )


def _records(bucket: UsageBucket) -> list[Record]:
    rows = db.session.execute(
        select(E.source_type, E.source_id, E.occurred_at, E.quantity)
        .where(
            E.tenant_id == bucket.tenant_id,
            E.meter_key == bucket.meter_key,
            E.hour == bucket.hour,
            E.source_type != "adjusted",
        )
        .order_by(E.created_at.desc(), E.id.desc())
    )
    taken = _already(bucket)
    return list(_without(taken, [Record(*row) for row in rows]))


def _already(bucket: UsageBucket) -> dict[tuple[str, object, datetime], int]:
    """What earlier adjustments took of this hour."""
    rows = db.session.execute(
        select(A.source_type, A.source_id, A.period_start, func.sum(-E.quantity))
        .join(E, and_(E.tenant_id == A.tenant_id, E.source_id == A.id))
        .where(
            E.tenant_id == bucket.tenant_id,
            E.meter_key == bucket.meter_key,
            E.hour == bucket.hour,
            E.source_type == "adjusted",
        )
        .group_by(A.source_type, A.source_id, A.period_start)
    )
    return {(kind, source, start): int(total) for kind, source, start, total in rows}


def _without(
    taken: dict[tuple[str, object, datetime], int], records: list[Record]
) -> Iterator[Record]:
    yield from records
    for (kind, source, start), quantity in taken.items():
        match = next(
            one for one in records
            if (one.source_type, one.source_id) == (kind, source)
            and month_of(one.occurred_at)[0] == start
        )  # fmt: skip
        yield Record(match.source_type, match.source_id, match.occurred_at, -quantity)


def _adjust(
    account: BillingAccount, bucket: UsageBucket, share: Share, reason: str, *, now: datetime
) -> None:
    tenant_id, meter = scoped_tenant_id(), bucket.meter_key
    start, end = month_of(share.occurred_at)
    adjustment = uuid7()
    db.session.execute(
        insert(E).values(
            tenant_id=tenant_id, id=uuid7(), meter_key=meter, quantity=-share.quantity,
            occurred_at=share.occurred_at, hour=bucket.hour, source_type="adjusted",
            source_id=adjustment, source_rev=1,
        )
    )  # fmt: skip
    bucket.total -= share.quantity
    bucket.revision += 1
    db.session.flush()
    part = _part(account, meter, start)
    unit, included = _terms(part, share.occurred_at, start)
    used = queries.sum_usage(meter=meter, start=start, end=end)
    used += sum_adjusted(meter=meter, start=start)
    charged = beyond_included(used=used, quantity=share.quantity, included=included)
    amount = to_minor((charged * unit).scaleb(-2), CURRENCY)
    db.session.add(
        UsageAdjustment(
            id=adjustment, meter_key=meter, period_start=start, period_end=end,
            source_type=share.source_type, source_id=share.source_id, quantity=share.quantity,
            charged=charged, unit_amount=unit, amount=amount, currency=CURRENCY, reason=reason,
            recorded_at=now,
        )
    )  # fmt: skip
    db.session.flush()
    if amount:
        invoice_items.record_item(
            source_type=SOURCE, source_id=adjustment, amount=amount, currency=CURRENCY,
            description=f"{part.name}, {start:%B %Y}: {charged} at {unit / 100:f} {CURRENCY}",
            period=(start, end), actor=system_actor(tenant_id), now=now,
        )  # fmt: skip


def _settle(bucket: UsageBucket) -> None:
    """What is left of the hour is what Stripe has of it, or still goes there."""
    if bucket.total == bucket.sent_total:
        bucket.state = "sent" if bucket.sent_revision else "closed"
        bucket.error = ""
        bucket.sent_revision = bucket.revision if bucket.sent_revision else 0


def _part(account: BillingAccount, meter: str, start: datetime) -> Part:
    """As that month's invoice charged it; else by the plan that there is now."""
    key = db.session.execute(
        select(L.lookup_key)
        .where(
            L.tenant_id == scoped_tenant_id(),
            L.lookup_key.in_(KEYS_OF[meter]),
            L.period_start >= start,
            L.period_start < month_of(start)[1],
        )
        .order_by(L.period_start.desc())
        .limit(1)
    ).scalar_one_or_none()
    if key is not None:
        return BY_KEY[key]
    return part_in(plan_of(account.plan_key, account.plan_version), meter)


def _terms(part: Part, at: datetime, start: datetime) -> tuple[Decimal, int]:
    """The price of a unit and the units that the month includes: a trial costs nothing, and a month
    without a base fee includes nothing."""
    held = db.session.execute(
        select(Subscription.trial_end)
        .where(
            Subscription.tenant_id == scoped_tenant_id(),
            Subscription.status != "incomplete_expired",
            Subscription.started_at < month_of(start)[1],
            or_(Subscription.ended_at.is_(None), Subscription.ended_at > start),
        )
        .order_by(Subscription.started_at.desc())
    ).scalars().all()  # fmt: skip
    if any(trial is not None and at < trial for trial in held):
        return Decimal(0), 0
    price = unit_amount(list_proposals(approved=True), part, day_of(start))
    return price, part.included if held else 0
