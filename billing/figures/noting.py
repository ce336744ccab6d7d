"""What the company in scope brings, noted month by month: the last look of a month stays."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from billing import queries
from billing.figures.models import BillingFigure
from billing.figures.rules import FREE, monthly_revenue
from billing.models import ENDED, BillingAccount, Subscription
from billing.plans import CURRENCY, Interval, plan_of
from billing.prices.in_force import day_of
from billing.prices.queries import list_proposals
from tenants.core.db import db
from tenants.core.ids import uuid7
from tenants.scoping import scoped_tenant_id

F = BillingFigure
# So far back what nobody noted is made up for, at the prices that were in force.
MOST_MONTHS = 24


def note_revenue(*, now: datetime) -> None:
    """The running month as it is now; earlier ones only where nothing stands yet."""
    account, subscription = queries.find_account(), queries.find_subscription()
    if account is None or subscription is None:
        return
    running = day_of(now).replace(day=1)
    known = set(
        db.session.execute(select(F.month).where(F.tenant_id == scoped_tenant_id())).scalars()
    )
    for month in months_until(running, day_of(subscription.started_at)):
        if month == running or month not in known:
            _keep(month, _brought(account, subscription, month, now), now=now)


def months_until(running: date, first: date) -> list[date]:
    """Oldest first, the running one last."""
    found, month = [running], running
    while month > first.replace(day=1) and len(found) < MOST_MONTHS:
        month = (month - timedelta(days=1)).replace(day=1)
        found.append(month)
    return found[::-1]


def _brought(
    account: BillingAccount, subscription: Subscription, month: date, now: datetime
) -> int:
    """At the month's end; of the running month, now."""
    after = (month + timedelta(days=32)).replace(day=1)
    end = min(datetime(after.year, after.month, 1, tzinfo=UTC), now)
    status = subscription.status
    if end < now:
        ended, trial = subscription.ended_at, subscription.trial_end
        if ended is not None and ended <= end:
            status = ENDED[0]
        elif trial is not None and trial >= end:
            status = FREE[0]
        else:
            status = "active"
    interval: Interval = "year" if account.interval == "year" else "month"
    plan = plan_of(account.plan_key, account.plan_version)
    return monthly_revenue(plan, interval, status, list_proposals(approved=True), _day(end, now))


def _day(end: datetime, now: datetime) -> date:
    return day_of(end if end == now else end - timedelta(seconds=1))


def _keep(month: date, minor: int, *, now: datetime) -> None:
    row = insert(F).values(
        tenant_id=scoped_tenant_id(), id=uuid7(), month=month, mrr_minor=minor, currency=CURRENCY,
        noted_at=now,
    )  # fmt: skip
    db.session.execute(
        row.on_conflict_do_update(
            index_elements=["tenant_id", "month"],
            set_={"mrr_minor": row.excluded.mrr_minor, "noted_at": row.excluded.noted_at},
        )
    )
