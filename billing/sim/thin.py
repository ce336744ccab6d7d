"""Thin events: delivered without their data, which is fetched from `/v2/core/events`."""

from __future__ import annotations

from datetime import UTC, datetime

from billing.sim.events import deliver_to
from billing.sim.params import Params, mapping, sequence, text
from billing.sim.routing import route
from billing.sim.state import Obj, Store, new_id

HIDDEN = ("data",)


def stamp(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def emit_thin(store: Store, kind: str, data: Obj, related: Obj | None) -> Obj:
    """Told to the product's own address only; event destinations are not simulated."""
    event: Obj = {
        "id": new_id("evt_test"),
        "object": "v2.core.event",
        "context": None,
        "created": stamp(store.now()),
        "data": data,
        "livemode": False,
        "reason": None,
        "type": kind,
        "_created": store.now(),
    }
    if related is not None:
        event["related_object"] = {
            "id": related["id"],
            "type": related["object"],
            "url": f"/v1/billing/meters/{related['id']}",
        }
    store.put("thin_events", event)
    deliver_to(store, event["id"], ["cli"])
    return event


def payload(event: Obj) -> Obj:
    """What the webhook carries."""
    return {
        key: value for key, value in event.items() if not key.startswith("_") and key not in HIDDEN
    }


def _whole(event: Obj) -> Obj:
    return {key: value for key, value in event.items() if not key.startswith("_")}


def retrieve_thin(store: Store, params: Params, ident: str) -> Obj:
    return _whole(store.get("thin_events", ident, status=404))


def list_thin(store: Store, params: Params) -> Obj:
    types, created = sequence(params, "types"), mapping(params, "created")
    since = text(created, "gte") or text(created, "gt") or ""
    rows = [
        _whole(event)
        for event in store.newest("thin_events")
        if (not types or event["type"] in types) and event["created"] >= since
    ]
    return {"data": rows, "next_page_url": None, "previous_page_url": None}


ROUTES = [
    route("GET", "/v2/core/events", list_thin, "created limit object_id types"),
    route("GET", "/v2/core/events/{id}", retrieve_thin),
]
