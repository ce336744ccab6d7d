"""Subscriptions that rest: paused by request, and begun again."""

from __future__ import annotations

from billing.sim.charging import attempt_payment, method_for_subscription, stop, wake
from billing.sim.errors import bad_request
from billing.sim.events import emit
from billing.sim.invoicing import bill_pending, finalize, keep, new_invoice
from billing.sim.lines import owed
from billing.sim.params import Params, integer, mapping, text
from billing.sim.prorations import charge, charge_usage, credit
from billing.sim.routing import route
from billing.sim.state import Obj, Store
from billing.sim.subscription_items import is_metered, period_after
from billing.sim.views import shown

PAUSABLE = ("active", "trialing", "past_due")


def _chosen(params: Params, name: str, known: tuple[str, ...], default: str) -> str:
    value = text(params, name) or default
    if value not in known:
        raise bad_request(f"Invalid {name}: must be one of {', '.join(known)}", param=name)
    return value


def pause_subscription(store: Store, params: Params, ident: str) -> Obj:
    subscription = store.get("subscriptions", ident, status=404)
    if subscription["status"] not in PAUSABLE:
        raise bad_request("Only a live subscription can be paused.")
    if subscription["schedule"]:
        raise bad_request("A subscription with a schedule cannot be paused.")
    bill = mapping(params, "bill_for")
    usage = _chosen(mapping(bill, "outstanding_usage_through"), "type", ("now", "none"), "now")
    unused = _chosen(
        mapping(bill, "unused_time_from"),
        "type",
        ("now", "none", "item_current_period_start"),
        "now",
    )
    how = _chosen(
        params, "invoicing_behavior", ("invoice", "pending_invoice_item"), "pending_invoice_item"
    )
    _chosen(params, "type", ("subscription",), "subscription")
    if subscription["status"] != "trialing":
        _close(store, subscription, usage=usage, unused=unused)
    stop(store, subscription, "pause_requested")
    if how == "invoice":
        invoice = bill_pending(store, subscription)
        if invoice is not None:
            finalize(store, invoice)
    return shown(store, subscription)


def _close(store: Store, subscription: Obj, *, usage: str, unused: str) -> None:
    now = store.now()
    for item in subscription["_items"]:
        if is_metered(store, item):
            if usage == "now":
                charge_usage(store, subscription, item, now)
        elif unused != "none":
            start = now if unused == "now" else item["current_period_start"]
            credit(store, subscription, item, start)


def resume_subscription(store: Store, params: Params, ident: str) -> Obj:
    subscription = store.get("subscriptions", ident, status=404)
    if subscription["status"] != "paused":
        raise bad_request("Only a paused subscription can be resumed.")
    anchor = _chosen(mapping(params, "billing_cycle_anchor"), "type", ("now", "unchanged"), "now")
    behavior = _chosen(
        params,
        "proration_behavior",
        ("create_prorations", "always_invoice", "none"),
        "create_prorations",
    )
    payment = _chosen(
        params,
        "payment_behavior",
        ("resume_on_payment_attempt", "resume_on_payment_success"),
        "resume_on_payment_attempt",
    )
    at = integer(params, "proration_date") or store.now()
    charged = subscription["collection_method"] == "charge_automatically"
    if charged and method_for_subscription(store, subscription) is None:
        raise bad_request(
            "This customer has no attached payment source or default payment method.",
            code="resource_missing",
        )
    _begin_again(store, subscription, anchor, behavior, at)
    _awake(store, subscription, payment)
    return shown(store, subscription)


def _begin_again(store: Store, subscription: Obj, anchor: str, behavior: str, at: int) -> None:
    now = store.now()
    if anchor == "now":
        subscription["billing_cycle_anchor"] = now
        subscription["billing_cycle_anchor_config"] = None
    entries = []
    for item in subscription["_items"]:
        period_after(store, item, subscription["billing_cycle_anchor"], now)
        if is_metered(store, item):
            continue
        if anchor == "now":
            entries.append(owed(item, now, item["current_period_end"]))
        elif behavior != "none":
            charge(store, subscription, item, at)
    if not entries and behavior != "always_invoice":
        return
    invoice = new_invoice(store, subscription, entries, "subscription_update", (now, now))
    if invoice["_owed"]:
        keep(store, invoice)
        subscription["latest_invoice"] = invoice["id"]
        subscription["_resuming"] = invoice["id"]


def _awake(store: Store, subscription: Obj, payment: str) -> None:
    ident = subscription.pop("_resuming", None)
    invoice = store.get("invoices", ident) if ident else None
    if invoice is not None:
        emit(store, "invoice.created", invoice)
        finalize(store, invoice, attempt=False)
    if invoice is None or payment == "resume_on_payment_attempt":
        wake(store, subscription)
    if invoice is not None and invoice["status"] == "open":
        invoice["_resumes"] = payment == "resume_on_payment_success"
        if subscription["collection_method"] == "charge_automatically":
            attempt_payment(store, invoice)


ROUTES = [
    route(
        "POST",
        "/v1/subscriptions/{id}/pause",
        pause_subscription,
        "bill_for invoicing_behavior type",
    ),
    route(
        "POST",
        "/v1/subscriptions/{id}/resume",
        resume_subscription,
        "billing_cycle_anchor payment_behavior proration_behavior proration_date",
    ),
]
