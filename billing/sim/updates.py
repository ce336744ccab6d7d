"""`POST /v1/subscriptions/{id}`, and the updates that wait for their payment."""

from __future__ import annotations

import copy

from billing.sim.charging import attempt_payment
from billing.sim.errors import bad_request, declined
from billing.sim.events import emit
from billing.sim.invoicing import bill_pending, finalize, void
from billing.sim.item_changes import Change
from billing.sim.params import Params, integer, mapping, merged_metadata, sequence, text
from billing.sim.routing import route
from billing.sim.scratch import Scratch
from billing.sim.state import Obj, Store
from billing.sim.subscription_ends import update_end
from billing.sim.trials import end_trial, trial_settings
from billing.sim.views import shown

CHANGEABLE = ("trialing", "active", "past_due", "unpaid", "incomplete", "paused")
PRORATIONS = ("create_prorations", "always_invoice", "none")
PAYMENTS = (
    "allow_incomplete",
    "default_incomplete",
    "error_if_incomplete",
    "pending_if_incomplete",
)
# What an update may contain that is held back until it is paid.
HELD_BACK = {"items", "payment_behavior", "proration_behavior", "proration_date", "off_session"}
HELD_FOR = 23 * 3600


def update_subscription(store: Store, params: Params, ident: str) -> Obj:
    subscription = store.get("subscriptions", ident, status=404)
    if subscription["status"] not in CHANGEABLE:
        raise bad_request("A canceled subscription can only update its metadata.")
    payment = _one_of(params, "payment_behavior", PAYMENTS, "allow_incomplete")
    if payment == "pending_if_incomplete" and (odd := set(params) - HELD_BACK):
        raise bad_request(
            f"`{min(odd)}` cannot be updated with `payment_behavior=pending_if_incomplete`.",
            param=min(odd),
        )
    if payment == "error_if_incomplete" and "items" in params:
        _rehearse(store, subscription, params)
    _update_fields(store, subscription, params)
    update_end(store, subscription, params)
    _update_trial(store, subscription, params)
    invoice, before = None, None
    if "items" in params:
        before = copy.deepcopy(subscription["_items"])
        invoice = change_items(store, subscription, params)
    if before is None or not _held_back(store, subscription, invoice, before, payment):
        emit(store, "customer.subscription.updated", subscription, {})
    return shown(store, subscription)


def _one_of(params: Params, name: str, known: tuple[str, ...], default: str) -> str:
    value = text(params, name) or default
    if value not in known:
        raise bad_request(f"Invalid {name}: must be one of {', '.join(known)}", param=name)
    return value


def change_items(store: Store, subscription: Obj, params: Params) -> Obj | None:
    """The draft of the invoice that is charged at once, if one is."""
    if subscription["status"] in ("paused", "incomplete"):
        raise bad_request("Items of a subscription that does not run cannot change.")
    if subscription["pending_update"]:
        raise bad_request("The subscription has a pending update.")
    behavior = _one_of(params, "proration_behavior", PRORATIONS, "create_prorations")
    at = integer(params, "proration_date") or store.now()
    starts = [item["current_period_start"] for item in subscription["_items"]]
    ends = [item["current_period_end"] for item in subscription["_items"]]
    if not max(starts) <= at <= min(ends):
        raise bad_request(
            "Cannot specify a proration date outside of the current period.",
            param="proration_date",
        )
    change = Change(store, subscription, at, prorated=behavior != "none")
    change.apply(sequence(params, "items"))
    _follow(store, subscription)
    if behavior == "always_invoice" and not change.free:
        return bill_pending(store, subscription)
    return None


def _follow(store: Store, subscription: Obj) -> None:
    """The current phase of a schedule has the items that the subscription has."""
    if not subscription["schedule"]:
        return
    schedule = store.get("subscription_schedules", subscription["schedule"])
    start = schedule["current_phase"]["start_date"]
    phase = next(one for one in schedule["phases"] if one["start_date"] == start)
    phase["items"] = [
        {
            "billing_thresholds": None,
            "discounts": [],
            "metadata": {},
            "plan": item["_price"],
            "price": item["_price"],
            "tax_rates": [],
        }
        | ({"quantity": item["quantity"]} if "quantity" in item else {})
        for item in subscription["_items"]
    ]


def _rehearse(store: Store, subscription: Obj, params: Params) -> None:
    """Refused as a whole when its invoice would not be paid."""
    scratch = Scratch(store, subscription["customer"])
    copied = scratch.get("subscriptions", subscription["id"])
    invoice = change_items(scratch, copied, params)
    if invoice is not None:
        finalize(scratch, invoice, attempt=False)
        if invoice["status"] == "open" and not attempt_payment(scratch, invoice):
            raise declined()


def _held_back(
    store: Store, subscription: Obj, invoice: Obj | None, before: list[Obj], payment: str
) -> bool:
    """Whether the change waits for its payment."""
    if invoice is None:
        return False
    held = payment == "pending_if_incomplete"
    if held:
        invoice["_changes"] = subscription["id"]
    finalize(store, invoice, attempt=payment != "default_incomplete")
    if not held or invoice["status"] == "paid":
        return False
    subscription["pending_update"] = {
        "billing_cycle_anchor": None,
        "cancel_at_period_end": None,
        "discount": None,
        "discounts": None,
        "expires_at": store.now() + HELD_FOR,
        "metadata": None,
        "subscription_items": [shown(store, item) for item in subscription["_items"]],
        "trial_end": None,
        "trial_from_plan": None,
    }
    subscription["_waiting"] = {"items": subscription["_items"], "invoice": invoice["id"]}
    subscription["_items"] = before
    emit(store, "customer.subscription.updated", subscription, {"pending_update": None})
    return True


def pending_due(subscription: Obj) -> int | None:
    """When something is to be done about a pending update: at once when it is paid or void."""
    pending = subscription["pending_update"]
    return int(pending["expires_at"]) if pending else None


def expire_pending(store: Store, subscription: Obj) -> None:
    invoice = store.get("invoices", subscription["_waiting"]["invoice"])
    if invoice["status"] == "open":
        void(store, invoice)


def _update_fields(store: Store, subscription: Obj, params: Params) -> None:
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
    if "description" in params:
        subscription["description"] = text(params, "description")
    if mapping(params, "trial_settings"):
        subscription["trial_settings"] = trial_settings(params)
    subscription["metadata"] = merged_metadata(subscription["metadata"], params)


def _update_trial(store: Store, subscription: Obj, params: Params) -> None:
    given = text(params, "trial_end")
    if given is None:
        return
    if subscription["status"] != "trialing":
        raise bad_request("The simulator moves the end of a trial that runs.", param="trial_end")
    end = store.now() if given == "now" else integer(params, "trial_end")
    if end is None or end < store.now():
        raise bad_request("Invalid trial_end.", param="trial_end")
    subscription |= {"trial_end": end, "billing_cycle_anchor": end}
    for item in subscription["_items"]:
        item["current_period_end"] = end
    if end == store.now():
        end_trial(store, subscription)


ROUTES = [
    route(
        "POST",
        "/v1/subscriptions/{id}",
        update_subscription,
        "cancel_at cancel_at_period_end cancellation_details default_payment_method"
        " default_tax_rates description items metadata off_session payment_behavior"
        " proration_behavior proration_date trial_end trial_settings",
    ),
]
