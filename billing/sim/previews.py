"""What the next invoice would be, or the one that a change makes at once.

A change is done on a copy, by the code that does it: the same figures with the same
`proration_date`.
"""

from __future__ import annotations

from billing.sim.charging import end_subscription
from billing.sim.errors import bad_request
from billing.sim.invoicing import new_invoice
from billing.sim.params import Params, boolean, mapping, required, text
from billing.sim.prorations import credit_unused
from billing.sim.renewal import renew, upcoming_moment, used_until
from billing.sim.routing import route
from billing.sim.scratch import Scratch, as_preview
from billing.sim.state import Obj, Store
from billing.sim.subscription_ends import update_end
from billing.sim.subscriptions import create_subscription
from billing.sim.trials import end_trial
from billing.sim.updates import change_items
from billing.sim.views import shown

KNOWN = {
    "billing_mode",
    "cancel_at",
    "cancel_at_period_end",
    "cancel_now",
    "items",
    "proration_behavior",
    "proration_date",
}
OF_A_NEW_ONE = {
    "billing_cycle_anchor",
    "billing_mode",
    "default_tax_rates",
    "items",
    "proration_behavior",
    "trial_end",
}


def upcoming(store: Store, subscription: Obj) -> Obj | None:
    scratch = Scratch(store, subscription["customer"])
    return _next(scratch, scratch.get("subscriptions", subscription["id"]))


def _next(scratch: Scratch, copied: Obj) -> Obj | None:
    turn = upcoming_moment(copied)
    with scratch.at(turn):
        turned = end_trial if copied["status"] == "trialing" else renew
        invoice = turned(scratch, copied)
        if invoice is None:
            return None
        invoice["billing_reason"] = "upcoming"
        return shown(scratch, as_preview(invoice, turn))


def preview(store: Store, params: Params) -> Obj:
    details = mapping(params, "subscription_details")
    if "subscription" not in params:
        return _preview_new(store, params, details)
    if unknown := set(details) - KNOWN:
        raise bad_request(
            f"The simulator does not preview {min(unknown)}.", param="subscription_details"
        )
    subscription = store.get(
        "subscriptions", required(params, "subscription"), param="subscription"
    )
    if subscription["status"] in ("canceled", "incomplete_expired"):
        raise bad_request("No upcoming invoices for customer.", code="invoice_upcoming_none")
    scratch = Scratch(store, subscription["customer"])
    copied = scratch.get("subscriptions", subscription["id"])
    if boolean(details, "cancel_now"):
        invoice = _cancelled_now(scratch, copied, details)
    else:
        invoice = _changed(scratch, copied, details)
    if invoice is None:
        raise bad_request("No upcoming invoices for customer.", code="invoice_upcoming_none")
    return invoice


def _changed(scratch: Scratch, copied: Obj, details: Params) -> Obj | None:
    update_end(scratch, copied, details)
    if "items" in details:
        invoice = change_items(scratch, copied, details)
        if invoice is not None:
            invoice["billing_reason"] = "upcoming"
            return shown(scratch, as_preview(invoice, scratch.now()))
    return _next(scratch, copied)


def _cancelled_now(scratch: Scratch, copied: Obj, details: Params) -> Obj | None:
    now = scratch.now()
    if text(details, "proration_behavior") != "none":
        credit_unused(scratch, copied, now)
    entries = used_until(scratch, copied["_items"], now)
    invoice = new_invoice(scratch, copied, entries, "upcoming", (now, now))
    end_subscription(scratch, copied, "cancellation_requested")
    return shown(scratch, as_preview(invoice, now)) if invoice["_owed"] else None


def _preview_new(store: Store, params: Params, details: Params) -> Obj:
    """The first invoice of a subscription that does not exist yet."""
    if unknown := set(details) - OF_A_NEW_ONE:
        raise bad_request(
            f"The simulator does not preview {min(unknown)}.", param="subscription_details"
        )
    customer = required(params, "customer")
    store.get("customers", customer, param="customer")
    scratch = Scratch(store, customer)
    anchor = mapping(details, "billing_cycle_anchor")
    details = {name: value for name, value in details.items() if name != "billing_cycle_anchor"}
    if text(anchor, "type") == "timestamp":
        details["billing_cycle_anchor"] = required(anchor, "timestamp")
    wanted = details | {"customer": customer, "payment_behavior": "default_incomplete"}
    made = create_subscription(scratch, wanted)
    if made["latest_invoice"] is None:
        raise bad_request("No upcoming invoices for customer.", code="invoice_upcoming_none")
    invoice = scratch.get("invoices", made["latest_invoice"])
    return shown(scratch, as_preview(invoice, scratch.now()))


ROUTES = [
    route(
        "POST",
        "/v1/invoices/create_preview",
        preview,
        "customer subscription subscription_details",
    ),
]
