"""Another plan: what it would cost, by Stripe's own figures, and then the word that it shall be."""

from datetime import UTC, datetime
from uuid import UUID

from billing import queries as billing
from billing.change_models import PLANS, PlanChange
from billing.changing import outgoing
from billing.changing.previewing import Figures, figures_of
from billing.changing.queries import (
    base_item,
    current_choice,
    find_being_withdrawn,
    get_change,
    has_agreed_price,
    room_in,
)
from billing.changing.rules import (
    MAY_CHANGE,
    NOT_IN,
    Choice,
    is_stale,
    kind_of,
    too_near,
)
from billing.limits.rules import GB
from billing.models import Subscription, SubscriptionItem
from billing.plan_changes import find_lasting, lock_account
from billing.plans import AGREED, Interval, find_offered
from billing.subscribing.services import RIGHT
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor
from tenants.queries import get_access_state

BUSY = _m("Your last change is still on its way to Stripe. Look again in a minute.")
TALK = _m("Your plan was agreed with us in person. Talk to us to change it.")
AGREED_PRICE = _m(
    "A price was agreed with you for your plan, and it would end with the plan. Talk to us first."
)
STALE = _m("These figures are too old by now. Look at the change again, then confirm it.")
NEAR = _m("Your period is about to end. Try again in an hour, in the new period.")
NO_PRICES = _m("This plan's prices are being set up at Stripe. Try again in a minute.")
NO_PRICES_CODE = "prices_being_set_up"
OTHER = _m("Another change was asked for meanwhile. Look at that one.")
ENDING = _m("Your subscription is about to end. Take that back first, then change the plan.")


def prepare_prices(*, plan: str, interval: Interval, actor: Actor, now: datetime) -> None:
    """For a plan that nobody subscribed to before: Stripe hears of its prices now."""
    actor.require(RIGHT)
    wanted = find_offered(plan)
    if wanted is not None:
        outgoing.promise_prices(Choice(wanted, interval), now=now)


