"""The simulator as a WSGI application: keys, versions, idempotency, errors, routes."""

from __future__ import annotations

import copy
import hashlib
import hmac
import json
import re
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from billing.sim import (
    balance,
    catalogue,
    checkout,
    credit_notes,
    customers,
    deletion,
    disputes,
    events,
    grants,
    invoice_items,
    invoices,
    meter_errors,
    pausing,
    portal,
    previews,
    schedules,
    subscription_changes,
    subscriptions,
    tax_ids,
    thin,
    updates,
    usage,
)
from billing.sim.clock import settle
from billing.sim.control import CONTROLS
from billing.sim.doors import open_door
from billing.sim.errors import ApiError, bad_request
from billing.sim.faults import fault_for, overloaded
from billing.sim.params import Params, decode, sequence
from billing.sim.routing import Route
from billing.sim.state import API_VERSION, DAY, Obj, Store, new_id
from billing.sim.typed import check
from billing.sim.views import expand

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

ROUTES: list[Route] = [
    *catalogue.ROUTES,
    *usage.ROUTES,
    *meter_errors.ROUTES,
    *thin.ROUTES,
    *customers.ROUTES,
    *balance.ROUTES,
    *tax_ids.ROUTES,
    *deletion.ROUTES,
    *checkout.ROUTES,
    *portal.ROUTES,
    *subscriptions.ROUTES,
    *subscription_changes.ROUTES,
    *updates.ROUTES,
    *pausing.ROUTES,
    *schedules.ROUTES,
    *previews.ROUTES,
    *invoices.ROUTES,
    *invoice_items.ROUTES,
    *disputes.ROUTES,
    *credit_notes.ROUTES,
    *grants.ROUTES,
    *events.ROUTES,
]
# The client makes a random one up where it is given none.
MADE_UP = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
LOOPBACK = re.compile(r"^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$")


def _json(body: Obj, status: int = 200, **headers: str) -> Response:
    # indented it would take Python's own encoder, ten times as long
    answer = Response(json.dumps(body), status, mimetype="application/json")
    for name, value in headers.items():
        answer.headers[name.replace("_", "-")] = value
    return answer


def _failure(error: ApiError) -> Response:
    final = error.status < 500 and error.status != 409
    retry = {"Stripe_Should_Retry": "false"} if final else {}
    return _json({"error": error.body}, error.status, **retry)


def _replayed(row: Obj, digest: str, key: str) -> Response:
    if row["digest"] != digest:
        raise ApiError(
            400,
            "Keys for idempotent requests can only be used with the same parameters they were"
            f" first used with. Try using a key other than '{key}' if you meant to execute a"
            " different request.",
            kind="idempotency_error",
        )
    return _json(row["body"], row["status"], Idempotent_Replayed="true")


def _lost(start: StartResponse) -> Iterable[bytes]:
    """The thing is done, and the connection closes in the middle of the answer."""
    start("200 OK", [("Content-Type", "application/json"), ("Content-Length", "1000")])
    return [b"{"]


