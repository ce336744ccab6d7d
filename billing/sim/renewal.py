from __future__ import annotations

from billing.sim.charging import end_subscription
from billing.sim.events import emit
from billing.sim.invoicing import keep, new_invoice
from billing.sim.lines import owed
from billing.sim.prorations import credit_unused
from billing.sim.schedules import enter_phase, next_items
from billing.sim.state import Obj, Store
from billing.sim.subscription_items import (
    counted_from,
    is_metered,
    period_after,
)


def ending_at(subscription: Obj, turn: int) -> int | None:
    """When the subscription ends, if that is no later than `turn`."""
    ends: int | None = subscription["cancel_at"]
    if ends is not None and ends <= turn:
        return ends
    return turn if subscription["cancel_at_period_end"] else None


def used_until(store: Store, items: list[Obj], end: int) -> list[Obj]:
    return [owed(item, counted_from(item), end) for item in items if is_metered(store, item)]


def _turn_over(store: Store, subscription: Obj, turn: int) -> list[Obj]:
    """Every item whose period ends goes on to its next one; what is owed in advance for the new
    periods, by the new prices, and for the usage of the old ones by theirs."""
    anchor = subscription["billing_cycle_anchor"]
    over = [item for item in subscription["_items"] if item["current_period_end"] <= turn]
    used = used_until(store, over, turn)
    subscription["_items"] = next_items(store, subscription, turn)
    ahead = []
    for item in subscription["_items"]:
        if item["current_period_end"] > turn:
            continue
        period_after(store, item, anchor, turn)
        if not is_metered(store, item):
            ahead.append(owed(item, turn, item["current_period_end"]))
    enter_phase(store, subscription, turn)
    return [*ahead, *used]


def renew(store: Store, subscription: Obj) -> Obj | None:
    """The turn of a period: the new one's base in advance, the old one's usage in arrears."""
    turn, before = store.now(), subscription["latest_invoice"]
    ends = ending_at(subscription, turn)
    over = [item for item in subscription["_items"] if item["current_period_end"] <= turn]
    start = max(item["current_period_start"] for item in over or subscription["_items"])
    if ends is None:
        entries = _turn_over(store, subscription, turn)
    else:
        entries = used_until(store, subscription["_items"], ends)
        if subscription.get("_credits_rest", True):
            credit_unused(store, subscription, ends)
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


def upcoming_moment(subscription: Obj) -> int:
    """When the next invoice of the subscription is made."""
    turns = [item["current_period_end"] for item in subscription["_items"]]
    if subscription["status"] == "trialing":
        turns = [subscription["trial_end"]]
    if subscription["cancel_at"]:
        turns.append(subscription["cancel_at"])
    return int(min(turns))