def ask_change(*, plan: str, interval: Interval, actor: Actor, now: datetime) -> PlanChange:
    """What it would cost, for half an hour; the one asked before is forgotten. Calls Stripe."""
    actor.require(RIGHT)
    wanted = find_offered(plan)
    if wanted is None:
        raise Invalid(field_errors={"plan": [_m("Choose one of the list.")]})
    choice = Choice(wanted, interval)
    subscription, base, current = _running()
    kind = kind_of(current, choice)
    if kind is None:
        raise Conflict(_m("This is the plan that you have."), code="same_plan")
    _check_way(find_lasting())
    _check(choice, subscription, base, now=now)
    trial = subscription.status == "trialing"
    at_once = trial or kind == "upgrade"
    figures = Figures()
    if at_once and not trial:
        figures = figures_of(subscription, base, choice, at=now)
    account = lock_account()
    assert account is not None
    before = find_lasting()
    _check_way(before)
    if before is not None:
        withdraw(before, now=now)
    row = PlanChange(
        id=uuid7(), kind=kind, state="asked",
        stripe_subscription_id=subscription.stripe_subscription_id,
        from_plan=current.plan.key, from_version=current.plan.version,
        from_interval=current.interval, to_plan=wanted.key, to_version=wanted.version,
        to_interval=interval, proration_date=now.replace(microsecond=0) if figures.lines else None,
        effective_at=None if at_once else base.period_end,
        figures=figures.stored() | {"turn": int(base.period_end.timestamp()), "trial": trial},
        asked_by=actor.user_id, asked_by_name=actor.name, asked_at=now,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row


def confirm_change(*, change_id: UUID, actor: Actor, now: datetime) -> PlanChange:
    """At the figures that were shown; twice is once."""
    actor.require(RIGHT)
    account = lock_account()
    row = get_change(change_id=change_id)
    if row.kind not in PLANS or account is None:
        raise Conflict(OTHER, code="other_change")
    if row.state in ("sent", "planned", "done"):
        return row
    if row.state != "asked":
        raise Conflict(OTHER, code="other_change")
    turn = datetime.fromtimestamp(row.figures["turn"], UTC)
    subscription, base, current = _running()
    same = (row.stripe_subscription_id, row.from_plan, row.from_version, row.from_interval) == (
        subscription.stripe_subscription_id, *current.key,
    )  # fmt: skip
    trial = subscription.status == "trialing"
    if not same or trial is not row.figures["trial"] or is_stale(
        asked_at=row.asked_at, turn=turn, now=now
    ):  # fmt: skip
        raise Conflict(STALE, code="stale_preview")
    wanted = find_offered(row.to_plan)
    if wanted is None or wanted.version != row.to_version:
        raise Conflict(STALE, code="stale_preview")
    choice = Choice(wanted, "year" if row.to_interval == "year" else "month")
    _check(choice, subscription, base, now=now)
    row.state, row.sent_at = "sent", now
    db.session.flush()
    _note("confirmed", row, actor, now)
    outgoing.promise_change(row, choice)
    return row


def withdraw_change(*, change_id: UUID, actor: Actor, now: datetime) -> PlanChange:
    """One that was only looked at, one that is planned, or one whose payment failed."""
    actor.require(RIGHT)
    lock_account()
    row = get_change(change_id=change_id)
    if row.kind not in PLANS:
        raise Conflict(OTHER, code="other_change")
    if row.state in ("withdrawn", "refused"):
        return row
    unpaid = row.state == "sent" and row.problem == outgoing.UNPAID
    if row.state not in ("asked", "planned") and not unpaid:
        raise Conflict(
            BUSY if row.state == "sent" else _m("This change has been made already."),
            code="change_on_its_way",
        )
    withdraw(row, now=now)
    _note("withdrawn", row, actor, now)
    return row


def withdraw(row: PlanChange, *, now: datetime) -> None:
    """The caller has looked whether it may be. What Stripe knows of is taken back there."""
    known = row.state != "asked"
    unpaid = row.state == "sent"
    row.state, row.ended_at = "withdrawn", now
    row.settled_at = None
    db.session.flush()
    if known:
        outgoing.promise_withdrawal(row, unpaid=unpaid)


def _running() -> tuple[Subscription, SubscriptionItem, Choice]:
    """The subscription that may be changed, or the reason why there is none."""
    state = get_access_state()
    account, subscription = billing.find_account(), billing.find_subscription()
    if account is None or subscription is None:
        raise Conflict(NOT_IN["pending"], code="no_subscription")
    if state not in MAY_CHANGE or subscription.status not in MAY_CHANGE:
        known = NOT_IN.get(state) or NOT_IN["grace"]
        raise Conflict(known, code="no_change_now")
    current = current_choice(account)
    if current.plan.key == AGREED.key:
        raise Conflict(TALK, code="agreed_plan")
    base = base_item(subscription)
    if base is None:
        raise Conflict(TALK, code="agreed_plan")
    return subscription, base, current


def _check(
    wanted: Choice, subscription: Subscription, base: SubscriptionItem, *, now: datetime
) -> None:
    if subscription.cancel_at or subscription.cancel_at_period_end:
        raise Conflict(ENDING, code="ending")
    if find_being_withdrawn() is not None:
        raise Conflict(BUSY, code="change_on_its_way")
    if has_agreed_price(now=now):
        raise Conflict(AGREED_PRICE, code="agreed_price")
    items = billing.list_items(stripe_subscription_id=subscription.stripe_subscription_id)
    if too_near(turn=min(one.period_end for one in items), now=now):
        raise Conflict(NEAR, code="period_ends")
    _check_limits(wanted, now=now)
    if not outgoing.has_prices(wanted):
        raise Conflict(NO_PRICES, code=NO_PRICES_CODE)


def _check_limits(wanted: Choice, *, now: datetime) -> None:
    people, storage = room_in(wanted, now=now)
    if people.most is not None and people.used > people.most:
        raise Conflict(
            _m("This plan is for %(limit)s people, and your company has %(number)s. Remove some "
               "of them first."),
            code="too_many_people", limit=people.most, number=people.used,
        )  # fmt: skip
    if storage.most is not None and storage.used > storage.most:
        raise Conflict(
            _m("This plan has %(limit)s GB of storage, and your company uses %(number)s GB. "
               "Delete some files first."),
            code="too_much_storage", limit=storage.limit.most,
            number=f"{storage.used / GB:.1f}",
        )  # fmt: skip


def _check_way(before: PlanChange | None) -> None:
    """Only what was looked at, and no more, gives way to another plan."""
    if before is None or before.state == "asked":
        return
    if before.state == "planned" and before.kind in PLANS:
        raise Conflict(
            _m("Another plan is planned already. Withdraw that first, then choose again."),
            code="change_planned",
        )
    if before.problem == outgoing.UNPAID:
        raise Conflict(
            _m("Another change waits for its payment. Pay it or withdraw it first."),
            code="change_unpaid",
        )
    raise Conflict(BUSY, code="change_on_its_way")


def _note(verb: str, row: PlanChange, actor: Actor, now: datetime) -> None:
    audit.record(
        f"billing.plan_change.{verb}", actor=actor, now=now, object_type="plan_change",
        object_id=row.id, kind=row.kind, plan=row.to_plan, interval=row.to_interval,
        before=row.from_plan, before_interval=row.from_interval,
    )  # fmt: skip
