"""Credit notes: what of an invoice is taken back, with its tax."""

from __future__ import annotations

from decimal import Decimal

from billing.sim.balance import move_balance
from billing.sim.charging import settled
from billing.sim.errors import bad_request, missing_object, missing_param
from billing.sim.events import emit
from billing.sim.lines import rounded
from billing.sim.params import Params, decimal, integer, merged_metadata, required, sequence, text
from billing.sim.routing import PAGED, route
from billing.sim.state import Obj, Store, new_id
from billing.sim.views import page, shown

REASONS = ("duplicate", "fraudulent", "order_change", "product_unsatisfactory")
WAYS = ("credit_amount", "refund_amount", "out_of_band_amount")


def _taxed(store: Store, taxes: list[Obj], amount: int) -> list[Obj]:
    """As the invoice taxes the line."""
    found = []
    for tax in taxes:
        rate = store.get("tax_rates", tax["tax_rate_details"]["tax_rate"])
        percentage = Decimal(str(rate["percentage"]))
        part = rounded(amount * percentage / 100) if tax["amount"] else 0
        found.append(tax | {"amount": part, "taxable_amount": amount})
    return found


def _line(store: Store, invoice: Obj, given: Params) -> Obj:
    kind = required(given, "type")
    quantity = integer(given, "quantity")
    amount, unit = integer(given, "amount"), decimal(given, "unit_amount_decimal")
    unit = unit if unit is not None else decimal(given, "unit_amount")
    if amount is None and unit is not None:
        amount = rounded(unit * (quantity or 1))
    if amount is None or amount <= 0:
        raise missing_param("lines[amount]")
    origin, described = None, text(given, "description")
    taxes: list[Obj] = []
    if kind == "invoice_line_item":
        origin = required(given, "invoice_line_item")
        line = next((one for one in invoice["_lines"] if one["id"] == origin), None)
        if line is None:
            raise missing_object("invoice line item", origin, param="lines[invoice_line_item]")
        if amount > line["amount"]:
            raise bad_request("More than the line has.", param="lines[amount]")
        described = line["description"]
        taxes = _taxed(store, line["taxes"], amount)
    elif kind == "custom_line_item":
        rates = sequence(given, "tax_rates")
        shape = {"tax_behavior": "exclusive", "taxability_reason": "standard_rated"}
        none = invoice["customer_tax_exempt"] != "none"
        taxes = [
            tax | ({"amount": 0, "taxability_reason": "reverse_charge"} if none else {})
            for tax in _taxed(
                store,
                [
                    shape | {"amount": 1, "tax_rate_details": {"tax_rate": rate},
                             "type": "tax_rate_details"}
                    for rate in rates
                ],
                amount,
            )
        ]  # fmt: skip
    else:
        raise bad_request("Invalid type.", param="lines[type]")
    return {
        "id": new_id("cnli"),
        "object": "credit_note_line_item",
        "amount": amount,
        "description": described,
        "discount_amount": 0,
        "discount_amounts": [],
        "invoice_line_item": origin,
        "livemode": False,
        "metadata": {},
        "pretax_credit_amounts": [],
        "quantity": quantity,
        "tax_rates": [],
        "taxes": taxes,
        "type": kind,
        "unit_amount": None if unit is None or unit != int(unit) else int(unit),
        "unit_amount_decimal": None if unit is None else str(unit),
    }


def _ways(params: Params, post_payment: int, *, trying: bool) -> dict[str, int]:
    """Where the money of what was paid goes; a preview may leave it open."""
    ways = {name: integer(params, name) or 0 for name in WAYS}
    if trying and not any(ways.values()):
        return ways
    if sum(ways.values()) != post_payment:
        raise bad_request(
            "The sum of credit amount, refund amount and out of band amount must equal the post"
            f" payment amount of the credit note ({post_payment}).",
            param="credit_amount",
        )
    return ways


