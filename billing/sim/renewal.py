from __future__ import annotations

from billing.sim.events import emit
from billing.sim.invoicing import keep, new_invoice
from billing.sim.lines import owed
from billing.sim.periods import next_boundary
from billing.sim.state import Obj, Store
from billing.sim.subscriptions import is_metered, rhythm


def ending_at(subscription: Obj, turn: int) -> int | None:
    """When the subscription ends, if that is no later than `turn`."""
    ends: int | None = subscription["cancel_at"]
    if ends is not None and ends <= turn:
        return ends
    return turn if subscription["cancel_at_period_end"] else None


def _turn_over(store: Store, subscription: Obj, turn: int) -> list[Obj]:
    """Move every item to its next period; what is owed for the new one and the old one's usage."""
    items = subscription["_items"]
    end = next_boundary(subscription["billing_cycle_anchor"], *rhythm(store, items[0]), after=turn)
    entries = []
    for item in items:
        if is_metered(store, item):
            entries.append(owed(item, item["current_period_start"], turn))
        else:
            entries.append(owed(item, turn, end))
            item["billed_until"] = end
        item["current_period_start"], item["current_period_end"] = turn, end
    return entries


def _last_usage(store: Store, subscription: Obj, end: int) -> list[Obj]:
    return [
        owed(item, item["current_period_start"], end)
        for item in subscription["_items"]
        if is_metered(store, item)
    ]


def renew(store: Store, subscription: Obj) -> Obj | None:
    """The turn of the period: the new one's base in advance, the old one's usage in arrears."""
    first, before = subscription["_items"][0], subscription["latest_invoice"]
    start, turn = first["current_period_start"], first["current_period_end"]
    ends = ending_at(subscription, turn)
    if ends is None:
        entries = _turn_over(store, subscription, turn)
    else:
        entries = _last_usage(store, subscription, ends)
    invoice = None
    if entries:
        period = (start, turn if ends is None else ends)
        invoice = new_invoice(store, subscription, entries, "subscription_cycle", period)
        if subscription["status"] == "unpaid":
            invoice |= {"auto_advance": False, "automatically_finalizes_at": None}
        keep(store, invoice)
        subscription["latest_invoice"] = invoice["id"]
    if ends is not None:
        end_subscription(store, subscription, "cancellation_requested")
    else:
        emit(store, "customer.subscription.updated", subscription, {"latest_invoice": before})
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
