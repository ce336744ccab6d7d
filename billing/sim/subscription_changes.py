from __future__ import annotations

from billing.sim.charging import end_subscription
from billing.sim.errors import missing_object
from billing.sim.events import emit
from billing.sim.invoicing import finalize, keep, new_invoice
from billing.sim.params import (
    Params,
    boolean,
    mapping,
    required,
    text,
    within,
)
from billing.sim.prorations import credit_unused
from billing.sim.renewal import used_until
from billing.sim.routing import PAGED, route
from billing.sim.state import Obj, Store
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


def cancel_subscription(store: Store, params: Params, ident: str) -> Obj:
    subscription = store.get("subscriptions", ident, status=404)
    if subscription["status"] not in LIVE:
        raise missing_object("subscription", ident, status=404)
    trial = subscription["status"] == "trialing"
    if boolean(params, "prorate") and not trial:
        credit_unused(store, subscription, store.now())
    invoice = None
    if boolean(params, "invoice_now") and not trial:
        entries = used_until(store, subscription["_items"], store.now())
        now = store.now()
        invoice = new_invoice(store, subscription, entries, "subscription_update", (now, now))
        if invoice["_owed"]:
            keep(store, invoice)
            subscription["latest_invoice"] = invoice["id"]
    details = mapping(params, "cancellation_details")
    subscription["cancellation_details"]["comment"] = text(details, "comment")
    end_subscription(store, subscription, "cancellation_requested")
    if invoice is not None and invoice["_owed"]:
        emit(store, "invoice.created", invoice)
        finalize(store, invoice)
    return shown(store, subscription)


ROUTES = [
    route("GET", "/v1/subscriptions", list_subscriptions, f"{PAGED} created customer status"),
    route("GET", "/v1/subscriptions/{id}", retrieve_subscription),
    route(
        "DELETE",
        "/v1/subscriptions/{id}",
        cancel_subscription,
        "cancellation_details invoice_now prorate",
    ),
    route("GET", "/v1/subscription_items", list_items, f"{PAGED} subscription"),
]
