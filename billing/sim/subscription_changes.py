from __future__ import annotations

from billing.sim.charging import end_subscription
from billing.sim.errors import bad_request, missing_object
from billing.sim.events import emit
from billing.sim.invoicing import finalize, keep, new_invoice
from billing.sim.params import (
    Params,
    boolean,
    integer,
    mapping,
    merged_metadata,
    required,
    sequence,
    text,
    within,
)
from billing.sim.renewal import used_until
from billing.sim.routing import PAGED, route
from billing.sim.state import Obj, Store
from billing.sim.subscription_items import last_turn, new_item, next_turn, plan_of
from billing.sim.views import page, shown

LIVE = ("trialing", "active", "past_due", "unpaid", "incomplete", "paused")


def retrieve_subscription(store: Store, params: Params, ident: str) -> Obj:
    return shown(store, store.get("subscriptions", ident, status=404))


def list_subscriptions(store: Store, params: Params) -> Obj:
    customer, status = text(params, "customer"), text(params, "status")
    rows = [
        row
        for row in store.newest("subscriptions")
        if (customer is None or row["customer"] == customer)
        and within(params.get("created"), row["created"])
        and (
            row["status"] not in ("canceled", "incomplete_expired")
            if status is None
            else status in ("all", row["status"])
        )
    ]
    return page(store, "/v1/subscriptions", rows, params)


def list_items(store: Store, params: Params) -> Obj:
    subscription = store.get(
        "subscriptions", required(params, "subscription"), param="subscription"
    )
    return page(store, "/v1/subscription_items", subscription["_items"], params)


def _update_items(store: Store, subscription: Obj, params: Params) -> None:
    if text(params, "proration_behavior") != "none":
        raise bad_request(
            "The simulator changes items with proration_behavior=none only.",
            param="proration_behavior",
        )
    held = {item["id"]: item for item in subscription["_items"]}
    first = subscription["_items"][0]
    for given in sequence(params, "items"):
        ident = text(given, "id")
        if ident is None:
            period = (first["current_period_start"], first["current_period_end"])
            item = new_item(store, given, subscription["id"], *period)
            subscription["_items"].append(item)
            continue
        if ident not in held:
            raise missing_object("subscription_item", ident, param="items[id]")
        item = held[ident]
        if boolean(given, "deleted"):
            subscription["_items"].remove(item)
            continue
        quantity = integer(given, "quantity")
        if quantity is not None:
            item["quantity"] = quantity
        if "price" in given:
            price = store.get("prices", required(given, "price"), param="items[price]")
            item |= {"_price": price["id"], "plan": plan_of(price)}


def update_subscription(store: Store, params: Params, ident: str) -> Obj:
    subscription = store.get("subscriptions", ident, status=404)
    if subscription["status"] not in LIVE:
        raise bad_request("A canceled subscription can only update its metadata.")
    if "items" in params:
        _update_items(store, subscription, params)
    if "default_payment_method" in params:
        method = text(params, "default_payment_method")
        if method is not None:
            store.get("payment_methods", method, param="default_payment_method")
        subscription["default_payment_method"] = method
    if "default_tax_rates" in params:
        subscription["default_tax_rates"] = [
            store.get("tax_rates", rate, param="default_tax_rates")
            for rate in sequence(params, "default_tax_rates")
        ]
    _update_end(store, subscription, params)
    if "description" in params:
        subscription["description"] = text(params, "description")
    subscription["metadata"] = merged_metadata(subscription["metadata"], params)
    emit(store, "customer.subscription.updated", subscription, {})
    return shown(store, subscription)


def _update_end(store: Store, subscription: Obj, params: Params) -> None:
    if subscription["schedule"] and {"cancel_at", "cancel_at_period_end"} & set(params):
        raise bad_request(
            "The subscription is managed by the subscription schedule"
            f" `{subscription['schedule']}`, and updating any cancelation behavior directly is not"
            " allowed. Please update the schedule instead."
        )
    if boolean(params, "cancel_at_period_end") and next_turn(subscription) != last_turn(
        subscription
    ):
        raise bad_request(
            "The items end at different times: use cancel_at with min_period_end or"
            " max_period_end.",
            param="cancel_at_period_end",
        )
    subscription["_credits_rest"] = text(params, "proration_behavior") != "none"
    if "cancel_at" in params:
        subscription["cancel_at"] = _cancel_at(subscription, text(params, "cancel_at"))
    subscription["cancel_at_period_end"] = boolean(
        params, "cancel_at_period_end", default=subscription["cancel_at_period_end"]
    )
    scheduled = subscription["cancel_at"] or subscription["cancel_at_period_end"]
    subscription["canceled_at"] = store.now() if scheduled else None


def _cancel_at(subscription: Obj, given: str | None) -> int | None:
    ends = {"min_period_end": next_turn(subscription), "max_period_end": last_turn(subscription)}
    ends["max_billed_until"] = ends["max_period_end"]
    if given is None or given in ends:
        return ends[given] if given else None
    return int(given)


def cancel_subscription(store: Store, params: Params, ident: str) -> Obj:
    subscription = store.get("subscriptions", ident, status=404)
    if subscription["status"] not in LIVE:
        raise missing_object("subscription", ident, status=404)
    if boolean(params, "prorate"):
        raise bad_request("The simulator does not prorate.", param="prorate")
    invoice = None
    if boolean(params, "invoice_now"):
        entries = used_until(store, subscription["_items"], store.now())
        now = store.now()
        if entries:
            invoice = new_invoice(store, subscription, entries, "subscription_update", (now, now))
            keep(store, invoice)
            subscription["latest_invoice"] = invoice["id"]
    details = mapping(params, "cancellation_details")
    subscription["cancellation_details"]["comment"] = text(details, "comment")
    end_subscription(store, subscription, "cancellation_requested")
    if invoice is not None:
        emit(store, "invoice.created", invoice)
        finalize(store, invoice)
    return shown(store, subscription)


ROUTES = [
    route("GET", "/v1/subscriptions", list_subscriptions, f"{PAGED} created customer status"),
    route("GET", "/v1/subscriptions/{id}", retrieve_subscription),
    route(
        "POST",
        "/v1/subscriptions/{id}",
        update_subscription,
        "cancel_at cancel_at_period_end default_payment_method default_tax_rates description"
        " items metadata proration_behavior",
    ),
    route(
        "DELETE",
        "/v1/subscriptions/{id}",
        cancel_subscription,
        "cancellation_details invoice_now prorate",
    ),
    route("GET", "/v1/subscription_items", list_items, f"{PAGED} subscription"),
]
