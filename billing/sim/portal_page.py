"""The hosted page of the customer portal."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from billing.sim.charging import end_subscription
from billing.sim.customers import add_card
from billing.sim.errors import ApiError
from billing.sim.events import emit
from billing.sim.hosted import CARDS, button, day, document, field, options, refused
from billing.sim.lines import money
from billing.sim.portal import LASTS
from billing.sim.state import Obj, Store
from billing.sim.subscription_items import last_turn
from billing.sim.tax_ids import SHAPES, add_tax_id, remove_tax_id, tax_ids_of

RUNNING = ("trialing", "active", "past_due", "unpaid")


def _opened(store: Store, ident: str) -> tuple[Obj, Obj] | None:
    session = store.get("portal_sessions", ident, status=404)
    known = session["customer"] in store.table("customers")
    if not known or store.now() > session["created"] + LASTS:
        return None
    return session, store.get("portal_configurations", session["configuration"])["features"]


def _card(store: Store, customer: Obj) -> str:
    held = customer["invoice_settings"]["default_payment_method"]
    for subscription in store.table("subscriptions").values():
        if subscription["customer"] == customer["id"] and subscription["status"] in RUNNING:
            held = subscription["default_payment_method"] or held
    method = store.table("payment_methods").get(held or "")
    said = f"{method['card']['brand'].title()} ending in {method['card']['last4']}" if method else (
        "No card yet"
    )  # fmt: skip
    cards = options(CARDS)
    return (
        f"<h2>Payment method</h2><p>{escape(said)}</p><form method=post>"
        f"{field('Another card', f'<select name=card>{cards}</select>')}"
        f"{button('card', 'Use this card')}</form>"
    )


def _subscription(subscription: Obj) -> str:
    ends = subscription["cancel_at"]
    turn = day(last_turn(subscription))
    said = f"Ends on {day(ends)}" if ends else f"Renews on {turn}"
    hidden = f"<input type=hidden name=subscription value={subscription['id']}>"
    if subscription["schedule"]:
        act = "<p><small>Its prices change by a schedule: ask to end it.</small></p>"
    elif ends:
        act = f"<form method=post>{hidden}{button('resume', 'Keep the subscription')}</form>"
    else:
        act = f"<form method=post>{hidden}{button('cancel', 'Cancel the subscription')}</form>"
    status = escape(subscription["status"])
    return f'<p><span class="status {status}">{status}</span> {said}</p>{act}'


def _invoices(store: Store, customer: str) -> str:
    rows = "".join(
        f"<tr><td><a href={store.base_url}/_sim/invoices/{row['id']}>{escape(row['number'])}</a>"
        f"<td>{day(row['status_transitions']['finalized_at'])}<td>{escape(row['status'])}"
        f"<td class=n>{money(row['total'], row['currency'])}"
        for row in store.newest("invoices")
        if row["customer"] == customer and row["number"]
    )
    return f"<h2>Invoices</h2><div class=scroll><table><tbody>{rows}</tbody></table></div>"


def _vat(store: Store, customer: str) -> str:
    rows = "".join(
        f"<form method=post><span>{escape(row['value'])} ({row['verification']['status']})</span>"
        f"<input type=hidden name=tax_id value={row['id']}>{button('remove_vat', 'Remove')}</form>"
        for row in tax_ids_of(store, customer)
    )
    kinds = options({kind: kind.replace("_", " ") for kind in SHAPES})
    return (
        f"<h2>VAT id</h2>{rows}<form method=post>"
        f"{field('Kind', f'<select name=tax_id_type>{kinds}</select>')}"
        f"{field('Number', '<input name=tax_id autocomplete=off>')}"
        f"{button('vat', 'Add')}</form>"
    )


def portal_page(store: Store, ident: str, error: str | None = None) -> str:
    opened = _opened(store, ident)
    if opened is None:
        return document(
            "Billing", "<h1>This link has expired</h1><p>Open the portal again from Coulisse.</p>"
        )
    session, features = opened
    customer = store.get("customers", session["customer"])
    parts = []
    if features["subscription_cancel"]["enabled"]:
        held = [row for row in store.newest("subscriptions") if row["customer"] == customer["id"]]
        running = [_subscription(row) for row in held if row["status"] in RUNNING]
        parts.append(f"<h2>Subscription</h2>{''.join(running) or '<p>None runs.</p>'}")
    if features["payment_method_update"]["enabled"]:
        parts.append(_card(store, customer))
    if "tax_id" in features["customer_update"]["allowed_updates"]:
        parts.append(_vat(store, customer["id"]))
    if features["invoice_history"]["enabled"]:
        parts.append(_invoices(store, customer["id"]))
    back = session["return_url"]
    link = f'<p><a href="{escape(back)}">Back to Coulisse</a></p>' if back else ""
    name = escape(customer["name"] or customer["id"])
    return document(
        "Billing", f"<header><h1>{name}</h1></header>{link}{refused(error)}{''.join(parts)}"
    )


def _set_end(store: Store, subscription: Obj, ends: int | None) -> None:
    """In flexible billing mode the portal sets `cancel_at`, and `cancel_at_period_end` stays
    false."""
    before = {name: subscription[name] for name in ("cancel_at", "canceled_at")}
    subscription |= {"cancel_at": ends, "cancel_at_period_end": False, "_credits_rest": False}
    subscription["canceled_at"] = store.now() if ends else None
    reason = "cancellation_requested" if ends else None
    subscription["cancellation_details"]["reason"] = reason
    emit(store, "customer.subscription.updated", subscription, before)


def _cancel(store: Store, subscription: Obj, features: Obj) -> None:
    if features["subscription_cancel"]["mode"] == "immediately":
        end_subscription(store, subscription, "cancellation_requested")
        return
    _set_end(store, subscription, last_turn(subscription))


def _own(store: Store, table: str, ident: str, customer: str) -> Obj:
    row = store.get(table, ident, status=404)
    if row["customer"] != customer:
        raise ApiError(404, "No such thing.")
    return row


def _use_card(store: Store, customer: str, features: Obj, form: Mapping[str, str]) -> None:
    method = add_card(store, customer, form.get("card", ""))
    row = store.get("customers", customer)
    row["invoice_settings"]["default_payment_method"] = method["id"]
    for subscription in store.table("subscriptions").values():
        if subscription["customer"] == customer and subscription["default_payment_method"]:
            subscription["default_payment_method"] = method["id"]
            emit(store, "customer.subscription.updated", subscription, {})
    emit(store, "customer.updated", row, {"invoice_settings": {}})


def _change_end(store: Store, customer: str, features: Obj, form: Mapping[str, str]) -> None:
    subscription = _own(store, "subscriptions", form.get("subscription", ""), customer)
    if subscription["schedule"] or subscription["status"] not in RUNNING:
        raise ApiError(400, "This subscription cannot be changed here.")
    if form["action"] == "cancel":
        _cancel(store, subscription, features)
    else:
        _set_end(store, subscription, None)


def _change_vat(store: Store, customer: str, features: Obj, form: Mapping[str, str]) -> None:
    if form["action"] == "vat":
        add_tax_id(store, customer, form.get("tax_id_type", ""), form.get("tax_id", ""))
    else:
        remove_tax_id(store, _own(store, "tax_ids", form.get("tax_id", ""), customer))


def _act(store: Store, session: Obj, features: Obj, form: Mapping[str, str]) -> None:
    updates = features["customer_update"]["allowed_updates"]
    ending = features["subscription_cancel"]["enabled"]
    allowed = {
        "card": (features["payment_method_update"]["enabled"], _use_card),
        "cancel": (ending, _change_end),
        "resume": (ending, _change_end),
        "vat": ("tax_id" in updates, _change_vat),
        "remove_vat": ("tax_id" in updates, _change_vat),
    }
    may, act = allowed.get(form.get("action", ""), (False, _use_card))
    if not may:
        raise ApiError(403, "That cannot be done here.")
    act(store, session["customer"], features, form)


def act_on_portal(store: Store, ident: str, form: Mapping[str, str]) -> tuple[str | None, str]:
    opened = _opened(store, ident)
    if opened is None:
        return None, portal_page(store, ident)
    try:
        _act(store, *opened, form)
    except ApiError as error:
        return None, portal_page(store, ident, error.body["message"])
    return f"/_sim/portal/{ident}", ""
