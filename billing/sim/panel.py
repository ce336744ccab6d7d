"""The control panel as a page; every form does what the JSON control of its name does."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from html import escape
from typing import Any

from billing.sim.charging import FINAL_ACTIONS
from billing.sim.clock import settle
from billing.sim.control import CONTROLS
from billing.sim.errors import ApiError
from billing.sim.faults import STATUSES
from billing.sim.hosted import day, document, field, options, refused
from billing.sim.lines import money
from billing.sim.state import Obj, Store
from billing.sim.subscription_items import next_turn

NUMBERS = {"days", "seconds", "count", "status", "latency", "drop"}
FLAGS = {"stop_at_draft", "duplicate", "shuffle", "lost", "clear", "all"}
SHOWN = 25


def _form(store: Store, control: str, label: str, fields: str = "") -> str:
    return (
        f"<form method=post><input type=hidden name=token value={store.data['token']}>"
        f"<input type=hidden name=control value={control}>{fields}"
        f"<button>{escape(label)}</button></form>"
    )


def _number(name: str, label: str, value: int) -> str:
    return field(label, f"<input type=number min=0 name={name} value={value}>")


def _hidden(name: str, value: str) -> str:
    return f"<input type=hidden name={name} value={escape(value)}>"


def _flag(name: str, label: str, *, on: bool) -> str:
    return f"{_hidden(name, 'off')}" + field(
        label, f"<input type=checkbox name={name} value=on{' checked' if on else ''}>"
    )


def _select(name: str, label: str, choices: Mapping[str, str], chosen: str = "") -> str:
    return field(label, f"<select name={name}>{options(choices, chosen)}</select>")


def _clock(store: Store) -> str:
    now = datetime.fromtimestamp(store.now(), UTC).strftime("%A, %-d %B %Y, %H:%M UTC")
    return (
        f"<p><strong>{now}</strong></p>"
        + _form(store, "advance", "Move on", _number("days", "Days", 1))
        + _form(
            store,
            "advance",
            "Move on to the next draft",
            _number("days", "At most days", 40) + _hidden("stop_at_draft", "on"),
        )
        + "<p><small>In the demonstration use <code>coulisse billing advance</code>: the product's"
        " clock goes along then.</small></p>"
    )


def _failures(store: Store) -> str:
    customers = {"": "Whoever comes first"} | {
        row["id"]: row["name"] or row["id"] for row in store.table("customers").values()
    }
    who = _select("customer", "Customer", customers) + _number("count", "How often", 1)
    finals = {name: name.replace("_", " ") for name in FINAL_ACTIONS}
    return (
        _form(store, "fail_next_charge", "Let the next charges fail", who)
        + _form(store, "fail_next_finalization", "Let the next finalisations fail", who)
        + _form(
            store,
            "reject_usage",
            "Find the next usage wrong afterwards",
            _number("count", "Events", 1),
        )
        + _form(
            store,
            "dunning",
            "Set",
            _select("final", "After the last retry", finals, store.data["dunning"]),
        )
    )


def _answers(store: Store) -> str:
    faults = store.data["faults"]
    planned = "".join(
        f"<li>{row['count']} × {row['status'] or 'lost'} for {escape(row['method'])}"
        f" {escape(row['path'])}…"
        for row in faults["answers"]
    )
    where = field("Path begins with", "<input name=path value=/v1/>")
    count = _number("count", "How many", 1)
    statuses = {str(status): str(status) for status in STATUSES}
    return (
        (f"<ul>{planned}</ul>" if planned else "<p>All calls are answered.</p>")
        + _form(store, "faults", "Refuse", _select("status", "Answer", statuses) + count + where)
        + _form(store, "faults", "Do it and lose the answer", _hidden("lost", "on") + count + where)
        + _form(
            store, "faults", "Wait", _number("latency", "Milliseconds per call", faults["latency"])
        )
        + _form(store, "faults", "Clear", _hidden("clear", "on"))
    )


def _deliveries(store: Store) -> str:
    mode = store.data["webhooks"]
    rows = CONTROLS["GET", "/_sim/deliveries"](store, {})
    counts = ", ".join(f"{rows[name]} {name}" for name in ("pending", "delivered", "failed",
                                                           "dropped", "unaddressed"))  # fmt: skip
    events = store.table("events") | store.table("thin_events")
    troubled = "".join(
        f"<tr><td>{escape(events.get(row['event'], {'type': '?'})['type'])}<td>{row['state']}"
        f"<td>{escape(row['error'] or '')}"
        for row in reversed(rows["troubled"])
    )
    table = f"<div class=scroll><table><tbody>{troubled}</tbody></table></div>" if troubled else ""
    return (
        f"<p>{counts}</p>"
        + _form(
            store,
            "webhooks",
            "Set",
            _flag("duplicate", "Each twice", on=mode["duplicate"])
            + _flag("shuffle", "In any order", on=mode["shuffle"])
            + _number("drop", "Drop the next", mode["drop"]),
        )
        + _form(store, "redeliver", "Deliver failed and dropped ones again")
        + table
    )


def _customer(store: Store, row: Obj) -> str:
    held = [one for one in store.newest("subscriptions") if one["customer"] == row["id"]]
    said = "".join(
        f'<div><span class="status {one["status"]}">{one["status"]}</span>'
        f" {'ends' if one['cancel_at'] else 'turns'}"
        f" {day(one['cancel_at'] or next_turn(one))}</div>"
        for one in held[:2]
    )
    owed = money(row["balance"], row["currency"] or "eur")
    name = escape(row["name"] or row["id"])
    return (
        f"<tr><td>{name}<br><small>{row['id']}</small><td>{said or 'none'}<td class=n>{owed}"
        f"<td>{'delinquent' if row['delinquent'] else ''}"
    )


def _invoice(store: Store, row: Obj) -> str:
    acts = ""
    if row["status"] == "open":
        acts = _form(store, "mark_paid", "Paid by transfer", _hidden("invoice", row["id"]))
    elif row["status"] == "paid" and row["amount_paid"]:
        acts = _form(store, "dispute", "Dispute", _hidden("invoice", row["id"]))
    label = escape(row["number"] or "draft")
    return (
        f"<tr><td><a href=/_sim/invoices/{row['id']}>{label}</a><br>"
        f"<small>{escape(row['customer_name'] or row['customer'])}</small><td>{day(row['created'])}"
        f'<td><span class="status {row["status"]}">{row["status"]}</span>'
        f"<td class=n>{money(row['total'], row['currency'])}<td>{acts}"
    )


def _table(head: str, rows: list[str], none: str) -> str:
    if not rows:
        return f"<p>{none}</p>"
    heads = "".join(f"<th scope=col>{name}" for name in head.split("|"))
    return (
        f"<div class=scroll tabindex=0><table><thead><tr>{heads}</thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def panel_page(store: Store, error: str | None = None) -> str:
    settle(store)
    customers = [_customer(store, row) for row in store.newest("customers")[:SHOWN]]
    invoices = [_invoice(store, row) for row in store.newest("invoices")[:SHOWN]]
    return document(
        "Simulated Stripe",
        "<header><h1>Simulated Stripe</h1></header>"
        f"{refused(error)}<h2>Clock</h2>{_clock(store)}<h2>Charges and usage that fail</h2>"
        f"{_failures(store)}<h2>Answers of the API</h2>{_answers(store)}"
        f"<h2>Webhooks</h2>{_deliveries(store)}<h2>Customers</h2>"
        f"{_table('Customer|Subscription|Balance|', customers, 'No customers yet.')}"
        f"<h2>Invoices</h2>{_table('Invoice|Made|State|Total|', invoices, 'No invoices yet.')}",
        wide=True,
    )


def _given(form: Mapping[str, Any]) -> Obj:
    given: Obj = {}
    for name, value in form.items():
        if name in ("token", "control") or value == "":
            continue
        if name in NUMBERS:
            given[name] = int(value) if value.isdecimal() else -1
        else:
            given[name] = value == "on" if name in FLAGS else value
    return given


def act_on_panel(store: Store, form: Mapping[str, Any]) -> str | None:
    """An error to show; another site cannot know the token."""
    if not hmac.compare_digest(str(form.get("token", "")), str(store.data["token"])):
        return "The page was too old. Try again."
    control = CONTROLS.get(("POST", f"/_sim/{form.get('control', '')}"))
    if control is None:
        return "There is no such control."
    try:
        control(store, _given(form))
    except ApiError as error:
        return str(error.body["message"])
    return None
