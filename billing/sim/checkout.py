"""Checkout sessions: a subscription that begins when its hosted page is paid."""

from __future__ import annotations

from decimal import Decimal

from billing.sim.charging import told_to_fail
from billing.sim.customers import add_card, create_customer
from billing.sim.errors import bad_request, declined, missing_param
from billing.sim.events import emit
from billing.sim.lines import priced, rounded
from billing.sim.params import Params, boolean, integer, mapping, required, sequence, text, within
from billing.sim.routing import PAGED, route
from billing.sim.scratch import Scratch
from billing.sim.state import DAY, Obj, Store, new_id
from billing.sim.subscriptions import create_subscription
from billing.sim.tax_ids import add_tax_id
from billing.sim.trials import trial_of
from billing.sim.views import page, shown

SOONEST, LATEST, TRIAL = 1800, DAY, 2 * DAY
PLAIN = (
    "collected_information", "consent", "consent_collection", "currency_conversion",
    "customer_account", "discounts", "invoice_creation", "managed_payments", "payment_intent",
    "payment_link", "payment_method_configuration_details", "presentment_details", "recovered_from",
    "setup_intent", "shipping_address_collection", "shipping_cost", "submit_type",
)  # fmt: skip
DATA = frozenset(
    [
        "billing_cycle_anchor",
        "billing_cycle_anchor_config",
        "billing_mode",
        "default_tax_rates",
        "description",
        "metadata",
        "proration_behavior",
        "trial_end",
        "trial_period_days",
        "trial_settings",
    ]
)


def create_session(store: Store, params: Params) -> Obj:
    if text(params, "mode") != "subscription":
        raise bad_request("The simulator sells subscriptions only.", param="mode")
    if (text(params, "ui_mode") or "hosted_page") != "hosted_page":
        raise bad_request("The simulator has hosted pages only.", param="ui_mode")
    data = mapping(params, "subscription_data")
    if unknown := set(data) - DATA:
        name = f"subscription_data[{min(unknown)}]"
        raise bad_request(f"Received unknown parameter: {name}", param=name)
    customer = text(params, "customer")
    if customer is not None:
        store.get("customers", customer, param="customer")
    _check_update(params, customer)
    ident, now = new_id("cs_test"), store.now()
    trial = trial_of(data, now)
    if trial and trial["trial_end"] < now + TRIAL:
        raise bad_request(
            "The trial_end date has to be at least 2 days in the future.",
            param="subscription_data[trial_end]",
        )
    items = _line_items(store, params)
    subtotal, tax = _due_today(store, customer, items, data)
    session: Obj = dict.fromkeys(PLAIN) | {
        "id": ident,
        "object": "checkout.session",
        "amount_subtotal": subtotal,
        "amount_total": subtotal + tax,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": text(params, "billing_address_collection"),
        "cancel_url": text(params, "cancel_url"),
        "client_reference_id": text(params, "client_reference_id"),
        "created": now,
        "currency": items[0]["currency"],
        "custom_fields": [],
        "custom_text": dict.fromkeys(
            ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
        ),
        "customer": customer,
        "customer_creation": None if customer else "always",
        "customer_details": None,
        "customer_email": text(params, "customer_email"),
        "expires_at": _expiry(params, now),
        "invoice": None,
        "livemode": False,
        "locale": text(params, "locale"),
        "metadata": mapping(params, "metadata"),
        "mode": "subscription",
        "payment_method_collection": text(params, "payment_method_collection") or "always",
        "payment_method_options": None,
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "permissions": None,
        "phone_number_collection": {"enabled": False},
        "shipping_options": [],
        "status": "open",
        "subscription": None,
        "success_url": required(params, "success_url"),
        "tax_id_collection": {
            "enabled": boolean(mapping(params, "tax_id_collection"), "enabled"),
            "required": "never",
        },
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": tax},
        "ui_mode": "hosted_page",
        "url": f"{store.base_url}/_sim/checkout/{ident}",
        "_items": items,
        "_data": data,
        "_trial_end": trial["trial_end"] if trial else None,
    }
    store.put("checkout_sessions", session)
    return shown(store, session)


def _wanted(items: list[Obj], data: Params) -> Params:
    return data | {
        "items": [
            {"price": item["price"]}
            | ({} if item["quantity"] is None else {"quantity": str(item["quantity"])})
            for item in items
        ]
    }


def _due_today(
    store: Store, customer: str | None, items: list[Obj], data: Params
) -> tuple[int, int]:
    """What the first invoice would charge, found out on a copy; its tax apart."""
    if customer is None:
        return (0 if trial_of(data, store.now()) else sum(one["amount"] for one in items)), 0
    scratch = Scratch(store, customer)
    wanted = {"customer": customer, "payment_behavior": "default_incomplete"}
    made = create_subscription(scratch, _wanted(items, data) | wanted)
    if made["latest_invoice"] is None:
        return 0, 0
    invoice = scratch.get("invoices", made["latest_invoice"])
    return invoice["subtotal"], sum(tax["amount"] for tax in invoice["total_taxes"])


