"""What the next invoice would be."""

from __future__ import annotations

from billing.sim.errors import bad_request
from billing.sim.params import Params, boolean, mapping, required
from billing.sim.renewal import renew, upcoming_moment
from billing.sim.routing import route
from billing.sim.scratch import Scratch, as_preview
from billing.sim.state import Obj, Store
from billing.sim.trials import end_trial
from billing.sim.views import shown


def upcoming(store: Store, subscription: Obj, *, ending: bool = False) -> Obj | None:
    scratch = Scratch(store, subscription["customer"])
    copied = scratch.get("subscriptions", subscription["id"])
    if ending:
        copied["cancel_at_period_end"] = True
    turn = upcoming_moment(copied)
    with scratch.at(turn):
        turned = end_trial if copied["status"] == "trialing" else renew
        invoice = turned(scratch, copied)
        if invoice is None:
            return None
        invoice["billing_reason"] = "upcoming"
        return shown(scratch, as_preview(invoice, turn))


def preview(store: Store, params: Params) -> Obj:
    subscription = store.get(
        "subscriptions", required(params, "subscription"), param="subscription"
    )
    details = mapping(params, "subscription_details")
    if set(details) - {"cancel_at_period_end"}:
        raise bad_request(
            "The simulator previews the next renewal only.", param="subscription_details"
        )
    invoice = upcoming(store, subscription, ending=boolean(details, "cancel_at_period_end"))
    if invoice is None:
        raise bad_request("Nothing to preview.", code="invoice_upcoming_none")
    return invoice


ROUTES = [
    route("POST", "/v1/invoices/create_preview", preview, "subscription subscription_details"),
]
