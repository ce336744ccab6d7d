from __future__ import annotations

from billing.sim.events import emit
from billing.sim.invoicing import new_invoice
from billing.sim.lines import owed
from billing.sim.periods import next_boundary
from billing.sim.state import Obj, Store
from billing.sim.subscriptions import is_metered, rhythm


def renew(store: Store, subscription: Obj) -> Obj | None:
    """The turn of the period: the new one's base in advance, the old one's usage in arrears."""
    items = subscription["_items"]
    start, turn = items[0]["current_period_start"], items[0]["current_period_end"]
    ends = subscription["cancel_at"]
    ending = ends is not None and ends <= turn or subscription["cancel_at_period_end"]
    if ending:
        turn = min(turn, ends or turn)
    end = next_boundary(subscription["billing_cycle_anchor"], *rhythm(store, items[0]), after=turn)
    entries = []
    for item in items:
        if is_metered(store, item):
            entries.append(owed(item, start, turn))
        elif not ending:
            entries.append(owed(item, turn, end))
            item["billed_until"] = end
        if not ending:
            item["current_period_start"], item["current_period_end"] = turn, end
    invoice = None
    if entries:
        invoice = new_invoice(store, subscription, entries, "subscription_cycle", (start, turn))
        if subscription["status"] == "unpaid":
            invoice |= {"auto_advance": False, "automatically_finalizes_at": None}
        store.put("invoices", invoice)
        subscription["latest_invoice"] = invoice["id"]
    if ending:
        end_subscription(store, subscription, "cancellation_requested")
    else:
        emit(store, "customer.subscription.updated", subscription, {"latest_invoice": None})
    if invoice is not None:
        emit(store, "invoice.created", invoice)
    return invoice


def end_subscription(store: Store, subscription: Obj, reason: str) -> None:
    now = store.now()
    subscription["status"] = "canceled"
    subscription["canceled_at"] = subscription["canceled_at"] or now
    subscription["ended_at"] = now
    subscription["cancellation_details"]["reason"] = reason
    emit(store, "customer.subscription.deleted", subscription)
