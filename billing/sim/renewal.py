from __future__ import annotations

from billing.sim.events import emit
from billing.sim.invoicing import keep, new_invoice
from billing.sim.lines import owed
from billing.sim.periods import next_boundary
from billing.sim.schedules import enter_phase, next_items, release
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
    entries, new, end = due_at(store, subscription, turn)
    subscription["_items"] = new
    for item in new:
        item["current_period_start"], item["current_period_end"] = turn, end
        item["billed_until"] = None if is_metered(store, item) else end
    enter_phase(store, subscription, turn)
    return entries


def due_at(
    store: Store, subscription: Obj, turn: int, *, ending: bool = False
) -> tuple[list[Obj], list[Obj], int]:
    """What the invoice of a turn charges, the usage at the old prices and in advance what the new
    period costs by its own; the items of that period, and where it ends."""
    items = subscription["_items"]
    end = next_boundary(subscription["billing_cycle_anchor"], *rhythm(store, items[0]), after=turn)
    new = [] if ending else next_items(store, subscription, turn)
    ahead = [owed(item, turn, end) for item in new if not is_metered(store, item)]
    used = [
        owed(item, item["current_period_start"], turn) for item in items if is_metered(store, item)
    ]
    return [*ahead, *used], new, end


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
    if subscription["schedule"]:
        schedule = store.get("subscription_schedules", subscription["schedule"])
        release(store, schedule, "canceled")
    emit(store, "customer.subscription.deleted", subscription)
