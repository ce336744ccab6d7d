"""Meters and what they counted.

Usage is kept as totals per window, not as events: a window is the hour or day of a
pre-aggregated meter, and the second itself for any other.
"""

from __future__ import annotations

from decimal import Decimal

from billing.sim.catalogue import plain
from billing.sim.errors import ApiError, bad_request, missing_param
from billing.sim.events import emit
from billing.sim.meter_errors import reject, told_to_reject
from billing.sim.params import Params, decimal, integer, mapping, required, text
from billing.sim.routing import PAGED, route
from billing.sim.state import DAY, Obj, Store, new_id
from billing.sim.views import list_object, page, shown

HOUR = 3600
PAST, FUTURE = 35 * DAY, 300
WINDOWS = {"hour": HOUR, "day": DAY}


def create_meter(store: Store, params: Params) -> Obj:
    event_name = required(params, "event_name")
    if any(
        row["event_name"] == event_name and row["status"] == "active"
        for row in store.table("meters").values()
    ):
        raise bad_request(
            f"There is already an active meter with event name {event_name}.", param="event_name"
        )
    formula = required(mapping(params, "default_aggregation"), "formula")
    window = text(params, "event_time_window")
    if formula not in ("sum", "count", "last"):
        raise bad_request(f"Invalid formula: {formula}", param="default_aggregation[formula]")
    if window is not None and window not in WINDOWS:
        raise bad_request(f"Invalid event_time_window: {window}", param="event_time_window")
    customer_key = text(mapping(params, "customer_mapping"), "event_payload_key")
    value_key = text(mapping(params, "value_settings"), "event_payload_key")
    meter = {
        "id": new_id("mtr"),
        "object": "billing.meter",
        "created": store.now(),
        "customer_mapping": {
            "event_payload_key": customer_key or "stripe_customer_id",
            "type": "by_id",
        },
        "default_aggregation": {"formula": formula},
        "display_name": required(params, "display_name"),
        "event_name": event_name,
        "event_time_window": window,
        "livemode": False,
        "status": "active",
        "status_transitions": {"deactivated_at": None},
        "updated": store.now(),
        "value_settings": {"event_payload_key": value_key or "value"},
    }
    store.put("meters", meter)
    emit(store, "billing.meter.created", meter)
    return shown(store, meter)


def retrieve_meter(store: Store, params: Params, ident: str) -> Obj:
    return shown(store, store.get("meters", ident, status=404))


def list_meters(store: Store, params: Params) -> Obj:
    status = text(params, "status")
    rows = [row for row in store.newest("meters") if status in (None, row["status"])]
    return page(store, "/v1/billing/meters", rows, params)


def _meter_named(store: Store, event_name: str) -> Obj:
    for meter in store.table("meters").values():
        if meter["event_name"] == event_name and meter["status"] == "active":
            return meter
    raise ApiError(
        400,
        f"No active meter found for event name: {event_name}.",
        code="no_meter",
        param="event_name",
    )


def _claim(store: Store, identifier: str) -> None:
    seen: dict[str, int] = store.data["identifiers"]
    for known in [key for key, at in seen.items() if at <= store.now() - DAY]:
        del seen[known]
        store.data["counted"].pop(known, None)
    if identifier in seen:
        raise bad_request(f"An event already exists with identifier {identifier}.")
    store.note(store.now(), "identifiers", identifier)


def _stamp(params: Params, now: int) -> int:
    stamp = integer(params, "timestamp")
    stamp = now if stamp is None else stamp
    if stamp < now - PAST:
        raise bad_request(
            "The timestamp must be within the past 35 calendar days.",
            param="timestamp",
            code="timestamp_too_far_in_past",
        )
    if stamp > now + FUTURE:
        raise bad_request(
            "The timestamp must not be more than 5 minutes in the future.",
            param="timestamp",
            code="timestamp_in_future",
        )
    return stamp


