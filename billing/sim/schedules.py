"""Subscription schedules: prices that change by themselves at the turn of a billing period."""

from __future__ import annotations

from typing import Any

from billing.sim.errors import bad_request, missing_param
from billing.sim.events import emit
from billing.sim.params import Params, integer, mapping, required, sequence, text
from billing.sim.periods import boundary, next_boundary
from billing.sim.routing import PAGED, route
from billing.sim.state import Obj, Store, new_id
from billing.sim.subscription_items import new_item, rhythm
from billing.sim.views import page, shown

PHASE = frozenset(
    {"items", "start_date", "end_date", "duration", "default_tax_rates", "proration_behavior"}
)


def create_schedule(store: Store, params: Params) -> Obj:
    ident = required(params, "from_subscription")
    subscription = store.get("subscriptions", ident, param="from_subscription")
    if subscription["schedule"]:
        raise bad_request("The subscription is attached to a schedule.", param="from_subscription")
    if subscription["status"] not in ("trialing", "active", "past_due", "unpaid"):
        raise bad_request("The subscription has ended.", param="from_subscription")
    first = min(subscription["_items"], key=lambda item: int(item["current_period_end"]))
    schedule: Obj = {
        "id": new_id("sub_sched"),
        "object": "subscription_schedule",
        "application": None,
        "billing_mode": subscription["billing_mode"],
        "canceled_at": None,
        "completed_at": None,
        "created": store.now(),
        "current_phase": None,
        "customer": subscription["customer"],
        "customer_account": None,
        "default_settings": {
            "application_fee_percent": None,
            "automatic_tax": None,
            "billing_cycle_anchor": "automatic",
            "billing_thresholds": None,
            "collection_method": subscription["collection_method"],
            "default_payment_method": subscription["default_payment_method"],
            "description": None,
            "invoice_settings": {
                "account_tax_ids": None,
                "custom_fields": None,
                "days_until_due": subscription["days_until_due"],
                "description": None,
                "footer": None,
                "issuer": {"type": "self"},
            },
            "on_behalf_of": None,
            "transfer_data": None,
        },
        "end_behavior": "release",
        "livemode": False,
        "metadata": {},
        "pause_schedules": [],
        "phases": [
            _phase(
                store,
                subscription,
                (first["current_period_start"], first["current_period_end"]),
                [_asked(one["_price"], one.get("quantity")) for one in subscription["_items"]],
                [rate["id"] for rate in subscription["default_tax_rates"]],
            )
        ],
        "released_at": None,
        "released_subscription": None,
        "status": "active",
        "subscription": subscription["id"],
        "test_clock": None,
    }
    _stand(schedule, store.now())
    store.put("subscription_schedules", schedule)
    subscription["schedule"] = schedule["id"]
    emit(store, "subscription_schedule.created", schedule)
    emit(store, "customer.subscription.updated", subscription, {"schedule": None})
    return shown(store, schedule)


def retrieve_schedule(store: Store, params: Params, ident: str) -> Obj:
    return shown(store, store.get("subscription_schedules", ident, status=404))


def list_schedules(store: Store, params: Params) -> Obj:
    customer = text(params, "customer")
    rows = [
        row for row in store.newest("subscription_schedules") if customer in (None, row["customer"])
    ]
    return page(store, "/v1/subscription_schedules", rows, params)


def update_schedule(store: Store, params: Params, ident: str) -> Obj:
    schedule = store.get("subscription_schedules", ident, status=404)
    if schedule["status"] != "active":
        raise bad_request("You cannot update a schedule that is no longer active.")
    if "end_behavior" in params:
        schedule["end_behavior"] = _released(text(params, "end_behavior"))
    if "phases" in params:
        schedule["phases"] = _phases(store, schedule, sequence(params, "phases"))
    _stand(schedule, store.now())
    emit(store, "subscription_schedule.updated", schedule, {})
    return shown(store, schedule)


def _released(behavior: str | None) -> str:
    if behavior != "release":
        raise bad_request("The simulator releases at the end only.", param="end_behavior")
    return behavior


def _phases(store: Store, schedule: Obj, given: list[Params]) -> list[Obj]:
    """The current phase stays as it is; past ones may be left out."""
    subscription = store.get("subscriptions", schedule["subscription"])
    current = schedule["current_phase"]
    phases: list[Obj] = []
    for number, one in enumerate(given):
        if unknown := set(one) - PHASE:
            name = f"phases[{number}][{min(unknown)}]"
            raise bad_request(f"Received unknown parameter: {name}", param=name)
        start = _start(one, phases)
        rates = sequence(one, "default_tax_rates")
        period = (start, _end(store, subscription, one, start))
        phase = _phase(store, subscription, period, sequence(one, "items"), rates)
        if phases and text(one, "proration_behavior") == "none":
            # Stripe would not bill the usage of a metered price that a phase takes away so.
            raise bad_request(
                "The simulator changes metered prices with create_prorations only.",
                param="phases[proration_behavior]",
            )
        if phases:
            _check_leaving(store, subscription, phases[-1], phase)
        phases.append(phase)
    if not phases or current is None or phases[0]["start_date"] != current["start_date"]:
        raise bad_request("The first phase is the current one.", param="phases[0][start_date]")
    if _prices(phases[0]) != [(i["_price"], i.get("quantity")) for i in subscription["_items"]]:
        raise bad_request("The simulator does not change the current phase.", param="phases")
    return phases


def _end(store: Store, subscription: Obj, given: Params, start: int) -> int:
    end, duration = integer(given, "end_date"), mapping(given, "duration")
    if (end is None) is (not duration):
        raise bad_request("A phase has an end_date or a duration.", param="phases")
    if end is None:
        count = integer(duration, "interval_count") or 1
        end = boundary(start, required(duration, "interval"), count, 1)
    ends = [_turns(store, subscription, item["_price"], end) for item in subscription["_items"]]
    if end <= start or not any(ends):
        raise bad_request("The simulator ends a phase with a period.", param="phases[end_date]")
    return end


