"""An effect whose outcome nobody knew for so long that Stripe has forgotten its key: Stripe is asked
whether it happened. Only what did not is done again."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from billing import invoice_items
from billing.adjustments import final_invoice
from billing.changing import outgoing as changes
from billing.credits import outgoing as credits
from billing.duplicates import outgoing as duplicates
from billing.gateway import StripeGateway
from billing.models import ENDED
from billing.prices import effects as price_effects
from billing.subscribing import outgoing as checkout
from billing.taxes import outgoing as taxes

Json = dict[str, Any]
# Clocks differ.
EARLIER = timedelta(hours=1)
# Answers what the call would have answered; None where it has not happened.
LookUp = Callable[[StripeGateway, Json, int], Any]


class NobodyKnows(Exception):
    """There is no way to find out: a person looks."""


def look_up(stripe: StripeGateway, *, verb: str, params: Json, first_attempt_at: datetime) -> Any:
    if verb in REPEATABLE:
        return None
    try:
        find = LOOKED_UP[verb]
    except KeyError as error:
        raise NobodyKnows(verb) from error
    return find(stripe, params, int((first_attempt_at - EARLIER).timestamp()))


def _customer(stripe: StripeGateway, params: Json, since: int) -> Any:
    return _id(stripe.find_customer(params["tenant_id"], since=since))


def _subscription(stripe: StripeGateway, params: Json, since: int) -> Any:
    found = stripe.find_subscription(params["customer"], params["tenant_id"], since=since)
    return _id(found)


def _item(stripe: StripeGateway, params: Json, since: int) -> Any:
    return _id(stripe.find_invoice_item(params["customer"], params["item_id"], since=since))


def _final_invoice(stripe: StripeGateway, params: Json, since: int) -> Any:
    last = params["last_item"]
    return _id(stripe.find_invoice(params["customer"], "last_item", last, since=since))


def _items(stripe: StripeGateway, params: Json, since: int) -> Any:
    """Whether the subscription has become what was asked."""
    held = stripe.subscription_now(params["subscription"])
    prices = {one["price"]["id"] for one in held["items"]}
    ids = {one["id"] for one in held["items"]}
    pending = held["pending_update"] is not None
    there = all(
        one["id"] not in ids if one.get("deleted") else one.get("price") in {*prices, None}
        for one in params["items"]
    )
    return {"pending": pending, "invoice": held["latest_invoice"]} if there or pending else None


def _ended(stripe: StripeGateway, params: Json, since: int) -> Any:
    status = stripe.subscription_now(params["subscription"])["status"]
    return {"status": status} if status in ENDED else None


def _resumed(stripe: StripeGateway, params: Json, since: int) -> Any:
    status = stripe.subscription_now(params["subscription"])["status"]
    return {"status": status} if status != "paused" else None


def _paid(stripe: StripeGateway, params: Json, since: int) -> Any:
    states = {invoice: stripe.invoice_status(invoice) for invoice in params["invoices"]}
    return {"paid": list(states)} if set(states.values()) <= {"paid"} else None


def _dropped(stripe: StripeGateway, params: Json, since: int) -> Any:
    status = stripe.invoice_status(params["invoice"])
    return {"status": status} if status != "open" else None


def _credit_note(stripe: StripeGateway, params: Json, since: int) -> Any:
    return credits.perform(stripe, verb=credits.PREPARE, params=params, key="").get("found")


def _id(found: Json | None) -> Any:
    return found["id"] if found else None


# They say how something is to be, or look themselves for what is there: twice is once.
REPEATABLE = (
    "attach_card", "open_catalogue", "postpone_finalization", *checkout.VERBS,
    *price_effects.VERBS, changes.TURN, changes.RELEASE, changes.END, changes.KEEP,
    credits.PREPARE, credits.GRANT, *taxes.VERBS, duplicates.VERB,
)  # fmt: skip
LOOKED_UP: Mapping[str, LookUp] = {
    "create_customer": _customer,
    "create_subscription": _subscription,
    invoice_items.VERB: _item,
    final_invoice.VERB: _final_invoice,
    changes.CHANGE: _items,
    changes.TRIAL: _items,
    changes.METERS: _items,
    changes.END_NOW: _ended,
    changes.RESUME: _resumed,
    changes.PAY: _paid,
    changes.DROP: _dropped,
    credits.CREATE: _credit_note,
}
