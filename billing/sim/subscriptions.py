from __future__ import annotations

from billing.sim.charging import attempt_payment, method_for
from billing.sim.errors import bad_request, missing_param
from billing.sim.events import emit
from billing.sim.invoicing import finalize, keep, new_invoice
from billing.sim.lines import owed, trial_entry
from billing.sim.params import (
    Params,
    integer,
    mapping,
    merged_metadata,
    required,
    sequence,
    text,
)
from billing.sim.periods import anchor_from, next_boundary
from billing.sim.routing import route
from billing.sim.state import Obj, Store, new_id
from billing.sim.subscription_items import (
    check_rhythms,
    is_metered,
    new_item,
    rhythm,
    whole_period,
)
from billing.sim.trials import trial_of, trial_settings, will_end
from billing.sim.views import shown

ANCHOR_PARTS = ("day_of_month", "hour", "minute", "second")
ANCHORS = {"billing_cycle_anchor", "billing_cycle_anchor_config", "backdate_start_date"}


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


def _trial_anchor(params: Params, trial: Obj) -> tuple[int, None]:
    if ANCHORS & set(params):
        raise bad_request(
            "The simulator's trials end where the billing cycle begins.", param="trial_end"
        )
    return trial["trial_end"], None


def _open_periods(store: Store, items: list[Obj], anchor: int, *, trialing: bool) -> None:
    check_rhythms(store, items)
    for item in items:
        end = next_boundary(anchor, *rhythm(store, item), after=store.now())
        if trialing:
            end = anchor
        item |= {"current_period_end": end}
        item["billed_until"] = None if is_metered(store, item) else end
        if not trialing and item["current_period_start"] < whole_period(store, item, anchor)[0]:
            raise bad_request(
                "The simulator backdates within the current period only.",
                param="backdate_start_date",
            )


def create_subscription(store: Store, params: Params) -> Obj:
    customer = store.get("customers", required(params, "customer"), param="customer")
    given = sequence(params, "items")
    if not given:
        raise missing_param("items")
    mode = text(mapping(params, "billing_mode"), "type") or "flexible"
    if mode != "flexible":
        raise bad_request("The simulator knows flexible billing only.", param="billing_mode")
    collection, days_until_due = _collection(params)
    now, ident = store.now(), new_id("sub")
    trial = trial_of(params, now)
    anchor, config = _anchor(store, params) if trial is None else _trial_anchor(params, trial)
    start = integer(params, "backdate_start_date") or now
    if start > now:
        raise bad_request("backdate_start_date must be in the past", param="backdate_start_date")
    items = [new_item(store, one, ident, start, start) for one in given]
    _open_periods(store, items, anchor, trialing=trial is not None)
    currency = store.get("prices", items[0]["_price"])["currency"]
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
        "currency": currency,
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
        "status": "trialing" if trial else "active",
        "status_details": None,
        "test_clock": None,
        "transfer_data": None,
        "trial_settings": trial_settings(params),
        **(trial or {"trial_end": None, "trial_start": None}),
        "_items": items,
    }
    customer["currency"] = customer["currency"] or currency
    prorated = text(params, "proration_behavior") != "none"
    _first_invoice(store, subscription, params, prorated=prorated)
    emit(store, "customer.subscription.created", subscription)
    if trial:
        will_end(store, subscription)
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


def _opening(store: Store, subscription: Obj, *, prorated: bool) -> list[Obj]:
    anchor, entries = subscription["billing_cycle_anchor"], []
    for item in subscription["_items"]:
        if is_metered(store, item):
            continue
        start, end = item["current_period_start"], item["current_period_end"]
        if subscription["status"] == "trialing":
            entries.append(trial_entry(item, start, end))
            continue
        opening = whole_period(store, item, anchor)[0]
        if start == opening:
            entries.append(owed(item, start, end))
        elif prorated:
            entries.append(owed(item, start, end, share=(end - start, end - opening)))
    return entries


def _first_invoice(store: Store, subscription: Obj, params: Params, *, prorated: bool) -> None:
    entries = _opening(store, subscription, prorated=prorated)
    store.put("subscriptions", subscription)
    if not entries:
        return
    now = store.now()
    invoice = new_invoice(store, subscription, entries, "subscription_create", (now, now))
    behavior = text(params, "payment_behavior") or "allow_incomplete"
    automatic = subscription["collection_method"] == "charge_automatically"
    charged = automatic and behavior != "default_incomplete"
    if charged and invoice["amount_due"] and method_for(store, invoice) is None:
        del store.table("subscriptions")[subscription["id"]]
        raise bad_request(
            "This customer has no attached payment source or default payment method. Please"
            " consider adding a default payment method.",
            code="resource_missing",
        )
    subscription["latest_invoice"] = invoice["id"]
    if subscription["status"] != "trialing":
        subscription["status"] = "incomplete" if automatic else "active"
    subscription["_starting"] = True
    keep(store, invoice)
    emit(store, "invoice.created", invoice)
    if automatic or not invoice["amount_due"]:
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
        " description items metadata off_session payment_behavior proration_behavior trial_end"
        " trial_period_days trial_settings",
    ),
]
