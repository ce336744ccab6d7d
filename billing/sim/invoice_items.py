"""Items that wait for the customer's next invoice."""

from __future__ import annotations

from billing.sim.errors import bad_request, missing_param
from billing.sim.events import emit
from billing.sim.params import (
    Params,
    integer,
    mapping,
    merged_metadata,
    required,
    text,
    within,
)
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
    item = new_pending(
        store,
        customer["id"],
        amount,
        currency,
        text(params, "description"),
        period=_period(store, params),
        metadata=merged_metadata({}, params),
        quantity=1,
    )
    return shown(store, item)


def _period(store: Store, params: Params) -> Obj:
    given = mapping(params, "period")
    start, end = integer(given, "start"), integer(given, "end")
    if not given:
        return {"start": store.now(), "end": store.now()}
    if start is None or end is None or end < start:
        raise bad_request("A period has a start, and an end not before it.", param="period")
    return {"start": start, "end": end}


def new_pending(
    store: Store,
    customer: str,
    amount: int,
    currency: str,
    description: str | None,
    *,
    period: Obj,
    metadata: dict[str, str],
    quantity: int,
    price: tuple[str, str, str | None] | None = None,
    parent: tuple[str, str] | None = None,
) -> Obj:
    """`price` is its id, its product and its unit amount; with a `parent`, subscription and item, it
    is a proration."""
    price_id, product, unit = price or (new_id("price"), new_id("prod"), str(amount))
    item: Obj = {
        "id": new_id("ii"),
        "object": "invoiceitem",
        "amount": amount,
        "currency": currency,
        "customer": customer,
        "customer_account": None,
        "date": store.now(),
        "description": description,
        "discountable": amount > 0,
        "discounts": [],
        "invoice": None,
        "livemode": False,
        "metadata": dict(metadata),
        "net_amount": amount,
        "parent": None
        if parent is None
        else {
            "subscription_details": {"subscription": parent[0], "subscription_item": parent[1]},
            "type": "subscription_details",
        },
        "period": period,
        "pricing": {
            "price_details": {"price": price_id, "product": product},
            "type": "price_details",
            "unit_amount_decimal": unit,
        },
        "proration": parent is not None,
        "quantity": quantity,
        "quantity_decimal": str(quantity),
        "tax_rates": [],
        "test_clock": None,
    }
    store.put("invoiceitems", item)
    emit(store, "invoiceitem.created", item)
    return item


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
    route(
        "POST",
        "/v1/invoiceitems",
        create_item,
        "amount currency customer description metadata period",
    ),
    route("GET", "/v1/invoiceitems", list_items, f"{PAGED} created customer invoice"),
    route("GET", "/v1/invoiceitems/{id}", retrieve_item),
]
