"""The hosted page of an invoice."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape

from billing.sim.lines import money, recompute
from billing.sim.state import Obj, Store

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;color:#1f2430;background:#f4f5f7;margin:0}
main{max-width:46rem;margin:2rem auto;background:#fff;padding:2.5rem;border-radius:.5rem}
header{display:flex;justify-content:space-between;gap:2rem;align-items:flex-start}
h1{font-size:1.4rem;margin:0}dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}
dt{color:#5b6270}dd{margin:0}table{width:100%;border-collapse:collapse;margin-top:1.5rem}
th,td{padding:.55rem .25rem;text-align:left;border-bottom:1px solid #e3e5ea;vertical-align:top}
th{font-size:.85rem;color:#5b6270;font-weight:600}.n{text-align:right;white-space:nowrap}
tfoot td{border:0}tfoot tr:last-child td{font-weight:700;border-top:2px solid #1f2430}
small{color:#5b6270}.status{padding:.15rem .7rem;border-radius:1rem;background:#e3e5ea}
.paid{background:#d8f0e0;color:#14532d}.open{background:#fdecc8;color:#6b3f00}
@media print{body{background:#fff}main{margin:0;padding:0}}
"""


def _day(moment: int | None) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%-d %B %Y") if moment else "–"


def _row(line: Obj) -> str:
    period = f"{_day(line['period']['start'])} – {_day(line['period']['end'])}"
    return (
        f"<tr><td>{escape(line['description'])}<br><small>{period}</small></td>"
        f"<td class=n>{escape(line['quantity_decimal'])}</td>"
        f"<td class=n>{money(line['amount'], line['currency'])}</td></tr>"
    )


def _sum(label: str, amount: int, currency: str) -> str:
    cells = f"<td colspan=2 class=n>{escape(label)}</td><td class=n>{money(amount, currency)}</td>"
    return f"<tr>{cells}</tr>"


def invoice_page(store: Store, ident: str) -> str:
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
        "Issued": _day(invoice["status_transitions"]["finalized_at"]),
        "Paid": _day(invoice["status_transitions"]["paid_at"]),
    }
    details = "".join(
        f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in facts.items() if value
    )
    status = escape(invoice["status"])
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>Invoice {number}</title>"
        f'<meta name=viewport content="width=device-width"><style>{STYLE}</style><main>'
        f"<header><div><h1>Invoice {number}</h1><p>{escape(invoice['account_name'])}</p></div>"
        f'<span class="status {status}">{status}</span></header><dl>{details}</dl>'
        "<table><thead><tr><th>Description<th class=n>Quantity<th class=n>Amount</thead><tbody>"
        f"{''.join(_row(line) for line in invoice['_lines'])}</tbody>"
        f"<tfoot>{''.join(sums)}</tfoot></table>"
        "<p><small>Simulated: no money moves.</small></p></main></html>"
    )
