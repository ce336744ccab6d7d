"""Events: written with the change they tell of, listed by the API, handed to the courier."""

from __future__ import annotations

import time

from billing.sim.errors import bad_request
from billing.sim.params import Params, boolean, merged_metadata, required, sequence, text, within
from billing.sim.routing import PAGED, route
from billing.sim.state import API_VERSION, DAY, Obj, Store, copied, new_id
from billing.sim.views import page, shown

KEPT = 30 * DAY


def emit(store: Store, kind: str, obj: Obj, previous: Obj | None = None) -> None:
    record(store, kind, shown(store, obj), previous)


def record(store: Store, kind: str, seen: Obj, previous: Obj | None = None) -> None:
    """`seen` as the API shows it."""
    data: Obj = {"object": copied(seen)}
    if previous is not None:
        data["previous_attributes"] = copied(previous)
    event = {
        "id": new_id("evt"),
        "object": "event",
        "account": None,
        "api_version": API_VERSION,
        "context": None,
        "created": store.now(),
        "data": data,
        "livemode": False,
        "pending_webhooks": 0,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
    }
    store.put("events", event)
    _address(store, event)
    _forget(store)


def _address(store: Store, event: Obj) -> None:
    receivers = ["cli"] + [
        endpoint["id"]
        for endpoint in store.table("webhook_endpoints").values()
        if endpoint["status"] == "enabled"
        and {"*", event["type"]} & set(endpoint["enabled_events"])
    ]
    event["pending_webhooks"] += deliver_to(store, event["id"], receivers)


def deliver_to(store: Store, event: str, receivers: list[str]) -> int:
    mode, waiting = store.data["webhooks"], 0
    for receiver in receivers:
        row = {
            "event": event,
            "endpoint": receiver,
            "state": "pending",
            "copies": 2 if mode["duplicate"] else 1,
            "attempts": 0,
            "next_at": time.time(),
            "error": None,
        }
        if mode["drop"] > 0:
            mode["drop"] -= 1
            row["state"] = "dropped"
        else:
            waiting += 1
        store.data["deliveries"].append(row)
    return waiting


def _forget(store: Store) -> None:
    """Once a day: a look at each is dear."""
    rows = store.table("events")
    if store.now() < store.data["forgot_at"] + DAY:
        return
    store.data["forgot_at"] = store.now()
    waiting = {row["event"] for row in store.data["deliveries"] if row["state"] == "pending"}
    gone = {
        ident
        for ident, event in rows.items()
        if event["created"] < store.now() - KEPT and ident not in waiting
    }
    for ident in gone:
        del rows[ident]
    store.data["deliveries"] = [row for row in store.data["deliveries"] if row["event"] not in gone]


def _delivered(store: Store, event: str) -> bool:
    states = {row["state"] for row in store.data["deliveries"] if row["event"] == event}
    return states <= {"delivered"}


def list_events(store: Store, params: Params) -> Obj:
    types = sequence(params, "types") or [kind for kind in [text(params, "type")] if kind]
    rows = [
        event
        for event in store.newest("events")
        if within(params.get("created"), event["created"]) and (not types or event["type"] in types)
    ]
    if "delivery_success" in params:
        wanted = boolean(params, "delivery_success")
        rows = [event for event in rows if _delivered(store, event["id"]) is wanted]
    return page(store, "/v1/events", rows, params)


def retrieve_event(store: Store, params: Params, ident: str) -> Obj:
    return shown(store, store.get("events", ident, status=404))


def create_endpoint(store: Store, params: Params) -> Obj:
    version = text(params, "api_version") or API_VERSION
    if version != API_VERSION:
        raise bad_request(f"Invalid Stripe API version: {version}", param="api_version")
    secret = new_id("whsec")
    endpoint = {
        "id": new_id("we"),
        "object": "webhook_endpoint",
        "api_version": version,
        "application": None,
        "created": store.now(),
        "description": text(params, "description"),
        "enabled_events": sequence(params, "enabled_events"),
        "livemode": False,
        "metadata": merged_metadata({}, params),
        "status": "enabled",
        "url": required(params, "url"),
        "_secret": secret,
    }
    store.put("webhook_endpoints", endpoint)
    return shown(store, endpoint) | {"secret": secret}


def list_endpoints(store: Store, params: Params) -> Obj:
    return page(store, "/v1/webhook_endpoints", store.newest("webhook_endpoints"), params)


def retrieve_endpoint(store: Store, params: Params, ident: str) -> Obj:
    return shown(store, store.get("webhook_endpoints", ident, status=404))


def delete_endpoint(store: Store, params: Params, ident: str) -> Obj:
    store.get("webhook_endpoints", ident, status=404)
    del store.table("webhook_endpoints")[ident]
    return {"id": ident, "object": "webhook_endpoint", "deleted": True}


ROUTES = [
    route("GET", "/v1/events", list_events, f"{PAGED} created type types delivery_success"),
    route("GET", "/v1/events/{id}", retrieve_event),
    route(
        "POST",
        "/v1/webhook_endpoints",
        create_endpoint,
        "url enabled_events api_version description metadata",
    ),
    route("GET", "/v1/webhook_endpoints", list_endpoints, PAGED),
    route("GET", "/v1/webhook_endpoints/{id}", retrieve_endpoint),
    route("DELETE", "/v1/webhook_endpoints/{id}", delete_endpoint),
]