def create_event(store: Store, params: Params) -> Obj:
    meter = _meter_named(store, required(params, "event_name"))
    payload = mapping(params, "payload")
    if not payload:
        raise missing_param("payload")
    customer = required(payload, meter["customer_mapping"]["event_payload_key"])
    formula = meter["default_aggregation"]["formula"]
    value = Decimal(1)
    if formula != "count":
        given = decimal(payload, meter["value_settings"]["event_payload_key"])
        if given is None:
            raise missing_param("payload[value]")
        value = given
    now = store.now()
    stamp = _stamp(params, now)
    identifier = text(params, "identifier") or new_id("mevt")
    if len(identifier) > 100:
        raise bad_request("An identifier has at most 100 characters.", param="identifier")
    _claim(store, identifier)
    wrong = told_to_reject(store)
    if customer not in store.table("customers"):
        wrong = "meter_event_customer_not_found"
    if wrong:
        reject(store, meter, identifier, wrong)
    else:
        _count(store, meter, customer, value, stamp, identifier)
    return {
        "object": "billing.meter_event",
        "created": now,
        "event_name": meter["event_name"],
        "identifier": identifier,
        "livemode": False,
        "payload": payload,
        "timestamp": stamp,
    }


def _count(
    store: Store, meter: Obj, customer: str, value: Decimal, stamp: int, identifier: str
) -> None:
    windows = store.data["usage"].setdefault(meter["id"], {}).setdefault(customer, {})
    size = WINDOWS.get(meter["event_time_window"] or "", 1)
    key = str(stamp - stamp % size)
    last = size > 1 or meter["default_aggregation"]["formula"] == "last"
    held = windows.get(key)
    if held is not None and not last:
        # Every event of a meter without windows counts for itself: seconds are told apart.
        key = f"{key}:{identifier}"
    row = {"value": plain(value), "timestamp": stamp, "identifier": identifier}
    if held is not None and last and stamp < held["timestamp"]:
        return
    store.note(row, "usage", meter["id"], customer, key)
    store.note({"meter": meter["id"], "customer": customer, "key": key}, "counted", identifier)


def total(store: Store, meter: str, customer: str, start: int, end: int) -> Decimal:
    windows: dict[str, Obj] = store.data["usage"].get(meter, {}).get(customer, {})
    inside = [row for row in windows.values() if start <= row["timestamp"] < end]
    formula = store.get("meters", meter)["default_aggregation"]["formula"]
    if formula == "last":
        inside = sorted(inside, key=lambda row: row["timestamp"])[-1:]
    return sum((Decimal(row["value"]) for row in inside), Decimal(0))


def list_summaries(store: Store, params: Params, ident: str) -> Obj:
    meter = store.get("meters", ident, status=404)
    customer = required(params, "customer")
    store.get("customers", customer, param="customer")
    start, end = int(required(params, "start_time")), int(required(params, "end_time"))
    grouping = text(params, "value_grouping_window")
    if grouping is not None and grouping not in WINDOWS:
        raise bad_request(
            f"Invalid value_grouping_window: {grouping}", param="value_grouping_window"
        )
    step = WINDOWS[grouping] if grouping else end - start
    grain = WINDOWS[grouping] if grouping else 60
    if start >= end or start % grain or end % grain:
        raise bad_request(
            f"start_time and end_time must rise and align with {grouping or 'minute'} boundaries.",
            param="start_time",
        )
    rows = [
        {
            "id": f"mtrusg_sim_{ident[4:12]}_{customer[4:12]}_{at}_{at + step}",
            "object": "billing.meter_event_summary",
            "end_time": at + step,
            "livemode": False,
            "meter": meter["id"],
            "start_time": at,
        }
        for at in reversed(range(start, end, step))
    ]
    url = f"/v1/billing/meters/{ident}/event_summaries"
    answer = page(store, url, rows, params) if grouping else list_object(url, rows)
    for row in answer["data"]:
        counted = total(store, meter["id"], customer, row["start_time"], row["end_time"])
        row["aggregated_value"] = float(counted)
    return answer


ROUTES = [
    route(
        "POST",
        "/v1/billing/meters",
        create_meter,
        "customer_mapping default_aggregation display_name event_name event_time_window"
        " value_settings",
    ),
    route("GET", "/v1/billing/meters", list_meters, f"{PAGED} status"),
    route("GET", "/v1/billing/meters/{id}", retrieve_meter),
    route(
        "GET",
        "/v1/billing/meters/{id}/event_summaries",
        list_summaries,
        f"{PAGED} customer start_time end_time value_grouping_window",
    ),
    route(
        "POST",
        "/v1/billing/meter_events",
        create_event,
        "event_name identifier payload timestamp",
        journaled=True,
    ),
]
