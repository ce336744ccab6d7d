"""`/_sim/`: the clock, the failures and the deliveries, for the demonstration and the tests."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from billing.sim.charging import FINAL_ACTIONS, settled
from billing.sim.clock import advance
from billing.sim.disputes import close_dispute, open_dispute
from billing.sim.errors import bad_request
from billing.sim.faults import set_faults
from billing.sim.meter_errors import MESSAGES
from billing.sim.state import DAY, TABLES, Obj, Store
from billing.sim.subscription_items import next_turn

Control = Callable[[Store, Obj], Obj]


def _whole(given: Obj, name: str, default: int = 0) -> int:
    value = given.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise bad_request(f"{name} must be a whole number", param=name)
    return value


def clock(store: Store, given: Obj) -> Obj:
    return {
        "now": store.now(),
        "offset": store.data["offset"],
        "target": store.data["target"],
    }


def move(store: Store, given: Obj) -> Obj:
    seconds = _whole(given, "seconds") + _whole(given, "days") * DAY
    stop = given.get("stop_at_draft") is True
    if not seconds and not (stop and store.data["target"]):
        raise bad_request("Say how far: seconds or days.", param="seconds")
    return advance(store, seconds, stop_at_draft=stop)


def _fail_next(store: Store, given: Obj, what: str) -> Obj:
    """Of one customer, or of whoever comes first."""
    customer = given.get("customer") or "*"
    if customer != "*":
        store.get("customers", customer, param="customer")
    failing: dict[str, int] = store.data[what]
    failing[customer] = failing.get(customer, 0) + _whole(given, "count", 1)
    return {what: {name: count for name, count in failing.items() if count}}


def fail_next_charge(store: Store, given: Obj) -> Obj:
    return _fail_next(store, given, "failing")


def fail_next_finalization(store: Store, given: Obj) -> Obj:
    return _fail_next(store, given, "unfinalizable")


def reject_usage(store: Store, given: Obj) -> Obj:
    """The next meter events are accepted, not counted, and reported afterwards."""
    code = given.get("code", "meter_event_invalid_value")
    if code not in MESSAGES:
        raise bad_request(f"code is one of {', '.join(MESSAGES)}", param="code")
    store.data["reject_usage"].append({"count": _whole(given, "count", 1), "code": code})
    return {"reject_usage": store.data["reject_usage"]}


def set_dunning(store: Store, given: Obj) -> Obj:
    """What happens to the subscription after the last retry."""
    if given.get("final") not in FINAL_ACTIONS:
        raise bad_request(f"final is one of {', '.join(FINAL_ACTIONS)}", param="final")
    store.data["dunning"] = given["final"]
    return {"final": given["final"]}


def dispute(store: Store, given: Obj) -> Obj:
    """The bank of the card takes the money of a paid invoice back."""
    made = open_dispute(store, _invoice(store, given))
    return {"dispute": made["id"], "payment_intent": made["payment_intent"]}


def decide_dispute(store: Store, given: Obj) -> Obj:
    made = close_dispute(store, str(given.get("dispute")), str(given.get("status")))
    return {"dispute": made["id"], "status": made["status"]}


def _invoice(store: Store, given: Obj) -> Obj:
    wanted = given.get("invoice")
    for invoice in store.table("invoices").values():
        if wanted and wanted in (invoice["id"], invoice["number"]):
            return invoice
    raise bad_request("Say which invoice, by its id or number.", param="invoice")


def mark_paid(store: Store, given: Obj) -> Obj:
    """What a transfer to the bank account does: the invoice of this id or number is paid."""
    invoice = _invoice(store, given)
    if invoice["status"] != "open":
        raise bad_request("You can only pay open invoices.", code="invoice_not_editable")
    settled(store, invoice, None)
    return {"invoice": invoice["id"], "status": invoice["status"]}


def set_webhooks(store: Store, given: Obj) -> Obj:
    mode = store.data["webhooks"]
    for name in ("duplicate", "shuffle"):
        if name in given:
            mode[name] = given[name] is True
    mode["drop"] = _whole(given, "drop", mode["drop"])
    return dict(mode)


def deliveries(store: Store, given: Obj) -> Obj:
    rows = store.data["deliveries"]
    states = Counter(row["state"] for row in rows)
    names = ("pending", "delivered", "failed", "dropped", "unaddressed")
    troubled = [row for row in rows if row["error"] or row["state"] == "dropped"]
    return {name: states[name] for name in names} | {"troubled": troubled[-50:]}


def redeliver(store: Store, given: Obj) -> Obj:
    """Failed, dropped and waiting ones now; with `all` the delivered ones as well, with `event`
    that event only."""
    again = 0
    for row in store.data["deliveries"]:
        if given.get("event") not in (None, row["event"]):
            continue
        if row["state"] == "delivered" and given.get("all") is not True:
            continue
        row |= {"state": "pending", "attempts": 0, "next_at": time.time(), "error": None}
        again += 1
    return {"redelivering": again}


def state(store: Store, given: Obj) -> Obj:
    summary: dict[str, Any] = {name: len(store.table(name)) for name in TABLES}
    return {
        "clock": clock(store, given),
        "failing": {name: count for name, count in store.data["failing"].items() if count},
        "dunning": store.data["dunning"],
        "webhooks": store.data["webhooks"],
        "faults": store.data["faults"],
        "counts": summary,
        "subscriptions": [
            {
                "id": row["id"],
                "customer": row["customer"],
                "status": row["status"],
                "metadata": row["metadata"],
                "current_period_end": next_turn(row),
            }
            for row in store.table("subscriptions").values()
        ],
        "invoices": [
            {
                name: row[name]
                for name in (
                    "id", "number", "customer", "status", "total", "currency", "period_end",
                    "automatically_finalizes_at", "next_payment_attempt",
                )
            }
            for row in store.newest("invoices")[:200]
        ],
    }  # fmt: skip


def customers(store: Store, given: Obj) -> Obj:
    """Who has which subscriptions and open sessions, for tests that look from outside."""
    sessions = store.newest("checkout_sessions")
    return {
        "customers": [
            {
                "id": row["id"],
                "name": row["name"],
                "metadata": row["metadata"],
                "balance": row["balance"],
                "delinquent": row["delinquent"],
                "subscriptions": {
                    one["id"]: one["status"]
                    for one in store.table("subscriptions").values()
                    if one["customer"] == row["id"]
                },
                "checkout": [
                    one["url"]
                    for one in sessions
                    if one["customer"] == row["id"] and one["status"] == "open"
                ],
            }
            for row in store.newest("customers")
        ],
        "deleted": list(store.table("deleted_customers")),
    }


CONTROLS: dict[tuple[str, str], Control] = {
    ("GET", "/_sim/clock"): clock,
    ("GET", "/_sim/state"): state,
    ("GET", "/_sim/deliveries"): deliveries,
    ("POST", "/_sim/advance"): move,
    ("POST", "/_sim/fail_next_charge"): fail_next_charge,
    ("POST", "/_sim/fail_next_finalization"): fail_next_finalization,
    ("POST", "/_sim/reject_usage"): reject_usage,
    ("POST", "/_sim/dunning"): set_dunning,
    ("POST", "/_sim/faults"): set_faults,
    ("GET", "/_sim/customers"): customers,
    ("POST", "/_sim/dispute"): dispute,
    ("POST", "/_sim/decide_dispute"): decide_dispute,
    ("POST", "/_sim/mark_paid"): mark_paid,
    ("POST", "/_sim/webhooks"): set_webhooks,
    ("POST", "/_sim/redeliver"): redeliver,
}
