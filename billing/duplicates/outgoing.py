"""One live subscription: of two the later one is ended at Stripe, and what it charged is given back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from billing.gateway import StripeGateway
from billing.models import Subscription
from billing.queries import list_running
from billing.reconcile.services import note_subscriptions
from tenants import audit, outbox
from tenants.jobs import enqueue
from tenants.permissions import system_actor
from tenants.scoping import scoped_tenant_id

VERB = "drop_second_subscription"
Json = dict[str, Any]


def look(*, now: datetime) -> None:
    """With each new state of the mirror. The first one stays; each other one goes, once."""
    running: Sequence[Subscription] = list_running()
    if len(running) < 2:
        return
    note_subscriptions(now=now)
    for one in running[1:]:
        outbox.send(
            kind="stripe", verb=VERB,
            dedupe_key=f"billing:{VERB}:{one.stripe_subscription_id}",
            params={
                "subscription": one.stripe_subscription_id, "invoice": one.latest_invoice_id,
            },
            queue="billing",
        )  # fmt: skip


def perform(stripe: StripeGateway, params: Json, key: str) -> Any:
    """Call Stripe; touches no table."""
    stripe.drop_subscription(params["subscription"], key)
    if params["invoice"] is None:
        return {"given_back": 0}
    return {"given_back": stripe.give_back(params["invoice"], key)}


def settle(params: Json, result: Any, now: datetime) -> None:
    audit.record(
        "billing.subscription.second_dropped", actor=system_actor(scoped_tenant_id()), now=now,
        object_type="billing_account", subscription=params["subscription"],
        given_back=result["given_back"],
    )  # fmt: skip
    enqueue("billing.sync_customer", queue="billing", key=f"dropped:{params['subscription']}")