def _build(store: Store, params: Params, *, trying: bool = False) -> Obj:
    invoice = store.get("invoices", required(params, "invoice"), param="invoice")
    if invoice["status"] not in ("open", "paid"):
        raise bad_request("A credit note needs an open or a paid invoice.", param="invoice")
    reason = text(params, "reason")
    if reason is not None and reason not in REASONS:
        raise bad_request("Invalid reason.", param="reason")
    lines = [_line(store, invoice, one) for one in sequence(params, "lines")]
    if not lines:
        raise bad_request("The simulator credits lines.", param="lines")
    taxes = [tax for line in lines for tax in line["taxes"]]
    subtotal = sum(line["amount"] for line in lines)
    added = sum(tax["amount"] for tax in taxes if tax["tax_behavior"] == "exclusive")
    total = subtotal + added
    credited = invoice["pre_payment_credit_notes_amount"]
    credited += invoice["post_payment_credit_notes_amount"]
    if total > invoice["total"] - credited:
        raise bad_request("The credit notes would exceed the invoice.", param="lines")
    before = min(total, invoice["amount_remaining"]) if invoice["status"] == "open" else 0
    ways = _ways(params, total - before, trying=trying)
    kind = "post_payment" if not before else "pre_payment" if before == total else "mixed"
    count = sum(row["invoice"] == invoice["id"] for row in store.table("credit_notes").values())
    ident = new_id("cn")
    return {
        "id": ident,
        "object": "credit_note",
        "amount": total,
        "amount_shipping": 0,
        "created": store.now(),
        "currency": invoice["currency"],
        "customer": invoice["customer"],
        "customer_account": None,
        "customer_balance_transaction": None,
        "discount_amount": 0,
        "discount_amounts": [],
        "effective_at": integer(params, "effective_at") or store.now(),
        "invoice": invoice["id"],
        "livemode": False,
        "memo": text(params, "memo"),
        "metadata": merged_metadata({}, params),
        "number": f"{invoice['number']}-CN-{count + 1:02d}",
        "out_of_band_amount": ways["out_of_band_amount"] or None,
        "pdf": f"{store.base_url}/_sim/credit_notes/{ident}",
        "post_payment_amount": total - before,
        "pre_payment_amount": before,
        "pretax_credit_amounts": [],
        "reason": reason,
        "refunds": [
            {
                "amount_refunded": ways["refund_amount"],
                "payment_record_refund": None,
                "refund": new_id("re"),
                "type": "refund",
            }
        ]
        if ways["refund_amount"]
        else [],
        "shipping_cost": None,
        "status": "issued",
        "subtotal": subtotal,
        "subtotal_excluding_tax": subtotal,
        "total": total,
        "total_excluding_tax": subtotal,
        "total_taxes": taxes,
        "type": kind,
        "voided_at": None,
        "_lines": lines,
        "_credit": ways["credit_amount"],
    }


def preview_note(store: Store, params: Params) -> Obj:
    return shown(store, _build(store, params, trying=True))


def create_note(store: Store, params: Params) -> Obj:
    note = _build(store, params)
    invoice = store.get("invoices", note["invoice"])
    store.put("credit_notes", note)
    if note["_credit"]:
        moved = move_balance(
            store,
            store.get("customers", note["customer"]),
            -note["_credit"],
            "credit_note",
            credit_note=note["id"],
            currency=note["currency"],
        )
        note["customer_balance_transaction"] = moved["id"]
    invoice["pre_payment_credit_notes_amount"] += note["pre_payment_amount"]
    invoice["post_payment_credit_notes_amount"] += note["post_payment_amount"]
    emit(store, "credit_note.created", note)
    if note["pre_payment_amount"]:
        invoice["amount_due"] -= note["pre_payment_amount"]
        invoice["amount_remaining"] -= note["pre_payment_amount"]
        if not invoice["amount_remaining"]:
            settled(store, invoice, None)
    emit(store, "invoice.updated", invoice, {})
    return shown(store, note)


def void_note(store: Store, params: Params, ident: str) -> Obj:
    note = store.get("credit_notes", ident, status=404)
    invoice = store.get("invoices", note["invoice"])
    if note["status"] != "issued" or note["type"] != "pre_payment" or invoice["status"] != "open":
        raise bad_request("Only the credit note of an open invoice can be voided.")
    note |= {"status": "void", "voided_at": store.now()}
    invoice["pre_payment_credit_notes_amount"] -= note["pre_payment_amount"]
    invoice["amount_due"] += note["pre_payment_amount"]
    invoice["amount_remaining"] += note["pre_payment_amount"]
    emit(store, "credit_note.voided", note)
    emit(store, "invoice.updated", invoice, {})
    return shown(store, note)


def retrieve_note(store: Store, params: Params, ident: str) -> Obj:
    return shown(store, store.get("credit_notes", ident, status=404))


def list_notes(store: Store, params: Params) -> Obj:
    wanted = {name: text(params, name) for name in ("customer", "invoice")}
    rows = [
        row
        for row in store.newest("credit_notes")
        if all(value in (None, row[name]) for name, value in wanted.items())
    ]
    return page(store, "/v1/credit_notes", rows, params)


def list_note_lines(store: Store, params: Params, ident: str) -> Obj:
    note = store.get("credit_notes", ident, status=404)
    return page(store, f"/v1/credit_notes/{ident}/lines", note["_lines"], params)


NOTE = (
    "credit_amount effective_at email_type invoice lines memo metadata out_of_band_amount reason"
    " refund_amount"
)
ROUTES = [
    route("POST", "/v1/credit_notes", create_note, NOTE),
    route("GET", "/v1/credit_notes/preview", preview_note, NOTE),
    route("GET", "/v1/credit_notes", list_notes, f"{PAGED} customer invoice"),
    route("GET", "/v1/credit_notes/{id}", retrieve_note),
    route("GET", "/v1/credit_notes/{id}/lines", list_note_lines, PAGED),
    route("POST", "/v1/credit_notes/{id}/void", void_note),
]
