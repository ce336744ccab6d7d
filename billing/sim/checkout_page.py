"""The hosted page of a Checkout session."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from billing.sim.checkout import complete
from billing.sim.errors import ApiError
from billing.sim.hosted import CARDS, button, day, document, field, options, refused
from billing.sim.lines import money
from billing.sim.state import Obj, Store
from billing.sim.tax_ids import SHAPES


def _row(store: Store, item: Obj) -> str:
    price = store.get("prices", item["price"])
    name = escape(store.get("products", price["product"])["name"])
    every = price["recurring"]["interval"]
    cost = "as used" if item["quantity"] is None else money(item["amount"], item["currency"])
    quantity = "" if item["quantity"] in (None, 1) else f"{item['quantity']} × "
    return (
        f"<tr><td>{quantity}{name}<br><small>each {every}</small></td><td class=n>{cost}</td></tr>"
    )


def _tax_id_fields() -> str:
    kinds = options({kind: kind.replace("_", " ") for kind in SHAPES})
    return field("VAT id, if you have one", "<input name=tax_id autocomplete=off>") + field(
        "Kind of VAT id", f"<select name=tax_id_type>{kinds}</select>"
    )


def _said(session: Obj) -> str:
    tax = session["total_details"]["amount_tax"]
    included = f"Today's amount contains {money(tax, session['currency'])} taxes. " if tax else ""
    return f"{included}Prices are without taxes."


def checkout_page(store: Store, ident: str, error: str | None = None) -> str:
    session = store.get("checkout_sessions", ident, status=404)
    rows = "".join(_row(store, item) for item in session["_items"])
    if session["status"] != "open":
        return document(
            "Checkout",
            f"<h1>This checkout is {escape(session['status'])}</h1>"
            "<p>Nothing can be paid here any more.</p>",
        )
    trial = session["_trial_end"]
    free = f"<p class=note>Free until {day(trial)}.</p>" if trial else ""
    due = money(session["amount_total"], session["currency"])
    tax_id = _tax_id_fields() if session["tax_id_collection"]["enabled"] else ""
    cancel = session["cancel_url"]
    back = button("cancel", "Cancel") if cancel else ""
    cards = options(CARDS)
    pay = "Start the trial" if trial else "Pay"
    return document(
        "Checkout",
        f"<header><h1>Subscribe</h1><strong>{due} today</strong></header>{free}{refused(error)}"
        f"<table><tbody>{rows}</tbody></table>"
        f"<p><small>{_said(session)}</small></p>"
        f"<form method=post class=stack>"
        f"{field('Card', f'<select name=card>{cards}</select>')}{tax_id}"
        f"{button('pay', pay, main=True)}"
        f"{button('decline', 'Try a card that is declined')}{back}</form>",
    )


def act_on_checkout(store: Store, ident: str, form: Mapping[str, str]) -> tuple[str | None, str]:
    """Where to go on, or the page again."""
    session = store.get("checkout_sessions", ident, status=404)
    action = form.get("action", "")
    if session["status"] != "open":
        return None, checkout_page(store, ident)
    if action == "cancel" and session["cancel_url"]:
        return session["cancel_url"], ""
    card = "pm_card_chargeDeclined" if action == "decline" else form.get("card", "")
    number = form.get("tax_id", "").strip()
    tax_id = (form.get("tax_id_type", ""), number) if number else None
    try:
        complete(store, session, card, tax_id)
    except ApiError as error:
        return None, checkout_page(store, ident, error.body["message"])
    return session["success_url"].replace("{CHECKOUT_SESSION_ID}", ident), ""