class Simulator:
    def __init__(self, store: Store, key: str) -> None:
        if not key.startswith("sk_test_"):
            raise ValueError("the simulator's key begins with sk_test_")
        self.store = store
        self.key = key
        # Calls that write without a key of the product's own.
        self.unkeyed: list[str] = []

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        api = not request.path.startswith("/_sim/")
        if api and (latency := self.store.data["faults"]["latency"]):
            time.sleep(latency / 1000)
        with self.store.lock:
            fault = fault_for(self.store, request.method, request.path) if api else None
            try:
                if fault:
                    raise overloaded(fault)
                answer = self._answer(request)
            except ApiError as error:
                answer = _failure(error)
        if fault == 0:
            return _lost(start)
        answer.headers["Request-Id"] = new_id("req")
        answer.headers["Stripe-Version"] = API_VERSION
        return answer(environ, start)

    def _answer(self, request: Request) -> Response:
        if not LOOPBACK.match(request.host):
            raise ApiError(403, "The simulator answers on the loopback address only.")
        if request.path.startswith("/_sim/"):
            return self._control(request)
        self._admit(request)
        settled = settle(self.store)
        if settled:
            self.store.save()
        params = self._params(request)
        if request.method == "GET":
            return _json(self._call(request, params))
        return self._once(request, params)

    def _control(self, request: Request) -> Response:
        door = open_door(self.store, request)
        if door is not None:
            return door
        control = CONTROLS.get((request.method, request.path))
        if control is None:
            raise ApiError(404, f"No such control: {request.method} {request.path}")
        given: Any = {}
        if request.method == "POST":
            # A page of another site can post a form to loopback, but not JSON.
            if request.mimetype != "application/json":
                raise ApiError(415, "Send application/json.")
            given = request.get_json(silent=True, force=True)
            if not isinstance(given, dict):
                raise bad_request("Send a JSON object.")
        answer = _json(control(self.store, given))
        if request.method == "POST":
            self.store.save()
        return answer

    def _admit(self, request: Request) -> None:
        given = request.authorization
        key = (given.token or given.username) if given else None
        if not key:
            raise ApiError(401, "You did not provide an API key.")
        if not hmac.compare_digest(key.encode(), self.key.encode()):
            masked = f"{key[:8]}{'*' * max(0, len(key) - 12)}{key[-4:]}"
            raise ApiError(401, f"Invalid API Key provided: {masked}")
        version = request.headers.get("Stripe-Version", API_VERSION)
        if version != API_VERSION:
            raise bad_request(f"Invalid Stripe API version: {version}")

    def _params(self, request: Request) -> Params:
        source = request.args if request.method in ("GET", "DELETE") else request.form
        return decode(source.items(multi=True))

    def _find(self, request: Request) -> tuple[Route, tuple[str, ...]]:
        for route in ROUTES:
            found = route.pattern.match(request.path)
            if found is not None and route.method == request.method:
                return route, found.groups()
        raise ApiError(404, f"Unrecognized request URL ({request.method}: {request.path}).")

    def _call(self, request: Request, params: Params) -> Obj:
        route, ids = self._find(request)
        check(route.method, route.template, params)
        unknown = sorted(set(params) - route.accepts)
        if unknown:
            raise bad_request(
                f"Received unknown parameter: {unknown[0]}",
                param=unknown[0],
                code="parameter_unknown",
            )
        paths = sequence(params, "expand")
        given = {name: value for name, value in params.items() if name != "expand"}
        return expand(self.store, route(self.store, given, *ids), paths)

    def _once(self, request: Request, params: Params) -> Response:
        """Successes and declined cards are kept for a day of simulated time and replayed; a
        request refused for its parameters leaves its key free, as at Stripe."""
        key = request.headers.get("Idempotency-Key")
        if request.method == "POST" and (key is None or MADE_UP.match(key)):
            self.unkeyed.append(f"{request.method} {request.path}")
        kept: dict[str, Obj] = self.store.data["idempotency"]
        for old in [name for name, row in kept.items() if row["at"] < self.store.now() - DAY]:
            del kept[old]
        shape = json.dumps([request.method, request.path, params], sort_keys=True)
        digest = hashlib.sha256(shape.encode()).hexdigest()
        if key and key in kept:
            return _replayed(kept[key], digest, key)
        status = 200
        try:
            body = self._call(request, params)
        except ApiError as error:
            if error.status != 402:
                raise
            body, status = {"error": error.body}, error.status
        if key:
            kept_row = {"digest": digest, "status": status, "at": self.store.now()}
            self.store.note(kept_row | {"body": copy.deepcopy(body)}, "idempotency", key)
        if self._find(request)[0].journaled:
            self.store.save_noted()
        else:
            self.store.save()
        return _json(body, status)
