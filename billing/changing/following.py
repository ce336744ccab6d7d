"""What became of a change, by Stripe's own state: of a plan that was to come, of a charge that
somebody paid later, of an end that was planned or taken back in the portal."""

from datetime import datetime, timedelta

from billing import queries as billing
from billing.change_models import PlanChange
from billing.changing import outgoing
from billing.changing.queries import current_choice, find_errand
from billing.models import ENDED, BillingAccount, Subscription
from billing.plan_changes import find_lasting
from tenants import audit
from tenants.permissions import system_actor
from tenants.scoping import scoped_tenant_id

# Longer than any effect is tried.
SILENCE = timedelta(days=1)
LATE = timedelta(days=2)


def follow(*, since: datetime, now: datetime) -> None:
    """With each new state of the mirror. One that was fetched before Stripe answered, `since` then,
    says nothing about what it answered."""
    account, subscription = billing.find_account(), billing.find_subscription()
    for row in (find_lasting(), find_errand()):
        if row is None or account is None or subscription is None:
            continue
        if row.settled_at is not None and row.settled_at >= since:
            continue
        found = _became(row, account, subscription, now=now)
        if found is not None:
            _enter(row, *found, now=now)


def _became(
    row: PlanChange, account: BillingAccount, subscription: Subscription, *, now: datetime
) -> tuple[str, str] | None:
    """Its state and problem from now on; None while nothing is to be said."""
    if row.state == "asked":
        return None
    over = (
        subscription.stripe_subscription_id != row.stripe_subscription_id
        or subscription.status in ENDED
    )
    if over:
        return ("done", "") if row.kind == "end" else ("withdrawn", "ended")
    if row.state == "sent":
        return _sent(row, account, subscription, now=now)
    return _planned(row, account, subscription, now=now)


def _sent(
    row: PlanChange, account: BillingAccount, subscription: Subscription, *, now: datetime
) -> tuple[str, str] | None:
    if row.problem == outgoing.UNPAID:
        if subscription.pending_until is not None:
            return None
        return ("done", "") if _reached(row, account) else ("refused", "never_paid")
    if row.sent_at is not None and now - row.sent_at > SILENCE:
        return "refused", "no_answer"
    return None


def _planned(
    row: PlanChange, account: BillingAccount, subscription: Subscription, *, now: datetime
) -> tuple[str, str] | None:
    at = row.effective_at or now
    if row.kind == "end":
        kept = subscription.cancel_at is None and not subscription.cancel_at_period_end
        return ("withdrawn", "at_stripe") if kept else None
    if _reached(row, account):
        return "done", ""
    if now < at:
        return ("withdrawn", "at_stripe") if subscription.schedule_id is None else None
    return ("refused", "not_made") if now - at > LATE else None


def _reached(row: PlanChange, account: BillingAccount) -> bool:
    return current_choice(account).key == (row.to_plan, row.to_version, row.to_interval)


def _enter(row: PlanChange, state: str, problem: str, *, now: datetime) -> None:
    paid = row.problem == outgoing.UNPAID and state == "done"
    row.state, row.problem, row.ended_at = state, problem, now
    audit.record(
        "billing.plan_change.followed", actor=system_actor(scoped_tenant_id()), now=now,
        object_type="plan_change", object_id=row.id, state=state, problem=problem,
    )  # fmt: skip
    if paid:
        outgoing.promise_meters(row)
