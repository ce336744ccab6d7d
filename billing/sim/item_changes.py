"""Other prices, other quantities, items that come and go: what they credit and charge.

Usage that a metered item has counted is charged at its price when the item goes or its price
changes, unless nothing is to be prorated: then the whole period has the new price.
"""

from __future__ import annotations

from billing.sim.errors import bad_request, missing_object
from billing.sim.params import Params, boolean, integer, required, text
from billing.sim.periods import next_boundary
from billing.sim.prorations import charge, charge_usage, credit
from billing.sim.state import Obj, Store
from billing.sim.subscription_items import (
    check_rhythms,
    is_metered,
    new_item,
    plan_of,
    rhythm,
)

FIELDS = {"id", "price", "quantity", "deleted", "metadata"}


class Change:
    """Of one subscription's items, as of `at`; `prorated` says whether anything is credited."""

    def __init__(self, store: Store, subscription: Obj, at: int, *, prorated: bool) -> None:
        self.store, self.subscription, self.at = store, subscription, at
        self.free = subscription["status"] == "trialing"
        self.prorated = prorated and not self.free

    def apply(self, given: list[Params]) -> None:
        held = {item["id"]: item for item in self.subscription["_items"]}
        for one in given:
            if unknown := set(one) - FIELDS:
                name = f"items[{min(unknown)}]"
                raise bad_request(f"Received unknown parameter: {name}", param=name)
            ident = text(one, "id")
            if ident is None:
                self._add(one)
            elif ident not in held:
                raise missing_object("subscription_item", ident, param="items[id]")
            elif boolean(one, "deleted"):
                self._remove(held[ident])
            else:
                self._alter(held[ident], one)
        if not self.subscription["_items"]:
            raise bad_request("A subscription must have at least one active item.", param="items")
        check_rhythms(self.store, self.subscription["_items"])

    def _leave(self, item: Obj) -> None:
        if not self.prorated:
            return
        if is_metered(self.store, item):
            charge_usage(self.store, self.subscription, item, self.at)
        else:
            credit(self.store, self.subscription, item, self.at)

    def _remove(self, item: Obj) -> None:
        self._leave(item)
        self.subscription["_items"].remove(item)

    def _add(self, given: Params) -> None:
        item = new_item(self.store, given, self.subscription["id"], self.at, self.at)
        self._place(item)
        self.subscription["_items"].append(item)
        if self.prorated and not is_metered(self.store, item):
            charge(self.store, self.subscription, item, self.at)

    def _place(self, item: Obj) -> None:
        """Into the period by the calendar that runs, or the trial."""
        anchor = self.subscription["billing_cycle_anchor"]
        end = next_boundary(anchor, *rhythm(self.store, item), after=self.at)
        item["current_period_end"] = end = anchor if self.free else end
        item["billed_until"] = None if is_metered(self.store, item) else end

    def _alter(self, item: Obj, given: Params) -> None:
        quantity = integer(given, "quantity")
        before = rhythm(self.store, item), is_metered(self.store, item)
        price = self.store.get(
            "prices", text(given, "price") or item["_price"], param="items[price]"
        )
        if price["id"] == item["_price"] and quantity in (None, item.get("quantity")):
            return
        self._check(given, item, price)
        self._leave(item)
        item |= {"_price": price["id"], "plan": plan_of(price)}
        if quantity is not None:
            item["quantity"] = quantity
        if (rhythm(self.store, item), before[1]) != before:
            item["current_period_start"] = self.at
            self._place(item)
        if self.prorated and not before[1]:
            charge(self.store, self.subscription, item, self.at)

    def _check(self, given: Params, item: Obj, price: Obj) -> None:
        recurring = price["recurring"]
        if recurring is None or not price["active"]:
            raise bad_request("The price must be active and recurring.", param="items[price]")
        metered = recurring["usage_type"] == "metered"
        if metered is not is_metered(self.store, item):
            raise bad_request(
                "The simulator changes licensed for licensed and metered for metered prices.",
                param="items[price]",
            )
        if metered and "quantity" in given:
            raise bad_request(
                "Quantity should not be specified where usage_type is `metered`.",
                param="items[quantity]",
            )
        if "quantity" in given:
            required(given, "quantity")
