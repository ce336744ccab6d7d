"""What Stripe is told: each verb of the outbox, how it is called and what its answer is good for."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from billing import catalogue, invoice_items, looking_up, queries
from billing.adjustments import final_invoice
from billing.changing import outgoing as changes
from billing.connection import gateway
from billing.credits import outgoing as credits
from billing.duplicates import outgoing as duplicates
from billing.gateway import StripeGateway
from billing.models import StripeCustomer
from billing.plans import Plan, plan_of
from billing.prices import effects as price_effects
from billing.prices.in_force import day_of
from billing.prices.queries import list_proposals
from billing.subscribing import outgoing
from billing.taxes import outgoing as taxes
from billing.taxes.queries import rate_keys
from tenants import audit
from tenants.core.db import db
from tenants.jobs import enqueue
from tenants.permissions import system_actor
from tenants.scoping import scoped_tenant_id

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


def refuse_effect(*, verb: str, params: Json, error: str, now: datetime) -> None:
    """It won't be tried again."""
    if verb in REFUSED:
        REFUSED[verb](params, error, now)


def is_repeatable(*, first_attempt_at: datetime | None, real_now: datetime) -> bool:
    return first_attempt_at is None or real_now - first_attempt_at < REPEATABLE


def find_effect(*, verb: str, params: Json, first_attempt_at: datetime) -> Any:
    """What came of an effect that isn't repeatable any more, as its call would have answered; None
    when it did not happen. Raises NobodyKnows, StripeUnavailable, StripeRefused."""
    return looking_up.look_up(
        gateway(), verb=verb, params=params, first_attempt_at=first_attempt_at
    )


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
    if params.get("trial_end"):
        return stripe.start_trial(
            params["customer"], params["items"],
            {"tenant_id": params["tenant_id"], **catalogue.metadata_of(_plan_in(params))}, key,
            trial_end=params["trial_end"], default_tax_rates=params["taxes"],
        )["id"]  # fmt: skip
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
        period=tuple(params["period"]) if params.get("period") else None,
    )["id"]  # fmt: skip


def _postpone(stripe: StripeGateway, params: Json, key: str) -> Any:
    return stripe.postpone_finalization(params["invoice"], params["until"], key)["id"]


def _checkout(verb: str, stripe: StripeGateway, params: Json, key: str) -> Any:
    return outgoing.perform(stripe, verb=verb, params=params, key=key)


def _price(verb: str, stripe: StripeGateway, params: Json, key: str) -> Any:
    return price_effects.perform(stripe, verb=verb, params=params, key=key)


def _plan_change(verb: str, stripe: StripeGateway, params: Json, key: str) -> Any:
    return changes.perform(stripe, verb=verb, params=params, key=key)


def _credit(verb: str, stripe: StripeGateway, params: Json, key: str) -> Any:
    return credits.perform(stripe, verb=verb, params=params, key=key)


# What comes of them.


def _customer_made(params: Json, result: Any, now: datetime) -> None:
    _link_customer(result)
    taxes.tell_first()
    taxes.arrange(now=now)
    if params.get("checkout"):
        outgoing.go_on(params=params, customer=result)
        return
    following = "attach_card" if params["card"] else "open_catalogue"
    outgoing.promise(following, params | {"customer": result})


def _card_attached(params: Json, result: Any, now: datetime) -> None:
    outgoing.promise("open_catalogue", params)


def _catalogue_open(params: Json, result: Any, now: datetime) -> None:
    catalogue.remember(result)
    if params.get("prices_only"):
        return
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


def _plan_change_done(verb: str, params: Json, result: Any, now: datetime) -> None:
    changes.settle(verb=verb, params=params, result=result, now=now)


def _credit_done(verb: str, params: Json, result: Any, now: datetime) -> None:
    credits.settle(verb=verb, params=params, result=result, now=now)


def _credit_refused(params: Json, error: str, now: datetime) -> None:
    credits.refuse(params=params, error=error, now=now)


def _set_taxes(verb: str, stripe: StripeGateway, params: Json, key: str) -> Any:
    return taxes.perform(stripe, verb=verb, params=params, key=key)


def _taxes_set(verb: str, params: Json, result: Any, now: datetime) -> None:
    taxes.settle(verb=verb, params=params, result=result, now=now)


def _link_customer(customer: str) -> None:
    account = queries.find_account()
    assert account is not None
    account.stripe_customer_id, account.customer_deleted_at = customer, None
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
        "taxes": [known[key].stripe_price_id for key in rate_keys(day)],
    }


PERFORMED: Mapping[str, Callable[[StripeGateway, Json, str], Any]] = {
    "create_customer": _create_customer,
    "attach_card": _attach_card,
    "open_catalogue": _open_catalogue,
    "create_subscription": _create_subscription,
    "postpone_finalization": _postpone,
    invoice_items.VERB: _create_item,
    final_invoice.VERB: final_invoice.perform,
    **{verb: partial(_checkout, verb) for verb in outgoing.VERBS},
    **{verb: partial(_price, verb) for verb in price_effects.VERBS},
    duplicates.VERB: duplicates.perform,
    **{verb: partial(_plan_change, verb) for verb in changes.VERBS},
    **{verb: partial(_credit, verb) for verb in credits.VERBS},
    **{verb: partial(_set_taxes, verb) for verb in taxes.VERBS},
}
SETTLED: Mapping[str, Callable[[Json, Any, datetime], None]] = {
    "create_customer": _customer_made,
    "attach_card": _card_attached,
    "open_catalogue": _catalogue_open,
    "create_subscription": _subscribed,
    invoice_items.VERB: _item_made,
    final_invoice.VERB: lambda params, result, now: final_invoice.settle(params, result),
    **{verb: partial(_checkout_done, verb) for verb in outgoing.VERBS},
    **{verb: partial(_price_done, verb) for verb in price_effects.VERBS},
    duplicates.VERB: duplicates.settle,
    **{verb: partial(_plan_change_done, verb) for verb in changes.VERBS},
    **{verb: partial(_credit_done, verb) for verb in credits.VERBS},
    **{verb: partial(_taxes_set, verb) for verb in taxes.VERBS},
}
# What of ours waits for a person once Stripe won't.
REFUSED: Mapping[str, Callable[[Json, str, datetime], None]] = {
    **dict.fromkeys(credits.VERBS, _credit_refused),
}
