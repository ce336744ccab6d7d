"""The nightly look at everything: ledger, hours, Stripe's sums, invoices. What differs becomes a
finding, which the first look that finds it no more closes."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from billing import queries
from billing.connection import gateway
from billing.models import ENDED, UsageBucket
from billing.presenting import current_period
from billing.reconcile import checks
from billing.reconcile.checks import Difference
from billing.reconcile.models import ReconcileFinding
from billing.usage import hour_of
from tenants.core.db import db
from tenants.core.ids import uuid7
from tenants.scoping import scoped_tenant_id

F, B = ReconcileFinding, UsageBucket
OWN = (
    "ledger", "usage_invoiced", "subscriptions", "unpriced", "rejected", "unbilled", "effect",
)  # fmt: skip
PROVIDERS = ("orphan", "catalogue")
THEIRS = ("usage_at_stripe",)
# An hour on its way is no difference.
SETTLED = ("sent", "closed")


def look_at_ledger(*, now: datetime) -> int:
    """What can be said without Stripe; answers how many findings are open."""
    subscription = queries.find_subscription()
    period = current_period(subscription)
    found = [
        *checks.ledger(), *checks.rejected(), *checks.invoices(), *checks.subscriptions(),
        *checks.unbilled(), *checks.effects(),
        *(checks.unpriced(start=period[0], end=period[1]) if period else ()),
    ]  # fmt: skip
    return _keep(found, OWN, now=now)


def call_look_at_provider(*, now: datetime) -> int:
    """Stripe's own side, in the provider's scope: customers that are nobody's, prices that aren't
    what was pushed."""
    return _keep([*checks.orphans(gateway()), *checks.catalogue(gateway())], PROVIDERS, now=now)


def note(difference: Difference, *, now: datetime) -> None:
    """One that no other look would find."""
    _keep([difference], (), now=now)


def close(kind: str, subject: str, *, now: datetime) -> None:
    """What no other look would close either."""
    db.session.execute(
        update(F)
        .where(
            F.tenant_id == scoped_tenant_id(), F.resolved_at.is_(None),
            F.kind == kind, F.subject == subject,
        )
        .values(resolved_at=now)
        .execution_options(synchronize_session=False)
    )  # fmt: skip


def note_subscriptions(*, now: datetime) -> None:
    """As soon as there are two; the nightly look closes it."""
    _keep(checks.subscriptions(), ("subscriptions",), now=now)


def call_totals(*, now: datetime) -> Mapping[str, Mapping[int, int]]:
    """Stripe's hours of the running period, by meter: those that are over, since the running one
    may change with the next minute. Alone in its transaction."""
    account, subscription = queries.find_account(), queries.find_subscription()
    period = current_period(subscription)
    if account is None or not account.stripe_customer_id or subscription is None or not period:
        return {}
    if subscription.status in ENDED:
        return {}
    start, end = hour_of(max(period[0], subscription.started_at)), hour_of(min(now, period[1]))
    if start >= end:
        return {}
    return {
        meter: gateway().meter_totals(
            meter_id, account.stripe_customer_id, int(start.timestamp()), int(end.timestamp())
        )
        for meter, meter_id in queries.meters_at_stripe(queries.list_catalogue()).items()
    }


def compare_totals(*, theirs: Mapping[str, Mapping[int, int]], now: datetime) -> int:
    """With what we sent for the hours that are settled on our side."""
    subscription = queries.find_subscription()
    period = current_period(subscription)
    if subscription is None or period is None:
        return 0
    start, end = hour_of(max(period[0], subscription.started_at)), hour_of(min(now, period[1]))
    rows = db.session.execute(
        select(B.meter_key, B.hour, B.sent_total, B.state).where(
            B.tenant_id == scoped_tenant_id(), B.hour >= start, B.hour < end
        )
    ).all()
    moving = {(row.meter_key, int(row.hour.timestamp())) for row in rows
              if row.state not in SETTLED}  # fmt: skip
    found: list[Difference] = []
    for meter, totals in theirs.items():
        sent = {int(row.hour.timestamp()): row.sent_total for row in rows if row.meter_key == meter}
        still = {hour for one, hour in moving if one == meter}
        found += checks.at_stripe(
            meter,
            {hour: total for hour, total in sent.items() if hour not in still},
            {hour: total for hour, total in totals.items() if hour not in still},
        )
    return _keep(found, THEIRS, now=now)


def _keep(found: Iterable[Difference], kinds: Sequence[str], *, now: datetime) -> int:
    tenant_id = scoped_tenant_id()
    by_place = {(one.kind, one.subject): one for one in found}
    mine = [F.tenant_id == tenant_id, F.resolved_at.is_(None), F.kind.in_(kinds)]
    if by_place:
        mine.append(tuple_(F.kind, F.subject).not_in(by_place))
    db.session.execute(
        update(F).where(*mine).values(resolved_at=now).execution_options(synchronize_session=False)
    )
    for one in by_place.values():
        row = insert(F).values(
            tenant_id=tenant_id, id=uuid7(), kind=one.kind, subject=one.subject,
            expected=one.expected, actual=one.actual, found_at=now, seen_at=now,
        )  # fmt: skip
        db.session.execute(
            row.on_conflict_do_update(
                index_elements=["tenant_id", "kind", "subject"],
                index_where=F.resolved_at.is_(None),
                set_={"expected": one.expected, "actual": one.actual, "seen_at": now},
            )
        )
    return len(by_place)
