"""The pages for people: invoices, Checkout and the portal, each behind its own unguessable id."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from werkzeug.wrappers import Request, Response

from billing.sim.checkout_page import act_on_checkout, checkout_page
from billing.sim.clock import settle
from billing.sim.pages import act_on_invoice, invoice_page
from billing.sim.panel import act_on_panel, panel_page
from billing.sim.portal_page import act_on_portal, portal_page
from billing.sim.state import Store

Shown = Callable[[Store, str], str]
Acted = Callable[[Store, str, Mapping[str, str]], tuple[str | None, str]]

DOORS: list[tuple[re.Pattern[str], Shown, Acted | None]] = [
    (re.compile(r"^/_sim/invoices/(in_[0-9a-f]+)(?:/pdf)?$"), invoice_page, act_on_invoice),
    (re.compile(r"^/_sim/checkout/(cs_test_[0-9a-f]+)$"), checkout_page, act_on_checkout),
    (re.compile(r"^/_sim/portal/(bps_[0-9a-f]+)$"), portal_page, act_on_portal),
]


def html(page: str) -> Response:
    answer = Response(page, mimetype="text/html")
    answer.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    )
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _panel(store: Store, request: Request) -> Response:
    if request.method == "GET":
        return html(panel_page(store))
    error = act_on_panel(store, {name: rows[-1] for name, rows in request.form.lists()})
    store.save()
    return html(panel_page(store, error)) if error else _redirect("/_sim/")


def open_door(store: Store, request: Request) -> Response | None:
    if request.path == "/_sim/" and request.method in ("GET", "POST"):
        return _panel(store, request)
    for pattern, show, act in DOORS:
        found = pattern.match(request.path)
        if found is None:
            continue
        settle(store)
        if request.method == "GET":
            return html(show(store, found[1]))
        if request.method == "POST" and act is not None:
            onward, page = act(store, found[1], request.form)
            store.save()
            return html(page) if onward is None else _redirect(onward)
    return None


def _redirect(address: str) -> Response:
    return Response("", 303, headers={"Location": address, "Referrer-Policy": "no-referrer"})
