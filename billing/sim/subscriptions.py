from __future__ import annotations

from decimal import Decimal

from billing.sim.catalogue import plain
from billing.sim.errors import bad_request, missing_param
from billing.sim.events import emit
from billing.sim.invoicing import attempt_payment, finalize, keep, method_for, new_invoice
from billing.sim.lines import owed
from billing.sim.params import (
    Params,
    integer,
    mapping,
    merged_metadata,
    required,
    sequence,
    text,
)
from billing.sim.periods import anchor_from, next_boundary, previous_boundary
from billing.sim.routing import route
from billing.sim.state import Obj, Store, new_id
from billing.sim.views import shown

ANCHOR_PARTS = ("day_of_month", "hour", "minute", "second")


def is_metered(store: Store, item: Obj) -> bool:
    price = store.get("prices", item["_price"])
    return bool(price["recurring"]["usage_type"] == "metered")


def rhythm(store: Store, item: Obj) -> tuple[str, int]:
    recurring = store.get("prices", item["_price"])["recurring"]
    return recurring["interval"], recurring["interval_count"]


def plan_of(price: Obj) -> Obj:
    recurring = price["recurring"]
    amount = price["unit_amount_decimal"]
    return {
        "id": price["id"],
        "object": "plan",
        "active": price["active"],
        "amount": price["unit_amount"],
        "amount_decimal": None if amount is None else plain(Decimal(amount)),
        "billing_scheme": price["billing_scheme"],
        "created": price["created"],
        "currency": price["currency"],
        "interval": recurring["interval"],
        "interval_count": recurring["interval_count"],
        "livemode": False,
        "metadata": price["metadata"],
        "meter": recurring["meter"],
        "nickname": price["nickname"],
        "product": price["product"],
        "tiers_mode": price["tiers_mode"],
        "transform_usage": None,
        "trial_period_days": None,
        "usage_type": recurring["usage_type"],
    }


def new_item(store: Store, given: Params, subscription: str, start: int, end: int) -> Obj:
    unknown = set(given) - {"price", "quantity", "metadata"}
    if unknown:
        raise bad_request("Received unknown parameter in items", param=f"items[{min(unknown)}]")
    price = store.get("prices", required(given, "price"), param="items[price]")
    if price["recurring"] is None or not price["active"]:
        raise bad_request("The price must be active and recurring.", param="items[price]")
    metered = price["recurring"]["usage_type"] == "metered"
    if metered and "quantity" in given:
        raise bad_request(
            "Quantity should not be specified where usage_type is `metered`.",
            param="items[quantity]",
        )
    quantity = integer(given, "quantity")
    item = {
        "id": new_id("si"),
        "object": "subscription_item",
        "billed_until": None if metered else end,
        "billing_thresholds": None,
        "created": store.now(),
        "current_period_end": end,
        "current_period_start": start,
        "discounts": [],
        "metadata": merged_metadata({}, given),
        "plan": plan_of(price),
        "subscription": subscription,
        "tax_rates": [],
        "_price": price["id"],
    }
    if not metered:
        item["quantity"] = 1 if quantity is None else quantity
    return item


def _anchor(store: Store, params: Params) -> tuple[int, dict[str, int] | None]:
    now = store.now()
    given = integer(params, "billing_cycle_anchor")
    if mapping(params, "billing_cycle_anchor_config"):
        if given is not None:
            raise bad_request("Only one of the two anchors.", param="billing_cycle_anchor")
        parts = mapping(params, "billing_cycle_anchor_config")
        required(parts, "day_of_month")
        values = {name: integer(parts, name) for name in ANCHOR_PARTS}
        config = {name: value for name, value in values.items() if value is not None}
        return anchor_from(config, now), config
    if given is not None and given < now:
        raise bad_request(
            "billing_cycle_anchor must be in the future", param="billing_cycle_anchor"
        )
    return now if given is None else given, None


