"""Free at first: how a trial begins, is announced and ends.

Usage of a trial is counted but not charged, as Stripe documents.
"""

from __future__ import annotations

from billing.sim.charging import method_for_subscription, set_status, stop
from billing.sim.errors import bad_request
from billing.sim.events import emit
from billing.sim.invoicing import keep, new_invoice
from billing.sim.lines import owed
from billing.sim.params import Params, integer, mapping, text
from billing.sim.state import DAY, Obj, Store
from billing.sim.subscription_items import is_metered, period_after

TOLD_BEFORE = 3 * DAY
LONGEST = 730 * DAY
ENDINGS = ("cancel", "create_invoice", "pause")


def trial_of(params: Params, now: int) -> Obj | None:
    days = integer(params, "trial_period_days")
    given = text(params, "trial_end")
    if days is not None and given is not None:
        raise bad_request("You may only specify one of trial_end, trial_period_days.")
    if given == "now" or (given is None and not days):
        return None
    end = now + (days or 0) * DAY if given is None else integer(params, "trial_end")
    if end is None or not now < end <= now + LONGEST:
        raise bad_request(
            "A trial ends in the future, at most two years from now.", param="trial_end"
        )
    return {"trial_start": now, "trial_end": end}


def trial_settings(params: Params) -> Obj:
    given = mapping(mapping(params, "trial_settings"), "end_behavior")
    missing = text(given, "missing_payment_method") or "create_invoice"
    if missing not in ENDINGS or set(given) - {"missing_payment_method"}:
        raise bad_request("Invalid trial_settings.", param="trial_settings")
    return {"end_behavior": {"billing_cycle_anchor": None, "missing_payment_method": missing}}


def will_end(store: Store, subscription: Obj) -> None:
    """Three days before the end; of a shorter trial, at once."""
    if store.now() >= subscription["trial_end"] - TOLD_BEFORE:
        subscription["_trial_told"] = True
        emit(store, "customer.subscription.trial_will_end", subscription)


def begin_periods(store: Store, subscription: Obj) -> list[Obj]:
    """Every item's next period begins now; what it costs in advance."""
    now, anchor = store.now(), subscription["billing_cycle_anchor"]
    entries = []
    for item in subscription["_items"]:
        period_after(store, item, anchor, now)
        if not is_metered(store, item):
            entries.append(owed(item, now, item["current_period_end"]))
    return entries


def end_trial(store: Store, subscription: Obj) -> Obj | None:
    """At its end or by request; the draft of the first invoice that costs something."""
    missing = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
    charged = subscription["collection_method"] == "charge_automatically"
    without = charged and method_for_subscription(store, subscription) is None
    if without and missing == "pause":
        stop(store, subscription, "trial_end_without_payment_method")
        return None
    start = subscription["trial_start"]
    entries = begin_periods(store, subscription)
    set_status(store, subscription, "active", only_from=("trialing",))
    invoice = new_invoice(store, subscription, entries, "subscription_cycle", (start, store.now()))
    keep(store, invoice)
    subscription["latest_invoice"] = invoice["id"]
    emit(store, "invoice.created", invoice)
    return invoice


def cancels_without_card(store: Store, subscription: Obj) -> bool:
    missing = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
    charged = subscription["collection_method"] == "charge_automatically"
    return missing == "cancel" and charged and method_for_subscription(store, subscription) is None
