"""Subscribing, the effects that this has at Stripe, and what arrives from there."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from billing import catalogue, invoice_items, queries, sending, sync
from billing.access import services as access
from billing.connection import gateway
from billing.gateway import StripeRefused, StripeUnavailable
from billing.models import BillingAccount, StripeCustomer, StripeInvoice, WebhookEvent
from billing.plans import AGREED, CURRENCY, Interval, Plan, plan_of, taxes_for
from billing.prices import effects as price_effects
from billing.prices.in_force import day_of
from billing.prices.queries import list_proposals
from billing.sending import Claim
from billing.usage import hour_of
from tenants import audit, outbox
from tenants.core.db import db
from tenants.core.ids import uuid7
from tenants.jobs import enqueue
from tenants.permissions import Actor, system_actor
from tenants.queries import get_tenant, list_members, scoped_tenant_id
from tenants.scoping import current_scope

__all__ = ["StripeRefused", "StripeUnavailable"]

Json = dict[str, Any]
# Stripe forgets idempotency keys after a day: an unknown outcome is then looked up, not repeated.
REPEATABLE = timedelta(hours=23)
POSTPONED = timedelta(hours=6)
DAYS_TO_PAY = 14


def request_subscription(
    *,
    actor: Actor,
    now: datetime,
    start: datetime | None = None,
    billing_email: str | None = None,
    card: str | None = None,
    plan: Plan = AGREED,
    interval: Interval = "month",
) -> None:
    """Subscribe the client in scope; the workers do it at Stripe. Twice is once.

    Usage is billed from `start`, a moment of the current UTC month, by default this very hour.
    Periods are calendar months in UTC. Invoices are sent, to be paid within DAYS_TO_PAY; `card`, one
    of Stripe's test cards, is charged instead: for the demonstration and tests alone.
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
            requested_at=now,
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
    _effect(
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
        },
    )


# The effects, one after the other: each is sent when the one before is known to have happened.


def perform_effect(*, verb: str, params: Json, key: str) -> Any:
    """Call Stripe; touches no table. Raises StripeUnavailable, StripeRefused."""
    stripe = gateway()
    if verb == "create_customer":
        return stripe.create_customer(
            params["tenant_id"], params["name"], params["email"], params["country"],
            params["language"], key,
        )["id"]  # fmt: skip
    if verb == "attach_card":
        return stripe.attach_test_card(params["customer"], key, card=params["card"])["id"]
    if verb == "open_catalogue":
        return catalogue.open_at_stripe(stripe, catalogue.parts_of(_plan_in(params)))
    if verb == "create_subscription":
        return stripe.create_subscription(
            params["customer"],
            params["items"],
            {"tenant_id": params["tenant_id"], **catalogue.metadata_of(_plan_in(params))},
            key,
            start=params["start"],
            default_tax_rates=params["taxes"],
            days_until_due=None if params["card"] else DAYS_TO_PAY,
        )["id"]
    if verb == invoice_items.VERB:
        return stripe.create_invoice_item(
            params["customer"], params["amount"], params["currency"], params["description"],
            {"tenant_id": params["tenant_id"], "item_id": params["item_id"]}, key,
        )["id"]  # fmt: skip
    if verb in price_effects.VERBS:
        return price_effects.perform(stripe, verb=verb, params=params, key=key)
    if verb == "postpone_finalization":
        return stripe.postpone_finalization(params["invoice"], params["until"], key)["id"]
    raise ValueError(f"there is no effect {verb}")


def settle_effect(*, verb: str, params: Json, result: Any, now: datetime) -> None:
    """Note what came of it, and go on."""
    if verb == "create_customer":
        _link_customer(result)
        _effect(
            "attach_card" if params["card"] else "open_catalogue", params | {"customer": result}
        )
    elif verb == "attach_card":
        _effect("open_catalogue", params)
    elif verb == "open_catalogue":
        catalogue.remember(result)
        _effect("create_subscription", params | _priced(params))
    elif verb == "create_subscription":
        tenant_id = scoped_tenant_id()
        audit.record(
            "billing.subscription.started", actor=system_actor(tenant_id), now=now,
            object_type="billing_account", subscription=result,
        )  # fmt: skip
        enqueue("billing.sync_customer", queue="billing", key=f"subscribed:{result}")
        invoice_items.send_waiting(customer=params["customer"])
    elif verb == invoice_items.VERB:
        invoice_items.settle(params=params, result=result, now=now)
    elif verb in price_effects.VERBS:
        price_effects.settle(verb=verb, params=params, result=result, now=now)