def create_subscription(store: Store, params: Params) -> Obj:
    customer = store.get("customers", required(params, "customer"), param="customer")
    given = sequence(params, "items")
    if not given:
        raise missing_param("items")
    mode = text(mapping(params, "billing_mode"), "type") or "flexible"
    if mode != "flexible":
        raise bad_request("The simulator knows flexible billing only.", param="billing_mode")
    collection, days_until_due = _collection(params)
    now = store.now()
    anchor, config = _anchor(store, params)
    start = integer(params, "backdate_start_date") or now
    if start > now:
        raise bad_request("backdate_start_date must be in the past", param="backdate_start_date")
    price = store.get("prices", required(given[0], "price"), param="items[price]")
    recurring = price["recurring"] or {"interval": "month", "interval_count": 1}
    every = (recurring["interval"], recurring["interval_count"])
    end = next_boundary(anchor, *every, after=now)
    opening = previous_boundary(anchor, *every, before=end)
    if start < opening:
        raise bad_request(
            "The simulator backdates within the current period only.", param="backdate_start_date"
        )
    ident = new_id("sub")
    items = [new_item(store, one, ident, start, end) for one in given]
    if len({(*rhythm(store, item), _currency(store, item)) for item in items}) > 1:
        raise bad_request("All prices must share currency and interval.", param="items")
    rates = [
        store.get("tax_rates", rate, param="default_tax_rates")
        for rate in sequence(params, "default_tax_rates")
    ]
    method = text(params, "default_payment_method")
    if method is not None:
        store.get("payment_methods", method, param="default_payment_method")
    subscription: Obj = {
        "id": ident,
        "object": "subscription",
        "application": None,
        "application_fee_percent": None,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": anchor,
        "billing_cycle_anchor_config": None
        if config is None
        else dict.fromkeys(("month", *ANCHOR_PARTS)) | config,
        "billing_mode": {
            "flexible": {"proration_discounts": "included"},
            "type": "flexible",
            "updated_at": now,
        },
        "billing_schedules": [],
        "billing_thresholds": None,
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "cancellation_details": {
            "comment": None,
            "feedback": None,
            "feedback_option": None,
            "reason": None,
        },
        "collection_method": collection,
        "created": now,
        "currency": price["currency"],
        "customer": customer["id"],
        "customer_account": None,
        "days_until_due": days_until_due,
        "default_payment_method": method,
        "default_source": None,
        "default_tax_rates": rates,
        "description": text(params, "description"),
        "discounts": [],
        "ended_at": None,
        "invoice_settings": {
            "account_tax_ids": None,
            "custom_fields": None,
            "description": None,
            "footer": None,
            "issuer": {"type": "self"},
        },
        "latest_invoice": None,
        "livemode": False,
        "metadata": merged_metadata({}, params),
        "next_pending_invoice_item_invoice": None,
        "on_behalf_of": None,
        "pause_collection": None,
        "payment_settings": {
            "payment_method_options": None,
            "payment_method_types": None,
            "save_default_payment_method": "off",
        },
        "pending_invoice_item_interval": None,
        "pending_setup_intent": None,
        "pending_update": None,
        "schedule": None,
        "start_date": start,
        "status": "active",
        "test_clock": None,
        "transfer_data": None,
        "trial_end": None,
        "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}},
        "trial_start": None,
        "_items": items,
    }
    customer["currency"] = customer["currency"] or price["currency"]
    prorated = text(params, "proration_behavior") != "none"
    _first_invoice(store, subscription, (start - opening, end - opening), prorated, params)
    emit(store, "customer.subscription.created", subscription)
    return shown(store, subscription)


def _collection(params: Params) -> tuple[str, int | None]:
    method = text(params, "collection_method") or "charge_automatically"
    days = integer(params, "days_until_due")
    if method not in ("charge_automatically", "send_invoice"):
        raise bad_request("Invalid collection_method.", param="collection_method")
    if method == "send_invoice" and days is None:
        raise missing_param("days_until_due")
    if method == "charge_automatically" and days is not None:
        raise bad_request(
            "You can't set `days_until_due` when `collection_method` is `charge_automatically`.",
            param="days_until_due",
        )
    return method, days


def _currency(store: Store, item: Obj) -> str:
    return str(store.get("prices", item["_price"])["currency"])


def _first_invoice(
    store: Store, subscription: Obj, gone: tuple[int, int], prorated: bool, params: Params
) -> None:
    past, whole = gone
    share = (whole - past, whole) if past else (1, 1)
    licensed = [item for item in subscription["_items"] if not is_metered(store, item)]
    if past and not prorated:
        licensed = []
    entries = [
        owed(item, item["current_period_start"], item["current_period_end"], share=share)
        for item in licensed
    ]
    store.put("subscriptions", subscription)
    if not entries:
        return
    now = store.now()
    invoice = new_invoice(store, subscription, entries, "subscription_create", (now, now))
    behavior = text(params, "payment_behavior") or "allow_incomplete"
    automatic = subscription["collection_method"] == "charge_automatically"
    charged = automatic and behavior != "default_incomplete"
    if charged and invoice["total"] and method_for(store, invoice) is None:
        del store.table("subscriptions")[subscription["id"]]
        raise bad_request(
            "This customer has no attached payment source or default payment method. Please"
            " consider adding a default payment method.",
            code="resource_missing",
        )
    subscription["latest_invoice"] = invoice["id"]
    subscription["status"] = "incomplete" if automatic else "active"
    subscription["_starting"] = True
    keep(store, invoice)
    emit(store, "invoice.created", invoice)
    if automatic:
        finalize(store, invoice, attempt=False)
    if charged and invoice["status"] == "open":
        attempt_payment(store, invoice)
    del subscription["_starting"]


ROUTES = [
    route(
        "POST",
        "/v1/subscriptions",
        create_subscription,
        "backdate_start_date billing_cycle_anchor billing_cycle_anchor_config billing_mode"
        " collection_method customer days_until_due default_payment_method default_tax_rates"
        " description items metadata off_session payment_behavior proration_behavior",
    ),
]