def _start(given: Params, phases: list[Obj]) -> int:
    start = integer(given, "start_date")
    start = phases[-1]["end_date"] if start is None and phases else start
    if start is None:
        raise missing_param("phases[0][start_date]")
    if phases and start != phases[-1]["end_date"]:
        raise bad_request("A phase begins where the one before ends.", param="phases")
    return start


def _turns(store: Store, subscription: Obj, price: str, moment: int) -> bool:
    every = rhythm(store, {"_price": price})
    return next_boundary(subscription["billing_cycle_anchor"], *every, after=moment - 1) == moment


def _check_leaving(store: Store, subscription: Obj, before: Obj, after: Obj) -> None:
    """A price that a phase takes away has reached the end of its own period."""
    stay = _prices(after)
    for price, quantity in _prices(before):
        if (price, quantity) not in stay and not _turns(
            store, subscription, price, after["start_date"]
        ):
            raise bad_request(
                "The simulator changes a price where its own period ends.", param="phases"
            )


def _phase(
    store: Store, subscription: Obj, period: tuple[int, int], items: list[Params], rates: list[str]
) -> Obj:
    if not items:
        raise missing_param("phases[items]")
    # Refuses what no subscription could hold.
    made = [new_item(store, one, subscription["id"], *period) for one in items]
    plain: dict[str, Any] = dict.fromkeys((
        "application_fee_percent", "automatic_tax", "billing_cycle_anchor", "billing_thresholds",
        "collection_method", "default_payment_method", "description", "invoice_settings",
        "on_behalf_of", "transfer_data", "trial_end",
    ))  # fmt: skip
    return plain | {
        "add_invoice_items": [],
        "currency": subscription["currency"],
        "default_tax_rates": [store.get("tax_rates", one, param="phases") for one in rates],
        "discounts": [],
        "end_date": period[1],
        "items": [
            {
                "billing_thresholds": None,
                "discounts": [],
                "metadata": {},
                "plan": one["_price"],
                "price": one["_price"],
                "tax_rates": [],
            }
            | ({"quantity": one["quantity"]} if "quantity" in one else {})
            for one in made
        ],
        "metadata": {},
        "proration_behavior": "create_prorations",
        "start_date": period[0],
    }


def _asked(price: str, quantity: int | None) -> Params:
    return {"price": price} if quantity is None else {"price": price, "quantity": str(quantity)}


def _prices(phase: Obj) -> list[tuple[str, int | None]]:
    return [(one["price"], one.get("quantity")) for one in phase["items"]]


def _stand(schedule: Obj, now: int) -> None:
    schedule["current_phase"] = next(
        (
            {"start_date": one["start_date"], "end_date": one["end_date"]}
            for one in schedule["phases"]
            if one["start_date"] <= now < one["end_date"]
        ),
        None,
    )


def next_items(store: Store, subscription: Obj, turn: int) -> list[Obj]:
    """The items of the period that begins at `turn`: an item whose price stays is the same."""
    phase = _phase_from(store, subscription, turn)
    items: list[Obj] = subscription["_items"]
    if phase is None:
        return items
    period = (turn, turn)
    held = {(item["_price"], item.get("quantity")): item for item in items}
    return [
        held.get((one["price"], one.get("quantity")))
        or new_item(store, _asked(one["price"], one.get("quantity")), subscription["id"], *period)
        for one in phase["items"]
    ]


def enter_phase(store: Store, subscription: Obj, turn: int) -> None:
    """At the turn of a period; after the last phase the schedule lets go of the subscription."""
    if not subscription["schedule"]:
        return
    schedule = store.get("subscription_schedules", subscription["schedule"])
    phase = _phase_from(store, subscription, turn)
    _stand(schedule, turn)
    if phase is not None:
        # Each phase says the tax rates anew.
        subscription["default_tax_rates"] = phase["default_tax_rates"]
        emit(store, "subscription_schedule.updated", schedule, {})
    elif turn >= schedule["phases"][-1]["end_date"]:
        release(store, schedule)


def _phase_from(store: Store, subscription: Obj, turn: int) -> Obj | None:
    if not subscription["schedule"]:
        return None
    schedule = store.get("subscription_schedules", subscription["schedule"])
    return next((one for one in schedule["phases"] if one["start_date"] == turn), None)


def release(store: Store, schedule: Obj) -> None:
    subscription = store.get("subscriptions", schedule["subscription"])
    schedule |= {
        "status": "released",
        "current_phase": None,
        "released_at": store.now(),
        "released_subscription": subscription["id"],
        "subscription": None,
    }
    subscription["schedule"] = None
    emit(store, "subscription_schedule.released", schedule)


def release_schedule(store: Store, params: Params, ident: str) -> Obj:
    schedule = store.get("subscription_schedules", ident, status=404)
    if schedule["status"] != "active":
        raise bad_request("You cannot release a schedule that is no longer active.")
    release(store, schedule)
    return shown(store, schedule)


ROUTES = [
    route("POST", "/v1/subscription_schedules", create_schedule, "from_subscription"),
    route("GET", "/v1/subscription_schedules", list_schedules, f"{PAGED} customer"),
    route("GET", "/v1/subscription_schedules/{id}", retrieve_schedule),
    route(
        "POST",
        "/v1/subscription_schedules/{id}",
        update_schedule,
        "end_behavior phases proration_behavior",
    ),
    route("POST", "/v1/subscription_schedules/{id}/release", release_schedule),
]