def is_repeatable(*, first_attempt_at: datetime | None, real_now: datetime) -> bool:
    return first_attempt_at is None or real_now - first_attempt_at < REPEATABLE


def _effect(verb: str, params: Json) -> None:
    outbox.send(
        kind="stripe", verb=verb, dedupe_key=f"billing:{verb}", params=params, queue="billing"
    )


def _link_customer(customer: str) -> None:
    account = queries.find_account()
    assert account is not None
    account.stripe_customer_id = customer
    db.session.flush()
    db.session.execute(
        insert(StripeCustomer)
        .values(stripe_customer_id=customer, owner_tenant=scoped_tenant_id())
        .on_conflict_do_nothing()
    )


def _plan_in(params: Json) -> Plan:
    return plan_of(params["plan"], params["version"])


def _priced(params: Json) -> Json:
    known = queries.list_catalogue()
    day = day_of(datetime.fromtimestamp(params["start"], UTC))
    priced = _plan_in(params).priced(params["interval"])
    return {
        "items": price_effects.items_from(priced, list_proposals(approved=True), day),
        "taxes": [known[key].stripe_price_id for key in taxes_for(params["country"])],
    }


# What arrives.


def receive_event(*, event: Json) -> None:
    """Keep an event of the client in scope once, and sync by job; it is a hint, no more."""
    _keep(event, state="new")
    enqueue(
        "billing.sync_customer",
        queue="billing",
        key=f"event:{event['id']}",
        event_id=event["id"],
        max_attempts=12,
    )


def park_event(*, event: Json) -> None:
    """Nobody's: without a customer it is of no interest, with an unknown one somebody looks."""
    _keep(event, state="parked" if customer_of(event) else "ignored")


def customer_of(event: Json) -> str:
    """'' for an event that concerns no customer."""
    data = event.get("data") or {}
    subject = data.get("object") or event.get("related_object") or {}
    if subject.get("object") == "customer":
        return str(subject.get("id") or "")
    customer = subject.get("customer")
    return customer if isinstance(customer, str) else ""


def _keep(event: Json, *, state: str) -> None:
    subject = (event.get("data") or {}).get("object") or {}
    created = event.get("created")
    moment = (
        datetime.fromtimestamp(created, UTC)
        if isinstance(created, int)
        else datetime.fromisoformat(str(created))
    )
    db.session.execute(
        insert(WebhookEvent)
        .values(
            livemode=bool(event["livemode"]),
            event_id=str(event["id"]),
            type=str(event["type"]),
            api_version=str(event.get("api_version") or ""),
            stripe_created=moment,
            object_type=str(subject.get("object") or ""),
            object_id=str(subject.get("id") or ""),
            customer_id=customer_of(event),
            owner_tenant=current_scope().tenant_id,
            payload=event,
            state=state,
        )
        .on_conflict_do_nothing()
    )


# What the jobs call; those with `call_` speak to Stripe and are alone in their transaction.


def claim_usage(
    *, now: datetime, flush: bool = False, after: tuple[datetime, str] | None = None
) -> list[Claim]:
    return sending.claim(now=now, flush=flush, after=after)


def call_send_usage(*, claimed: Claim, now: datetime) -> None:
    sending.send(gateway(), claimed, now=now)


def begin_sync(*, event_id: str | None = None) -> sync.Begun | None:
    return sync.begin(event_id=event_id)


def call_fetch_state(*, begun: sync.Begun, now: datetime) -> Any:
    return sync.fetch(gateway(), begun, now=now)


def apply_sync(*, begun: sync.Begun, state: Any, now: datetime) -> bool:
    """What is agreed is said to a subscription that is new here."""
    if not sync.apply(begun, state, now=now):
        return False
    price_effects.arrange(now=now)
    access.look(now=now)
    return True


def look_at_access(*, now: datetime) -> None:
    access.look(now=now)


def arrange_prices(*, now: datetime) -> None:
    price_effects.arrange(now=now)


def list_draft_ids() -> Sequence[str]:
    return [row.stripe_invoice_id for row in queries.list_drafts()]


def call_compare_draft(*, stripe_invoice_id: str) -> bool:
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
                meter=meter, hours=[datetime.fromtimestamp(hour, UTC) for hour in hours]
            )
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
