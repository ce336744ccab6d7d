from __future__ import annotations

import secrets

from billing.sim.errors import bad_request, declined, missing_object
from billing.sim.events import emit
from billing.sim.params import Params, mapping, merged_metadata, required, sequence, text, within
from billing.sim.routing import PAGED, route
from billing.sim.state import Obj, Store, new_id
from billing.sim.views import page, shown

# Stripe's own names of test cards: the next to last is kept and then refuses every charge, the
# last one asks its holder to confirm each.
TEST_CARDS = {
    "pm_card_visa": ("visa", "4242"),
    "pm_card_mastercard": ("mastercard", "4444"),
    "pm_card_chargeDeclined": ("visa", "0002"),
    "pm_card_chargeCustomerFail": ("visa", "0341"),
    "pm_card_authenticationRequired": ("visa", "3184"),
}
ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def _address(given: Params) -> Obj | None:
    return {name: text(given, name) for name in ADDRESS} if given else None


def _apply(store: Store, customer: Obj, params: Params) -> None:
    for name in ("name", "email", "phone", "description"):
        if name in params:
            customer[name] = text(params, name)
    if "address" in params:
        customer["address"] = _address(mapping(params, "address"))
    if "preferred_locales" in params:
        customer["preferred_locales"] = sequence(params, "preferred_locales")
    if "tax_exempt" in params:
        customer["tax_exempt"] = text(params, "tax_exempt") or "none"
    settings = mapping(params, "invoice_settings")
    if "footer" in settings:
        customer["invoice_settings"]["footer"] = text(settings, "footer")
    _set_default_method(store, customer, settings)
    customer["metadata"] = merged_metadata(customer["metadata"], params)


def _set_default_method(store: Store, customer: Obj, settings: Params) -> None:
    if "default_payment_method" not in settings:
        return
    method = text(settings, "default_payment_method")
    if method is not None:
        held = store.get("payment_methods", method, param="invoice_settings")
        if held["customer"] != customer["id"]:
            raise missing_object("payment method", method, param="invoice_settings")
    customer["invoice_settings"]["default_payment_method"] = method


def create_customer(store: Store, params: Params) -> Obj:
    customer: Obj = {
        "id": new_id("cus"),
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": store.now(),
        "currency": None,
        "customer_account": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": "".join(secrets.choice(LETTERS) for _ in range(8)),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }
    _apply(store, customer, params)
    store.put("customers", customer)
    emit(store, "customer.created", customer)
    return shown(store, customer)


def update_customer(store: Store, params: Params, ident: str) -> Obj:
    customer = store.get("customers", ident, status=404)
    _apply(store, customer, params)
    emit(store, "customer.updated", customer, {})
    return shown(store, customer)


def retrieve_customer(store: Store, params: Params, ident: str) -> Obj:
    if ident in store.table("deleted_customers"):
        return {"id": ident, "object": "customer", "deleted": True}
    return shown(store, store.get("customers", ident, status=404))


def list_customers(store: Store, params: Params) -> Obj:
    email = text(params, "email")
    rows = [
        row
        for row in store.newest("customers")
        if (email is None or row["email"] == email)
        and within(params.get("created"), row["created"])
    ]
    return page(store, "/v1/customers", rows, params)


def attach(store: Store, params: Params, ident: str) -> Obj:
    customer = required(params, "customer")
    store.get("customers", customer, param="customer")
    if ident in TEST_CARDS:
        return shown(store, add_card(store, customer, ident))
    method = store.get("payment_methods", ident, status=404)
    method["customer"] = customer
    emit(store, "payment_method.attached", method)
    return shown(store, method)


def add_card(store: Store, customer: str, name: str) -> Obj:
    if name not in TEST_CARDS:
        raise missing_object("payment method", name, param="payment_method")
    if name == "pm_card_chargeDeclined":
        raise declined()
    method = _card(store, name) | {"customer": customer}
    store.put("payment_methods", method)
    emit(store, "payment_method.attached", method)
    return method


def detach(store: Store, params: Params, ident: str) -> Obj:
    method = store.get("payment_methods", ident, status=404)
    if method["customer"] is None:
        raise bad_request("The payment method is not attached to a customer.")
    settings = store.get("customers", method["customer"])["invoice_settings"]
    if settings["default_payment_method"] == ident:
        settings["default_payment_method"] = None
    for subscription in store.table("subscriptions").values():
        if subscription["default_payment_method"] == ident:
            subscription["default_payment_method"] = None
    method["customer"] = None
    emit(store, "payment_method.detached", method)
    return shown(store, method)


def _card(store: Store, name: str) -> Obj:
    brand, last4 = TEST_CARDS[name]
    return {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": {
            "address": dict.fromkeys(ADDRESS),
            "email": None,
            "name": None,
            "phone": None,
            "tax_id": None,
        },
        "card": {
            "brand": brand,
            "country": "US",
            "display_brand": brand,
            "exp_month": 12,
            "exp_year": 2035,
            "funding": "credit",
            "last4": last4,
        },
        "created": store.now(),
        "customer": None,
        "livemode": False,
        "metadata": {},
        "type": "card",
        "_declines": name == "pm_card_chargeCustomerFail",
        "_asks": name == "pm_card_authenticationRequired",
    }


def retrieve_method(store: Store, params: Params, ident: str) -> Obj:
    return shown(store, store.get("payment_methods", ident, status=404))


def list_methods(store: Store, params: Params) -> Obj:
    customer = text(params, "customer")
    rows = [row for row in store.newest("payment_methods") if row["customer"] == customer]
    return page(store, "/v1/payment_methods", rows, params)


CUSTOMER = (
    "address description email invoice_settings metadata name phone preferred_locales tax_exempt"
)
ROUTES = [
    route("POST", "/v1/customers", create_customer, CUSTOMER),
    route("GET", "/v1/customers", list_customers, f"{PAGED} created email"),
    route("GET", "/v1/customers/{id}", retrieve_customer),
    route("POST", "/v1/customers/{id}", update_customer, CUSTOMER),
    route("POST", "/v1/payment_methods/{id}/detach", detach),
    route("GET", "/v1/payment_methods", list_methods, f"{PAGED} customer type"),
    route("GET", "/v1/payment_methods/{id}", retrieve_method),
    route("POST", "/v1/payment_methods/{id}/attach", attach, "customer"),
]
