"""A client chooses a plan and pays it at Stripe. Stripe's page is opened by the workers, so nobody's
request waits for it; what the browser comes back with is believed by nobody: the mirror is asked."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, update

from billing.models import Subscription
from billing.plans import AGREED, TRIAL_DAYS, Interval, Plan, find_offered
from billing.subscribing import outgoing
from billing.subscribing.models import CheckoutAttempt
from billing.subscribing.queries import find_open_attempt, has_live_subscription
from billing.taxes.accounts import hold_account
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.jobs import enqueue
from tenants.permissions import Actor
from tenants.scoping import scoped_tenant_id

RIGHT = "subscription.manage"


def trial_until(now: datetime) -> datetime:
    """The first of a month, in UTC, so that every period is a calendar month."""
    day = (now.astimezone(UTC) + timedelta(days=TRIAL_DAYS)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def begin_checkout(
    *, plan: str, interval: Interval, base_url: str, actor: Actor, now: datetime
) -> CheckoutAttempt:
    """The same choice again is the same page; another one takes the place of the one before, which
    can't be paid any more. Conflict while there is a subscription: that one is changed instead."""
    actor.require(RIGHT)
    wanted = find_offered(plan)
    if wanted is None:
        raise Invalid(field_errors={"plan": [_m("Choose one of the list.")]})
    account = hold_account(wanted, interval, actor=actor, now=now)
    if has_live_subscription():
        raise Conflict(
            _m("Your company has a subscription already. Change its plan instead."),
            code="subscription_exists",
        )
    if account.plan_key == AGREED.key and not _had_one():
        raise Conflict(
            _m("Your subscription is being set up. Reload the page in a minute."),
            code="subscription_being_set_up",
        )
    before = find_open_attempt(for_change=True)
    if before is not None:
        if _same(before, wanted, interval) and not is_over(before, now=now):
            return before
        _supersede(before)
    attempt = CheckoutAttempt(
        id=uuid7(), plan_key=wanted.key, plan_version=wanted.version, interval=interval,
        trial_end=None if _had_one() else trial_until(now), state="open", url="", begun_at=now,
        begun_by=actor.user_id,
    )  # fmt: skip
    db.session.add(attempt)
    account.plan_key, account.plan_version = wanted.key, wanted.version
    account.interval = interval
    db.session.flush()
    audit.record(
        "billing.checkout.begun", actor=actor, now=now, object_type="checkout_attempt",
        object_id=attempt.id, plan=wanted.key, interval=interval,
    )  # fmt: skip
    outgoing.open_checkout(account=account, attempt=attempt, base_url=base_url)
    return attempt


def come_back(*, actor: Actor, now: datetime) -> CheckoutAttempt | None:
    """From Stripe's page, whatever happened there: the mirror is brought up to date at once."""
    actor.require("subscription.read")
    attempt = find_open_attempt()
    if attempt is not None and attempt.url:
        minute = now.replace(second=now.second // 5 * 5, microsecond=0)
        enqueue(
            "billing.sync_customer", queue="billing",
            key=f"checkout:{attempt.id}:{minute.isoformat()}",
        )  # fmt: skip
    return attempt


def is_over(attempt: CheckoutAttempt, *, now: datetime) -> bool:
    return attempt.expires_at is not None and attempt.expires_at <= now


def note_completed() -> None:
    """Called with each new state of the mirror: whoever has a subscription isn't on the way."""
    if has_live_subscription():
        db.session.execute(
            update(CheckoutAttempt)
            .where(CheckoutAttempt.tenant_id == scoped_tenant_id(), CheckoutAttempt.state == "open")
            .values(state="completed")
            .execution_options(synchronize_session=False)
        )


def _had_one() -> bool:
    """A trial is for a company's first subscription."""
    count = db.session.execute(
        select(func.count())
        .select_from(Subscription)
        .where(
            Subscription.tenant_id == scoped_tenant_id(),
            Subscription.status != "incomplete_expired",
        )
    ).scalar_one()
    return count > 0


def _same(attempt: CheckoutAttempt, plan: Plan, interval: str) -> bool:
    chosen = (attempt.plan_key, attempt.plan_version, attempt.interval)
    return chosen == (plan.key, plan.version, interval)


def _supersede(attempt: CheckoutAttempt) -> None:
    attempt.state = "superseded"
    db.session.flush()
    if attempt.stripe_session_id:
        outgoing.expire_checkout(session=attempt.stripe_session_id)
