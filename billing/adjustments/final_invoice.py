"""The invoice of its own for what is charged after a subscription has ended: there is no renewal any
more that its items could wait for."""

from typing import Any

from billing import invoice_items, queries
from billing.gateway import StripeGateway
from billing.models import ENDED
from billing.taxes.queries import rate_keys
from tenants import outbox
from tenants.jobs import enqueue

VERB = "invoice_remaining"
DAYS_TO_PAY = 14
Json = dict[str, Any]


def promise() -> None:
    """Once for the same items, when all of them have reached Stripe."""
    account, subscription = queries.find_account(), queries.find_subscription()
    if account is None or account.stripe_customer_id is None or subscription is None:
        return
    if subscription.status not in ENDED or queries.list_drafts():
        return
    waiting = invoice_items.list_waiting_items()
    if not waiting or any(item.stripe_item_id is None for item in waiting):
        return
    known, ended = queries.list_catalogue(), subscription.ended_at or subscription.started_at
    outbox.send(
        kind="stripe",
        verb=VERB,
        dedupe_key=f"billing:{VERB}:{max(item.id for item in waiting)}",
        params={
            "customer": account.stripe_customer_id,
            "days": DAYS_TO_PAY if subscription.by_invoice else None,
            "taxes": [known[key].stripe_price_id for key in rate_keys(ended.date())],
            "last_item": str(max(item.id for item in waiting)),
        },
        queue="billing",
    )


def perform(stripe: StripeGateway, params: Json, key: str) -> Any:
    """Call Stripe; touches no table."""
    return stripe.invoice_remaining(
        params["customer"], {"last_item": params["last_item"]}, key,
        days_until_due=params["days"], default_tax_rates=params["taxes"],
    )["id"]  # fmt: skip


def settle(params: Json, result: Any) -> None:
    enqueue("billing.sync_customer", queue="billing", key=f"invoiced:{result}")
