"""Subscribing by agreement, what arrives from Stripe, and what the jobs call."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from billing import invoice_items, queries, sending, sync
from billing.access import services as access
from billing.adjustments import final_invoice
from billing.adjustments import services as adjusting
from billing.changing import following
from billing.connection import gateway
from billing.credits import issuing
from billing.duplicates import outgoing as duplicates
from billing.invoices import handing_over
from billing.limits.services import tell_of_limits
from billing.limits.trial import tell_of_trial
from billing.models import ENDED, BillingAccount, StripeInvoice
from billing.plans import AGREED, CURRENCY, Interval, Plan
from billing.prices import effects as price_effects
from billing.sending import Claim
from billing.subscribing import outgoing
from billing.subscribing import services as subscribing
from billing.taxes import outgoing as taxes
from billing.taxes.initial import known_of
from billing.usage import hour_of
from tenants import audit, outbox
from tenants.core.db import db
from tenants.core.ids import uuid7
from tenants.permissions import Actor
from tenants.queries import get_tenant, list_members

Json = dict[str, Any]
POSTPONED = timedelta(hours=6)


def request_subscription(
    *,
    actor: Actor,
    now: datetime,
    start: datetime | None = None,
    billing_email: str | None = None,
    card: str | None = None,
    plan: Plan = AGREED,
    interval: Interval = "month",
    trial_end: datetime | None = None,
) -> None:
    """Subscribe the client in scope; the workers do it at Stripe. Twice is once.

    Usage is billed from `start`, a moment of the current UTC month, by default this very hour.
    Periods are calendar months in UTC. Invoices are sent, to be paid within two weeks; `card`, one
    of Stripe's test cards, is charged instead: for the demonstration and tests alone. With a
    `trial_end` it begins now and is free until then, and charged.
    """
    tenant = get_tenant()
    email = billing_email or next(
        (one.email for one in list_members() if one.role == "client_admin"), ""
    )
    added = db.session.execute(
        insert(BillingAccount)
        .values(
            tenant_id=tenant.id, id=uuid7(), plan_key=plan.key, plan_version=plan.version,
            interval=interval, currency=CURRENCY,
            country=tenant.country, billing_name=tenant.name, billing_email=email,
            requested_at=now, **known_of(tenant),
        )
        .on_conflict_do_nothing(index_elements=["tenant_id"])
        .returning(BillingAccount.id)
    ).scalar_one_or_none()  # fmt: skip
    if added is None:
        return
    audit.record(
        "billing.subscription.requested", actor=actor, now=now,
        object_type="billing_account", object_id=added, plan=plan.key,
    )  # fmt: skip
    outgoing.promise(
        "create_customer",
        {
            "tenant_id": str(tenant.id),
            "name": tenant.name,
            "email": email,
            "country": tenant.country,
            "language": tenant.language,
            "card": card,
            "start": int(hour_of(start or now).timestamp()),
            "plan": plan.key,
            "version": plan.version,
            "interval": interval,
            "trial_end": int(trial_end.timestamp()) if trial_end else None,
        },
    )


# What the jobs call; those with `call_` speak to Stripe and are alone in their transaction.


def claim_usage(
    *, now: datetime, flush: bool = False, after: tuple[datetime, str] | None = None
) -> list[Claim]:
    return sending.claim(now=now, default=gateway().usage_sink, flush=flush, after=after)


def call_send_usage(*, claimed: Claim, now: datetime) -> None:
    sending.send(gateway(), claimed, now=now)


def adjust_usage(*, now: datetime) -> None:
    """What no meter takes any more becomes items of an invoice."""
    adjusting.adjust(now=now)
    final_invoice.promise()


def begin_sync(*, event_id: str | None = None) -> sync.Begun | None:
    return sync.begin(event_id=event_id)


def call_fetch_state(*, begun: sync.Begun, now: datetime) -> Any:
    return sync.fetch(gateway(), begun, now=now)


def apply_sync(*, begun: sync.Begun, state: Any, now: datetime) -> bool:
    """What is agreed is said to a subscription that is new here."""
    if not sync.apply(begun, state, now=now):
        return False
    handing_over.keep(state, now=now)
    handing_over.offer(now=now)
    taxes.arrange(now=now)
    price_effects.arrange(now=now)
    subscribing.note_completed()
    _send_waiting_items()
    following.follow(since=begun.since, now=now)
    issuing.issue_approved(now=now)
    duplicates.look(now=now)
    access.look(now=now)
    return True


def _send_waiting_items() -> None:
    """What was recorded before there was a customer, or with one that was deleted."""
    account, subscription = queries.find_account(), queries.find_subscription()
    if account is None or account.stripe_customer_id is None or subscription is None:
        return
    if subscription.status not in ENDED:
        invoice_items.send_waiting(customer=account.stripe_customer_id)


def look_at_access(*, now: datetime) -> None:
    access.look(now=now)
    tell_of_limits(now=now)
    tell_of_trial()


def arrange_prices(*, now: datetime) -> None:
    price_effects.arrange(now=now)


def list_draft_ids() -> Sequence[str]:
    return [row.stripe_invoice_id for row in queries.list_drafts()]


def call_compare_draft(*, stripe_invoice_id: str, now: datetime) -> bool:
    """Whether Stripe's hours of the draft's period equal ours; those that don't are due again."""
    draft = _find_draft(stripe_invoice_id)
    account = queries.find_account()
    if draft is None or account is None or account.stripe_customer_id is None:
        return True
    known = queries.list_catalogue()
    start, end = hour_of(draft.period_start), draft.period_end
    same = True
    for meter, meter_id in queries.meters_at_stripe(known).items():
        if start >= end:
            continue
        ours = queries.hour_totals(meter=meter, start=start, end=end)
        theirs = gateway().meter_totals(
            meter_id, account.stripe_customer_id, int(start.timestamp()), int(end.timestamp())
        )
        hours = [hour for hour in {*ours, *theirs} if ours.get(hour, 0) != theirs.get(hour, 0)]
        if hours:
            same = False
            sending.send_again(
                meter=meter, now=now,
                theirs={datetime.fromtimestamp(hour, UTC): theirs.get(hour, 0) for hour in hours},
            )  # fmt: skip
    return same


def postpone_draft(*, stripe_invoice_id: str, now: datetime) -> None:
    """Rather a late invoice than a wrong one."""
    until = int((now + POSTPONED).timestamp())
    outbox.send(
        kind="stripe",
        verb="postpone_finalization",
        dedupe_key=f"billing:postpone:{stripe_invoice_id}:{hour_of(now).isoformat()}",
        params={"invoice": stripe_invoice_id, "until": until},
        queue="billing",
    )


def _find_draft(stripe_invoice_id: str) -> StripeInvoice | None:
    drafts = queries.list_drafts()
    return next((row for row in drafts if row.stripe_invoice_id == stripe_invoice_id), None)
