"""Items that wait for the customer's next invoice."""

from __future__ import annotations

from billing.sim.errors import bad_request, missing_param
from billing.sim.events import emit
from billing.sim.params import Params, integer, merged_metadata, required, text, within
from billing.sim.routing import PAGED, route
from billing.sim.state import Obj, Store, new_id
from billing.sim.views import page, shown

MOST = 99_999_999


def create_item(store: Store, params: Params) -> Obj:
    customer = store.get("customers", required(params, "customer"), param="customer")
    amount = integer(params, "amount")
    if amount is None:
        raise missing_param("amount")
    if abs(amount) > MOST:
        raise bad_request("Amount must be no more than 99999999", code="amount_too_large")
    currency = required(params, "currency").lower()
    if customer["currency"] not in (None, currency):
        raise bad_request("You cannot combine currencies on a single customer.", param="currency")
    now = store.now()
    item: Obj = {
        "id": new_id("ii"),
        "object": "invoiceitem",
        "amount": amount,
        "currency": currency,
        "customer": customer["id"],
        "customer_account": None,
        "date": now,
        "description": text(params, "description"),
        "discountable": amount > 0,
        "discounts": [],
        "invoice": None,
        "livemode": False,
        "metadata": merged_metadata({}, params),
        "net_amount": amount,
        "parent": None,
        "period": {"start": now, "end": now},
        "pricing": {
            "price_details": {"price": new_id("price"), "product": new_id("prod")},
            "type": "price_details",
            "unit_amount_decimal": str(amount),
        },
        "proration": False,
        "quantity": 1,
        "quantity_decimal": "1",
        "tax_rates": [],
        "test_clock": None,
    }
    store.put("invoiceitems", item)
    emit(store, "invoiceitem.created", item)
    return shown(store, item)


def retrieve_item(store: Store, params: Params, ident: str) -> Obj:
    return shown(store, store.get("invoiceitems", ident, status=404))


def list_items(store: Store, params: Params) -> Obj:
    customer, invoice = text(params, "customer"), text(params, "invoice")
    rows = [
        row
        for row in store.newest("invoiceitems")
        if customer in (None, row["customer"])
        and invoice in (None, row["invoice"])
        and within(params.get("created"), row["date"])
    ]
    return page(store, "/v1/invoiceitems", rows, params)


ROUTES = [
    route("POST", "/v1/invoiceitems", create_item, "amount currency customer description metadata"),
    route("GET", "/v1/invoiceitems", list_items, f"{PAGED} created customer invoice"),
    route("GET", "/v1/invoiceitems/{id}", retrieve_item),
]
