"""Prices of a subscription that change at the turn of a period, by a schedule of Stripe's.

Not tried at Stripe yet: that the invoice of a turn charges the usage of a metered price that the next
phase replaces whole, and that usage reported late for the old period keeps the old price.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from billing.stripe_calls import keyed, plain, translated
from billing.stripe_params import Json, digest


class Schedules:
    _v1: Any

    def change_prices(
        self, subscription: str, changes: Sequence[Mapping[str, Any]], idempotency_key: str
    ) -> Json:
        """`changes` are `{"start": the first second of a period, "items": as at the creation}`, in
        order; they take the place of those said before. Answers the schedule's `id` and the prices
        that came too `late` for the period that runs."""
        with translated():
            held = plain(self._v1.subscriptions.retrieve(subscription))
            ident = held["schedule"]
            if ident is None:
                wanted: Any = {"from_subscription": subscription}
                made = self._v1.subscription_schedules.create(
                    wanted, keyed(f"{idempotency_key}:schedule")
                )
                ident = made.id
            schedule = plain(self._v1.subscription_schedules.retrieve(ident))
            turn = min(item["current_period_end"] for item in held["items"]["data"])
            phases, late = schedule_phases(_current(schedule), changes, turn=turn)
            if phases:
                self._v1.subscription_schedules.update(
                    ident,
                    {"phases": phases, "end_behavior": "release"},
                    keyed(f"{idempotency_key}:{digest(phases)}"),
                )
        return {"id": ident, "late": late}


def _current(schedule: Json) -> Json:
    start = schedule["current_phase"]["start_date"]
    phase: Json = next(one for one in schedule["phases"] if one["start_date"] == start)
    return phase


def schedule_phases(
    current: Json, changes: Sequence[Mapping[str, Any]], *, turn: int
) -> tuple[list[Json], list[str]]:
    """The phases of a schedule that goes over to other prices at the turns of periods; `turn` ends
    the period that runs. The current phase is never changed, so that no period has two prices:
    what came too late for it begins at `turn`, and its prices are answered beside.

    A phase that took a metered price away without prorations would leave its usage unbilled; at
    a turn there is nothing else to prorate.
    """
    rates = [rate if isinstance(rate, str) else rate["id"] for rate in current["default_tax_rates"]]
    held = [_phase_item(item) for item in current["items"]]
    coming = [change for change in changes if change["start"] >= turn]
    missed = [change for change in changes if change["start"] < turn][-1:]
    late = [item["price"] for change in missed for item in change["items"] if item not in held]
    if late and (not coming or coming[0]["start"] > turn):
        coming.insert(0, {"start": turn, "items": missed[0]["items"]})
    if not coming:
        return [], late
    phases: list[Json] = [{"start_date": current["start_date"], "items": held}]
    for change in coming:
        phases[-1]["end_date"] = change["start"]
        phases.append({"items": list(change["items"]), "proration_behavior": "create_prorations"})
    phases[-1]["duration"] = {"interval": "month", "interval_count": 1}
    if rates:
        phases = [phase | {"default_tax_rates": rates} for phase in phases]
    return phases, late


def _phase_item(item: Json) -> Json:
    price = item["price"]
    found: Json = {"price": price if isinstance(price, str) else price["id"]}
    return found if item.get("quantity") is None else found | {"quantity": item["quantity"]}
