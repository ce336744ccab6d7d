"""The hosted page of an invoice."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from billing.sim.charging import attempt_payment
from billing.sim.customers import add_card
from billing.sim.errors import ApiError, declined
from billing.sim.hosted import CARDS, button, day, document, field, options, refused
from billing.sim.lines import money, recompute
from billing.sim.state import Obj, Store


def _row(line: Obj) -> str:
    period = f"{day(line['period']['start'])} – {day(line['period']['end'])}"
    return (
        f"<tr><td>{escape(line['description'])}<br><small>{period}</small></td>"
        f"<td class=n>{escape(line['quantity_decimal'])}</td>"
        f"<td class=n>{money(line['amount'], line['currency'])}</td></tr>"
    )


def _sum(label: str, amount: int, currency: str) -> str:
    cells = f"<td colspan=2 class=n>{escape(label)}</td><td class=n>{money(amount, currency)}</td>"
    return f"<tr>{cells}</tr>"


def _payment(invoice: Obj, error: str | None) -> str:
    if invoice["status"] not in ("open", "uncollectible"):
        return ""
    cards = options({"": "The card on file"} | CARDS)
    return (
        f"{refused(error)}<form method=post>{field('Card', f'<select name=card>{cards}</select>')}"
        f"{button('pay', 'Pay and confirm', main=True)}</form>"
    )


def act_on_invoice(store: Store, ident: str, form: Mapping[str, str]) -> tuple[str | None, str]:
    """Whoever pays here is there to confirm what the bank asks."""
    invoice = store.get("invoices", ident, status=404)
    if invoice["status"] not in ("open", "uncollectible") or form.get("action") != "pay":
        return None, invoice_page(store, ident)
    try:
        card = form.get("card")
        method = add_card(store, invoice["customer"], card)["id"] if card else None
        if not attempt_payment(store, invoice, method, confirmed=True):
            raise declined()
    except ApiError as error:
        return None, invoice_page(store, ident, error.body["message"])
    return f"/_sim/invoices/{ident}", ""


def invoice_page(store: Store, ident: str, error: str | None = None) -> str:
    invoice = store.get("invoices", ident, status=404)
    if invoice["status"] == "draft":
        recompute(store, invoice)
    currency = invoice["currency"]
    rates = {rate["id"]: rate for rate in invoice["default_tax_rates"]}
    sums = [_sum("Subtotal", invoice["subtotal"], currency)]
    for tax in invoice["total_taxes"]:
        rate = rates[tax["tax_rate_details"]["tax_rate"]]
        label = f"{rate['display_name']} {rate['percentage']:g} %"
        if tax["taxability_reason"] == "reverse_charge":
            label += " (reverse charge)"
        sums.append(_sum(label, tax["amount"], currency))
    sums.append(_sum("Total", invoice["total"], currency))
    number = escape(invoice["number"] or "Draft")
    address = invoice["customer_address"] or {}
    place = ", ".join(value for value in address.values() if value)
    facts = {
        "Billed to": invoice["customer_name"] or invoice["customer"],
        "Address": place,
        "E-mail": invoice["customer_email"] or "",
        "Issued": day(invoice["status_transitions"]["finalized_at"]),
        "Paid": day(invoice["status_transitions"]["paid_at"]),
    }
    details = "".join(
        f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in facts.items() if value
    )
    status = escape(invoice["status"])
    if invoice["amount_due"] != invoice["total"]:
        sums.append(_sum("Due", invoice["amount_due"], currency))
    return document(
        f"Invoice {number}",
        f"<header><div><h1>Invoice {number}</h1><p>{escape(invoice['account_name'])}</p></div>"
        f'<span class="status {status}">{status}</span></header><dl>{details}</dl>'
        "<div class=scroll><table><thead><tr><th>Description<th class=n>Quantity<th class=n>Amount</thead><tbody>"
        f"{''.join(_row(line) for line in invoice['_lines'])}</tbody>"
        f"<tfoot>{''.join(sums)}</tfoot></table></div>"
        f"<p>{escape(invoice['footer'] or '')}</p>{_payment(invoice, error)}",
    )
