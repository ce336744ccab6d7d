"""The items of a subscription: each has its own price, rhythm and period."""

from __future__ import annotations

from decimal import Decimal

from billing.sim.catalogue import plain
from billing.sim.errors import bad_request
from billing.sim.params import Params, integer, merged_metadata, required
from billing.sim.periods import next_boundary, previous_boundary
from billing.sim.state import Obj, Store, new_id

IN_MONTHS = {"month": 1, "year": 12}
IN_DAYS = {"day": 1, "week": 7}


def is_metered(store: Store, item: Obj) -> bool:
    price = store.get("prices", item["_price"])
    return bool(price["recurring"]["usage_type"] == "metered")


def rhythm(store: Store, item: Obj) -> tuple[str, int]:
    recurring = store.get("prices", item["_price"])["recurring"]
    return recurring["interval"], recurring["interval_count"]


def plan_of(price: Obj) -> Obj:
    recurring = price["recurring"]
    amount = price["unit_amount_decimal"]
    return {
        "id": price["id"],
        "object": "plan",
        "active": price["active"],
        "amount": price["unit_amount"],
        "amount_decimal": None if amount is None else plain(Decimal(amount)),
        "billing_scheme": price["billing_scheme"],
        "created": price["created"],
        "currency": price["currency"],
        "interval": recurring["interval"],
        "interval_count": recurring["interval_count"],
        "livemode": False,
        "metadata": price["metadata"],
        "meter": recurring["meter"],
        "nickname": price["nickname"],
        "product": price["product"],
        "tiers_mode": price["tiers_mode"],
        "transform_usage": None,
        "trial_period_days": None,
        "usage_type": recurring["usage_type"],
    }


def new_item(store: Store, given: Params, subscription: str, start: int, end: int) -> Obj:
    unknown = set(given) - {"price", "quantity", "metadata"}
    if unknown:
        raise bad_request("Received unknown parameter in items", param=f"items[{min(unknown)}]")
    price = store.get("prices", required(given, "price"), param="items[price]")
    if price["recurring"] is None or not price["active"]:
        raise bad_request("The price must be active and recurring.", param="items[price]")
    metered = price["recurring"]["usage_type"] == "metered"
    if metered and "quantity" in given:
        raise bad_request(
            "Quantity should not be specified where usage_type is `metered`.",
            param="items[quantity]",
        )
    quantity = integer(given, "quantity")
    item = {
        "id": new_id("si"),
        "object": "subscription_item",
        "billed_until": None if metered else end,
        "billing_thresholds": None,
        "created": store.now(),
        "current_period_end": end,
        "current_period_start": start,
        "discounts": [],
        "metadata": merged_metadata({}, given),
        "plan": plan_of(price),
        "subscription": subscription,
        "tax_rates": [],
        "_price": price["id"],
    }
    if not metered:
        item["quantity"] = 1 if quantity is None else quantity
    return item


def next_turn(subscription: Obj) -> int:
    """The first end of an item's period: items of different intervals have different ones."""
    return min(int(item["current_period_end"]) for item in subscription["_items"])


def last_turn(subscription: Obj) -> int:
    return max(int(item["current_period_end"]) for item in subscription["_items"])


def whole_period(store: Store, item: Obj, anchor: int) -> tuple[int, int]:
    """The period by the calendar that the item's own, perhaps shorter one lies in."""
    end = item["current_period_end"]
    return previous_boundary(anchor, *rhythm(store, item), before=end), end


def period_after(store: Store, item: Obj, anchor: int, moment: int) -> None:
    end = next_boundary(anchor, *rhythm(store, item), after=moment)
    item |= {"current_period_start": moment, "current_period_end": end}
    item["billed_until"] = None if is_metered(store, item) else end
    item.pop("_counted_from", None)


def counted_from(item: Obj) -> int:
    """From when on its usage is still to be charged."""
    return int(item.get("_counted_from") or item["current_period_start"])


def check_rhythms(store: Store, items: list[Obj]) -> None:
    """One currency; intervals may differ where the shortest divides all others."""
    currencies = {str(store.get("prices", item["_price"])["currency"]) for item in items}
    if len(currencies) > 1:
        raise bad_request("All prices must share one currency.", param="items")
    every = [rhythm(store, item) for item in items]
    for unit in (IN_MONTHS, IN_DAYS):
        lengths = [unit[name] * count for name, count in every if name in unit]
        if lengths and len(lengths) == len(every):
            if any(length % min(lengths) for length in lengths):
                break
            return
    raise bad_request(
        "All intervals must be multiples of the shortest one on the subscription.", param="items"
    )
