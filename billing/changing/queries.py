from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from billing import queries as billing
from billing.change_models import LASTING, OPEN, PlanChange
from billing.changing.rules import Choice
from billing.limits.queries import list_overrides, seats_used, storage_used
from billing.limits.rules import Standing, effective, standing
from billing.models import BillingAccount, StripeInvoice, Subscription, SubscriptionItem
from billing.plan_changes import find_change
from billing.plans import BY_KEY, Interval, plan_of
from billing.prices.in_force import day_of
from billing.prices.queries import list_proposals, subscribed_parts
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.scoping import scoped_tenant_id

P = PlanChange


def find_errand() -> PlanChange | None:
    """What Stripe is being told beside that."""
    return find_change(P.state.in_(OPEN), P.kind.not_in(LASTING))


def find_newest(*, kinds: Sequence[str]) -> PlanChange | None:
    return find_change(P.kind.in_(kinds))


def find_being_withdrawn() -> PlanChange | None:
    """Stripe hasn't confirmed yet that it is off."""
    return find_change(P.state == "withdrawn", P.sent_at.is_not(None), P.settled_at.is_(None))


def get_change(*, change_id: UUID) -> PlanChange:
    found = find_change(P.id == change_id)
    if found is None:
        raise NotFound
    return found


def current_choice(account: BillingAccount) -> Choice:
    interval: Interval = "year" if account.interval == "year" else "month"
    return Choice(plan_of(account.plan_key, account.plan_version), interval)


def base_item(subscription: Subscription) -> SubscriptionItem | None:
    items = billing.list_items(stripe_subscription_id=subscription.stripe_subscription_id)
    return next(
        (one for one in items
         if (part := BY_KEY.get(one.lookup_key)) is not None and part.kind == "base"), None,
    )  # fmt: skip


def room_in(wanted: Choice, *, now: datetime) -> Sequence[Standing]:
    """What the company has of what that plan limits; what was agreed in place of a plan's limit
    counts there too."""
    agreed, plan = list_overrides(), wanted.plan
    return [
        standing(effective("seats", plan.seats, agreed, now), seats_used()),
        standing(effective("storage_gb", plan.storage_gb, agreed, now), storage_used()),
    ]


def has_agreed_price(*, now: datetime) -> bool:
    """Of the plan that the company has: it counts now, or from a later month on."""
    keys, today = {part.lookup_key for part in subscribed_parts()}, day_of(now)
    return any(
        one.row.lookup_key in keys and (one.row.ends_on is None or one.row.ends_on > today)
        for one in list_proposals(approved=True)
    )


def list_payable() -> Sequence[StripeInvoice]:
    """What Stripe asks for and nobody paid, oldest first; of a subscription that isn't charged by
    itself any more, its drafts too."""
    subscription = billing.find_subscription()
    states = ["open"]
    if subscription is not None and subscription.status == "unpaid":
        states.append("draft")
    return (
        db.session.execute(
            select(StripeInvoice)
            .where(
                StripeInvoice.tenant_id == scoped_tenant_id(),
                StripeInvoice.status.in_(states),
                StripeInvoice.amount_remaining > 0,
            )
            .order_by(StripeInvoice.invoiced_at, StripeInvoice.stripe_invoice_id)
        )
        .scalars()
        .all()
    )


def find_invoice_of(change: PlanChange) -> StripeInvoice | None:
    if change.stripe_invoice_id is None:
        return None
    return db.session.execute(
        select(StripeInvoice).where(
            StripeInvoice.tenant_id == scoped_tenant_id(),
            StripeInvoice.stripe_invoice_id == change.stripe_invoice_id,
        )
    ).scalar_one_or_none()
