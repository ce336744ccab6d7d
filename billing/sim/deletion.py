"""A customer deleted at Stripe: the subscriptions end, the invoices stay."""

from __future__ import annotations

from billing.sim.charging import end_subscription
from billing.sim.events import emit
from billing.sim.params import Params
from billing.sim.routing import route
from billing.sim.state import Obj, Store
from billing.sim.tax_ids import tax_ids_of

OVER = ("canceled", "incomplete_expired")


def delete_customer(store: Store, params: Params, ident: str) -> Obj:
    customer = store.get("customers", ident, status=404)
    for subscription in store.table("subscriptions").values():
        if subscription["customer"] == ident and subscription["status"] not in OVER:
            end_subscription(store, subscription, "cancellation_requested")
    for invoice in [row for row in store.newest("invoices") if row["customer"] == ident]:
        if invoice["status"] == "draft":
            del store.table("invoices")[invoice["id"]]
        elif invoice["status"] == "open":
            invoice |= {"auto_advance": False, "next_payment_attempt": None}
    for row in tax_ids_of(store, ident):
        del store.table("tax_ids")[row["id"]]
    store.put("deleted_customers", customer)
    del store.table("customers")[ident]
    emit(store, "customer.deleted", customer)
    return {"id": ident, "object": "customer", "deleted": True}


ROUTES = [route("DELETE", "/v1/customers/{id}", delete_customer)]
