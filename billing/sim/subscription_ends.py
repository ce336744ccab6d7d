"""When a subscription is to end."""

from __future__ import annotations

from billing.sim.errors import bad_request
from billing.sim.params import Params, boolean, text
from billing.sim.state import Obj, Store
from billing.sim.subscription_items import last_turn, next_turn

ENDS = {"cancel_at", "cancel_at_period_end"}


def update_end(store: Store, subscription: Obj, params: Params) -> None:
    if not ENDS & set(params):
        return
    if subscription["schedule"]:
        raise bad_request(
            "The subscription is managed by the subscription schedule"
            f" `{subscription['schedule']}`, and updating any cancelation behavior directly is not"
            " allowed. Please update the schedule instead."
        )
    if boolean(params, "cancel_at_period_end") and next_turn(subscription) != last_turn(
        subscription
    ):
        raise bad_request(
            "The items end at different times: use cancel_at with min_period_end or"
            " max_period_end.",
            param="cancel_at_period_end",
        )
    subscription["_credits_rest"] = text(params, "proration_behavior") != "none"
    if "cancel_at" in params:
        subscription["cancel_at"] = _cancel_at(subscription, text(params, "cancel_at"))
    subscription["cancel_at_period_end"] = boolean(
        params, "cancel_at_period_end", default=subscription["cancel_at_period_end"]
    )
    scheduled = subscription["cancel_at"] or subscription["cancel_at_period_end"]
    subscription["canceled_at"] = store.now() if scheduled else None


def _cancel_at(subscription: Obj, given: str | None) -> int | None:
    ends = {"min_period_end": next_turn(subscription), "max_period_end": last_turn(subscription)}
    ends["max_billed_until"] = ends["max_period_end"]
    if given is None or given in ends:
        return ends[given] if given else None
    return int(given)
