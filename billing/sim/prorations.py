"""What a change within a period credits and charges: items that wait for an invoice, by the second."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from billing.sim.invoice_items import new_pending
from billing.sim.lines import priced, rounded
from billing.sim.state import Obj, Store
from billing.sim.subscription_items import counted_from, is_metered, whole_period
from billing.sim.usage import total


def _day(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%d %b %Y")


def _named(store: Store, item: Obj) -> str:
    price = store.get("prices", item["_price"])
    name = store.get("products", price["product"])["name"]
    quantity = item.get("quantity") or 1
    return f"{quantity} × {name}" if quantity != 1 else str(name)


def _share(store: Store, subscription: Obj, item: Obj, start: int) -> Decimal:
    """The part of its price that falls on the time from `start` to the end of its period."""
    opening, end = whole_period(store, item, subscription["billing_cycle_anchor"])
    price = store.get("prices", item["_price"])
    full = priced(price, Decimal(item["quantity"]))
    return full * (end - start) / (end - opening)


def _waiting(
    store: Store, subscription: Obj, item: Obj, amount: int, described: str, start: int, end: int
) -> Obj:
    price = store.get("prices", item["_price"])
    unit = None if price["billing_scheme"] == "tiered" else price["unit_amount_decimal"]
    return new_pending(
        store,
        subscription["customer"],
        amount,
        price["currency"],
        described,
        period={"start": start, "end": end},
        price=(price["id"], price["product"], unit),
        metadata=price["metadata"],
        parent=(subscription["id"], item["id"]),
        quantity=item.get("quantity") or 1,
    )


def credit(store: Store, subscription: Obj, item: Obj, at: int) -> None:
    end = item["current_period_end"]
    amount = -rounded(_share(store, subscription, item, at))
    if amount:
        described = f"Unused time on {_named(store, item)} after {_day(at)}"
        _waiting(store, subscription, item, amount, described, at, end)


def charge(store: Store, subscription: Obj, item: Obj, at: int) -> None:
    end = item["current_period_end"]
    amount = rounded(_share(store, subscription, item, at))
    if amount:
        described = f"Remaining time on {_named(store, item)} after {_day(at)}"
        _waiting(store, subscription, item, amount, described, at, end)


def charge_usage(store: Store, subscription: Obj, item: Obj, at: int) -> None:
    """What a metered item has counted until now, since it does not reach its period's end."""
    price = store.get("prices", item["_price"])
    start = counted_from(item)
    used = total(store, price["recurring"]["meter"], subscription["customer"], start, at)
    amount = rounded(priced(price, used))
    if used:
        described = f"{used.normalize():f} × {_named(store, item)} until {_day(at)}"
        _waiting(store, subscription, item, amount, described, start, at)
    item["_counted_from"] = at


def credit_unused(store: Store, subscription: Obj, at: int) -> None:
    for item in subscription["_items"]:
        if not is_metered(store, item) and item["current_period_end"] > at:
            credit(store, subscription, item, at)
