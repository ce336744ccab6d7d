"""What Stripe is told: each verb of the outbox, how it is called and what its answer is good for."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from billing import catalogue, invoice_items, queries
from billing.connection import gateway
from billing.gateway import StripeGateway
from billing.models import StripeCustomer
from billing.plans import Plan, plan_of, taxes_for
from billing.prices import effects as price_effects
from billing.prices.in_force import day_of
from billing.prices.queries import list_proposals
from billing.subscribing import outgoing
from tenants import audit
from tenants.core.db import db
from tenants.jobs import enqueue
from tenants.permissions import system_actor
from tenants.queries import scoped_tenant_id

Json = dict[str, Any]
# Stripe forgets idempotency keys after a day: an unknown outcome is then looked up, not repeated.
REPEATABLE = timedelta(hours=23)
DAYS_TO_PAY = 14


def perform_effect(*, verb: str, params: Json, key: str) -> Any:
    """Call Stripe; touches no table. Raises StripeUnavailable, StripeRefused."""
    return PERFORMED[verb](gateway(), params, key)


def settle_effect(*, verb: str, params: Json, result: Any, now: datetime) -> None:
    """Note what came of it, and go on."""
    if verb in SETTLED:
        SETTLED[verb](params, result, now)


def is_repeatable(*, first_attempt_at: datetime | None, real_now: datetime) -> bool:
    return first_attempt_at is None or real_now - first_attempt_at < REPEATABLE


# The calls.


def _create_customer(stripe: StripeGateway, params: Json, key: str) -> Any:
    return stripe.create_customer(
        params["tenant_id"], params["name"], params["email"], params["country"],
        params["language"], key,
    )["id"]  # fmt: skip


def _attach_card(stripe: StripeGateway, params: Json, key: str) -> Any:
    return stripe.attach_test_card(params["customer"], key, card=params["card"])["id"]


def _open_catalogue(stripe: StripeGateway, params: Json, key: str) -> Any:
    return catalogue.open_at_stripe(stripe, catalogue.parts_of(_plan_in(params)))


def _create_subscription(stripe: StripeGateway, params: Json, key: str) -> Any:
    return stripe.create_subscription(
        params["customer"],
        params["items"],
        {"tenant_id": params["tenant_id"], **catalogue.metadata_of(_plan_in(params))},
        key,
        start=params["start"],
        default_tax_rates=params["taxes"],
        days_until_due=None if params["card"] else DAYS_TO_PAY,
    )["id"]


def _create_item(stripe: StripeGateway, params: Json, key: str) -> Any:
    return stripe.create_invoice_item(
        params["customer"], params["amount"], params["currency"], params["description"],
        {"tenant_id": params["tenant_id"], "item_id": params["item_id"]}, key,
    )["id"]  # fmt: skip


def _postpone(stripe: StripeGateway, params: Json, key: str) -> Any:
    return stripe.postpone_finalization(params["invoice"], params["until"], key)["id"]


def _checkout(verb: str, stripe: StripeGateway, params: Json, key: str) -> Any:
    return outgoing.perform(stripe, verb=verb, params=params, key=key)


def _price(verb: str, stripe: StripeGateway, params: Json, key: str) -> Any:
    return price_effects.perform(stripe, verb=verb, params=params, key=key)


# What comes of them.


def _customer_made(params: Json, result: Any, now: datetime) -> None:
    _link_customer(result)
    if params.get("checkout"):
        outgoing.go_on(params=params, customer=result)
        return
    following = "attach_card" if params["card"] else "open_catalogue"
    outgoing.promise(following, params | {"customer": result})


def _card_attached(params: Json, result: Any, now: datetime) -> None:
    outgoing.promise("open_catalogue", params)


def _catalogue_open(params: Json, result: Any, now: datetime) -> None:
    catalogue.remember(result)
    if params.get("checkout"):
        trial = {"trial_end": outgoing.trial_end_of(params)}
        outgoing.promise(outgoing.OPEN, params | _priced(params) | trial)
    else:
        outgoing.promise("create_subscription", params | _priced(params))


def _subscribed(params: Json, result: Any, now: datetime) -> None:
    audit.record(
        "billing.subscription.started", actor=system_actor(scoped_tenant_id()), now=now,
        object_type="billing_account", subscription=result,
    )  # fmt: skip
    enqueue("billing.sync_customer", queue="billing", key=f"subscribed:{result}")
    invoice_items.send_waiting(customer=params["customer"])


def _item_made(params: Json, result: Any, now: datetime) -> None:
    invoice_items.settle(params=params, result=result, now=now)


def _checkout_done(verb: str, params: Json, result: Any, now: datetime) -> None:
    outgoing.settle(verb=verb, params=params, result=result)


def _price_done(verb: str, params: Json, result: Any, now: datetime) -> None:
    price_effects.settle(verb=verb, params=params, result=result, now=now)


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


PERFORMED: Mapping[str, Callable[[StripeGateway, Json, str], Any]] = {
    "create_customer": _create_customer,
    "attach_card": _attach_card,
    "open_catalogue": _open_catalogue,
    "create_subscription": _create_subscription,
    "postpone_finalization": _postpone,
    invoice_items.VERB: _create_item,
    **{verb: partial(_checkout, verb) for verb in outgoing.VERBS},
    **{verb: partial(_price, verb) for verb in price_effects.VERBS},
}
SETTLED: Mapping[str, Callable[[Json, Any, datetime], None]] = {
    "create_customer": _customer_made,
    "attach_card": _card_attached,
    "open_catalogue": _catalogue_open,
    "create_subscription": _subscribed,
    invoice_items.VERB: _item_made,
    **{verb: partial(_checkout_done, verb) for verb in outgoing.VERBS},
    **{verb: partial(_price_done, verb) for verb in price_effects.VERBS},
}
