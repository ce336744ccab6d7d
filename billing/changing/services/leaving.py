"""Ending a subscription, taking that back, and coming back from a late payment or a pause."""

from datetime import datetime
from uuid import UUID

from billing import queries as billing
from billing.change_models import PLANS, PlanChange
from billing.changing import outgoing
from billing.changing.queries import base_item, find_errand, get_change, list_payable
from billing.changing.services.asking import BUSY, withdraw
from billing.models import ENDED, Subscription
from billing.plan_changes import find_lasting, lock_account
from billing.subscribing.services import RIGHT
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.jobs import enqueue
from tenants.permissions import Actor

PROVIDER_RIGHT = "provider.administer"
# Nothing is paid for any more: there is no period whose end could be waited for.
AT_ONCE = ("unpaid", "paused", "incomplete")
NONE_LIVE = _m("There is no subscription that runs.")


def end_subscription(*, reason: str, actor: Actor, now: datetime) -> PlanChange:
    """At the end of what is paid for; at once where nothing is. Twice is once."""
    actor.require(RIGHT)
    return _end(reason=reason, at_once=False, actor=actor, now=now)


def end_subscription_now(*, reason: str, actor: Actor, now: datetime) -> PlanChange:
    """By the provider: usage until now is sent and invoiced, unused time credited."""
    actor.require(PROVIDER_RIGHT)
    return _end(reason=reason, at_once=True, actor=actor, now=now)


def keep_subscription(*, actor: Actor, now: datetime) -> PlanChange:
    """Takes back an end that is planned, here or at Stripe."""
    actor.require(RIGHT)
    subscription = _live()
    if not is_ending(subscription):
        raise Conflict(_m("No end is planned: nothing is to be taken back."), code="not_ending")
    return _errand("keep", subscription, actor=actor, now=now)


def pay_open(*, actor: Actor, now: datetime) -> PlanChange:
    """By the card on file; usage goes to Stripe first, so that it stands on what is paid."""
    actor.require(RIGHT)
    subscription = _live()
    if not list_payable():
        raise Conflict(_m("Nothing is open: there is nothing to pay."), code="nothing_open")
    if subscription.by_invoice:
        raise Conflict(
            _m("Your invoices are paid by transfer. Open the invoice to see how."),
            code="paid_by_transfer",
        )
    return _errand("pay", subscription, actor=actor, now=now)


def resume_subscription(*, actor: Actor, now: datetime) -> PlanChange:
    actor.require(RIGHT)
    subscription = _live()
    if subscription.status != "paused":
        raise Conflict(_m("Your subscription is not paused."), code="not_paused")
    return _errand("resume", subscription, actor=actor, now=now)


def promise_after_usage(*, change_id: str) -> None:
    """Called once the usage until now is at Stripe."""
    row = get_change(change_id=UUID(change_id))
    if row.state == "sent":
        outgoing.promise_errand(row)


def is_ending(subscription: Subscription) -> bool:
    """A portal sets the moment, an older way the flag."""
    return subscription.cancel_at is not None or subscription.cancel_at_period_end


def _end(*, reason: str, at_once: bool, actor: Actor, now: datetime) -> PlanChange:
    lock_account()
    subscription = _live()
    at_once = at_once or subscription.status in AT_ONCE
    before = find_lasting()
    if before is not None:
        if before.kind == "end" and (before.state == "sent" or not at_once):
            return before
        _make_way(before, at_once=at_once, now=now)
    if is_ending(subscription) and not at_once:
        raise Conflict(_m("Your subscription ends already."), code="ending")
    base = base_item(subscription)
    row = _row("end", subscription, actor=actor, now=now)
    row.reason = reason
    row.effective_at = None if at_once else (base.period_end if base else now)
    db.session.add(row)
    db.session.flush()
    _note(row, actor, now)
    if at_once:
        _after_usage(row)
    else:
        outgoing.promise_errand(row)
    return row


def _make_way(before: PlanChange, *, at_once: bool, now: datetime) -> None:
    """An end replaces a plan to come. Its schedule is released with the end itself. One that happens
    at once waits for no payment either."""
    if before.state in ("asked", "planned"):
        if before.kind in PLANS:
            withdraw(before, now=now)
        else:
            before.state, before.ended_at = "withdrawn", now
            db.session.flush()
        return
    if before.problem == outgoing.UNPAID:
        if at_once:
            withdraw(before, now=now)
            return
        raise Conflict(
            _m("A change of plan waits for its payment. Pay it or withdraw it first."),
            code="change_unpaid",
        )
    raise Conflict(BUSY, code="change_on_its_way")


def _errand(kind: str, subscription: Subscription, *, actor: Actor, now: datetime) -> PlanChange:
    lock_account()
    before = find_errand()
    if before is not None:
        if before.kind == kind:
            return before
        raise Conflict(BUSY, code="change_on_its_way")
    row = _row(kind, subscription, actor=actor, now=now)
    db.session.add(row)
    db.session.flush()
    _note(row, actor, now)
    if kind == "pay":
        _after_usage(row)
    else:
        outgoing.promise_errand(row)
    return row


def _after_usage(row: PlanChange) -> None:
    enqueue(
        "billing.tell_after_usage", queue="billing", key=f"tell:{row.id}", change_id=str(row.id),
        max_attempts=12,
    )  # fmt: skip


def _live() -> Subscription:
    found = billing.find_subscription()
    if found is None or found.status in ENDED:
        raise Conflict(NONE_LIVE, code="no_subscription")
    return found


def _row(kind: str, subscription: Subscription, *, actor: Actor, now: datetime) -> PlanChange:
    return PlanChange(
        id=uuid7(), kind=kind, state="sent",
        stripe_subscription_id=subscription.stripe_subscription_id, asked_by=actor.user_id,
        asked_by_name=actor.name, asked_at=now, sent_at=now, figures={}, problem="", reason="",
    )  # fmt: skip


def _note(row: PlanChange, actor: Actor, now: datetime) -> None:
    audit.record(
        f"billing.subscription.{row.kind}", actor=actor, now=now, object_type="plan_change",
        object_id=row.id, subscription=row.stripe_subscription_id,
        at=row.effective_at.isoformat() if row.effective_at else "",
    )  # fmt: skip