def _check_update(params: Params, customer: str | None) -> None:
    updated = mapping(params, "customer_update")
    if updated and customer is None:
        raise bad_request("customer_update needs a customer.", param="customer_update")
    collects = boolean(mapping(params, "tax_id_collection"), "enabled")
    if collects and customer and text(updated, "name") != "auto":
        raise bad_request(
            "Tax ID collection requires updating business name on the customer. To enable tax ID"
            " collection for an existing customer, please set `customer_update[name]` to `auto`.",
            param="tax_id_collection",
        )


def _expiry(params: Params, now: int) -> int:
    expires = integer(params, "expires_at") or now + LATEST
    if not now + SOONEST <= expires <= now + LATEST:
        raise bad_request(
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from now.",
            param="expires_at",
        )
    return expires


def _line_items(store: Store, params: Params) -> list[Obj]:
    given = sequence(params, "line_items")
    if not given:
        raise missing_param("line_items")
    items = []
    for number, one in enumerate(given):
        name = f"line_items[{number}]"
        if set(one) - {"price", "quantity"}:
            raise bad_request("The simulator takes a price and a quantity.", param=name)
        price = store.get("prices", required(one, "price"), param=f"{name}[price]")
        quantity = integer(one, "quantity")
        metered = bool(price["recurring"]) and price["recurring"]["usage_type"] == "metered"
        if metered is (quantity is not None):
            raise bad_request(
                "Quantity is required, but not where usage_type is `metered`.", param=name
            )
        amount = rounded(priced(price, Decimal(quantity))) if quantity else 0
        items.append({"price": price["id"], "quantity": quantity, "amount": amount})
        items[-1]["currency"] = price["currency"]
    return items


def retrieve_session(store: Store, params: Params, ident: str) -> Obj:
    return shown(store, store.get("checkout_sessions", ident, status=404))


def list_sessions(store: Store, params: Params) -> Obj:
    wanted = {name: text(params, name) for name in ("customer", "status", "subscription")}
    rows = [
        row
        for row in store.newest("checkout_sessions")
        if all(value in (None, row[name]) for name, value in wanted.items())
        and within(params.get("created"), row["created"])
    ]
    return page(store, "/v1/checkout/sessions", rows, params)


def expire_session(store: Store, params: Params, ident: str) -> Obj:
    session = store.get("checkout_sessions", ident, status=404)
    if session["status"] != "open":
        raise bad_request(
            f'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout'
            f" Session has a status of `{session['status']}`."
        )
    expire(store, session)
    return shown(store, session)


def expire(store: Store, session: Obj) -> None:
    session |= {"status": "expired", "url": None}
    emit(store, "checkout.session.expired", session)


def complete(store: Store, session: Obj, card: str, tax_id: tuple[str, str] | None) -> None:
    """What the button on its page does; a refused card leaves the session open."""
    if session["status"] != "open":
        raise bad_request("This Checkout Session is no longer open.")
    if not session["_trial_end"] and told_to_fail(store, session["customer"]):
        raise declined()
    customer = session["customer"]
    if customer is None:
        customer = create_customer(store, {"email": session["customer_email"] or ""})["id"]
    if tax_id is not None:
        add_tax_id(store, customer, *tax_id)
    method = add_card(store, customer, card)
    data = _wanted(session["_items"], session["_data"])
    data |= {"customer": customer, "default_payment_method": method["id"]}
    made = create_subscription(store, data)
    paid = "paid" if session["amount_total"] else "no_payment_required"
    held = store.get("customers", customer)
    session |= {
        "customer": customer,
        "customer_details": {
            "address": held["address"],
            "business_name": None,
            "email": held["email"],
            "individual_name": None,
            "name": held["name"],
            "phone": None,
            "tax_exempt": held["tax_exempt"],
            "tax_ids": [{"type": tax_id[0], "value": tax_id[1]}] if tax_id else [],
        },
        "invoice": made["latest_invoice"],
        "payment_status": paid,
        "status": "complete",
        "subscription": made["id"],
        "url": None,
    }
    emit(store, "checkout.session.completed", session)


ROUTES = [
    route(
        "POST",
        "/v1/checkout/sessions",
        create_session,
        "billing_address_collection cancel_url client_reference_id customer customer_email"
        " customer_update expires_at line_items locale metadata mode payment_method_collection"
        " subscription_data success_url tax_id_collection ui_mode",
    ),
    route(
        "GET",
        "/v1/checkout/sessions",
        list_sessions,
        f"{PAGED} created customer status subscription",
    ),
    route("GET", "/v1/checkout/sessions/{id}", retrieve_session),
    route("POST", "/v1/checkout/sessions/{id}/expire", expire_session),
]
