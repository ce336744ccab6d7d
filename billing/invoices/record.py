"""A final invoice of Stripe's as a neutral record in the terms of EN 16931, from which Factur-X can be
written: amounts in minor units, days as ISO has them. Pure; Stripe's figures are kept as they are.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Json = Mapping[str, Any]
Record = dict[str, Any]
CATEGORIES = {"reverse_charge": "AE", "outside": "O", "domestic": "S", "supplier_rate": "S"}
INVOICE, CREDIT_NOTE = "380", "381"


class SumsDiffer(Exception):
    """What Stripe says of this invoice doesn't add up as EN 16931 wants it."""


def of_invoice(
    given: Json, *, kind: str, seller: Json, mention: Json | None, seller_country: str
) -> Record:
    """SumsDiffer rather than a record that no validator takes."""
    rates = {one["id"]: Decimal(str(one["percentage"])) for one in given["default_tax_rates"] or ()}
    lines = [_line(one, kind, rates) for one in given["lines"]]
    allowances = [
        {"amount": credit["amount"], "reason": "Credit", "category": line["category"],
         "rate": line["rate"]}
        for line, one in zip(lines, given["lines"], strict=True)
        for credit in one.get("pretax_credit_amounts") or ()
    ]  # fmt: skip
    used = (given["ending_balance"] or 0) - (given["starting_balance"] or 0)
    record = {
        "version": 1, "type": INVOICE, "number": given["number"],
        "issued_on": _day(given["status_transitions"]["finalized_at"]),
        "due_on": _day(given["due_date"]), "currency": given["currency"].upper(),
        "period": {"from": _day(given["period_start"]), "to": _day(given["period_end"])},
        "preceding_invoice": None, "seller": {**seller, "country": seller_country},
        "buyer": _buyer(given), "lines": lines, "allowances": allowances,
        "vat": _breakdown(lines, allowances, [one["taxes"] for one in given["lines"]], mention),
        "notes": [mention["sentence"]] if mention else [],
        "payments": [_payment(one) for one in given.get("payments") or () if one["status"] == "paid"],
    }  # fmt: skip
    record["totals"] = _totals(record, prepaid=used)
    return _checked(record, net=given["total_excluding_tax"], gross=given["total"])


def of_credit_note(note: Json, *, invoice: Record) -> Record:
    """On an invoice whose record is there: the same parties, the same treatment, amounts positive."""
    vat = invoice["vat"][0] if invoice["vat"] else {"category": "O", "rate": None}
    lines = [
        {
            "id": one["id"], "description": one["description"] or "", "quantity": "1",
            "unit_price": str(one["amount"]), "net": one["amount"],
            "category": vat["category"], "rate": vat["rate"], "from": None, "to": None,
        }
        for one in note["lines"]
    ]  # fmt: skip
    mention = (
        {"code": vat["exemption_code"], "sentence": vat["exemption_reason"]}
        if vat.get("exemption_code")
        else None
    )
    record = {
        **invoice, "type": CREDIT_NOTE, "number": note["number"],
        "issued_on": _day(note["created"]), "due_on": None,
        "preceding_invoice": {"number": invoice["number"], "issued_on": invoice["issued_on"]},
        "lines": lines, "allowances": [], "payments": [],
        "vat": _breakdown(lines, [], [one["taxes"] for one in note["lines"]], mention),
        "reason": note["memo"] or "",
    }  # fmt: skip
    record["totals"] = _totals(record, prepaid=0)
    return _checked(record, net=note["subtotal"], gross=note["total"])


def of_void(given: Json, *, invoice: Record, sha256: str) -> Record:
    """Takes back the invoice whose record has this digest."""
    return {
        "version": 1, "type": "void", "number": invoice["number"], "withdraws": sha256,
        "voided_on": _day(given["status_transitions"]["voided_at"]),
    }  # fmt: skip


def _payment(one: Json) -> Record:
    return {"on": _day(one["status_transitions"]["paid_at"]), "amount": one["amount_paid"]}


def _line(one: Json, kind: str, rates: Mapping[str, Decimal]) -> Record:
    quantity, price = _terms(one)
    taxes = one["taxes"] or ()
    rate = next((rates.get(tax["tax_rate_details"]["tax_rate"]) for tax in taxes), None)
    category = CATEGORIES.get(kind, "O") if taxes else "O"
    return {
        "id": one["id"], "description": one["description"] or "", "quantity": quantity,
        "unit_price": price, "net": one["amount"], "category": category,
        "rate": _rate(category, rate), "from": _day(one["period"]["start"]),
        "to": _day(one["period"]["end"]),
    }  # fmt: skip


def _rate(category: str, rate: Decimal | None) -> str | None:
    if category == "O":
        return None
    return "0" if category == "AE" else f"{rate or Decimal(0):f}"


def _terms(one: Json) -> tuple[str, str]:
    """Quantity and price (in minor units) whose product is the line: a price is never negative, and
    a part of a period is one piece."""
    amount = one["amount"]
    quantity = Decimal(str(one.get("quantity_decimal") or one.get("quantity") or 0))
    unit = (one.get("pricing") or {}).get("unit_amount_decimal")
    if unit is not None and Decimal(str(unit)) >= 0 and quantity > 0:
        product = (quantity * Decimal(str(unit))).quantize(Decimal(1), ROUND_HALF_UP)
        if product == amount:
            return f"{quantity.normalize():f}", str(unit)
    return ("-1" if amount < 0 else "1"), str(abs(amount))


def _breakdown(
    lines: Sequence[Record],
    allowances: Sequence[Record],
    taxes: Sequence[Any],
    mention: Json | None,
) -> list[Record]:
    """One entry for each category and rate (BG-23)."""
    taxable: dict[tuple[str, str | None], int] = defaultdict(int)
    tax: dict[tuple[str, str | None], int] = defaultdict(int)
    for line, found in zip(lines, taxes, strict=True):
        place = (line["category"], line["rate"])
        taxable[place] += line["net"]
        tax[place] += sum(one["amount"] for one in found or ())
    for one in allowances:
        taxable[one["category"], one["rate"]] -= one["amount"]
    free = mention or {"code": None, "sentence": None}
    return [
        {
            "category": category, "rate": rate, "taxable": taxable[category, rate],
            "tax": tax[category, rate],
            "exemption_code": free["code"] if category in ("AE", "O") else None,
            "exemption_reason": free["sentence"] if category in ("AE", "O") else None,
        }
        for category, rate in taxable
    ]  # fmt: skip


def _totals(record: Record, *, prepaid: int) -> Record:
    lines = sum(one["net"] for one in record["lines"])
    allowances = sum(one["amount"] for one in record["allowances"])
    vat = sum(one["tax"] for one in record["vat"])
    gross = lines - allowances + vat
    return {
        "lines": lines, "allowances": allowances, "net": lines - allowances, "vat": vat,
        "gross": gross, "prepaid": prepaid, "due": gross - prepaid,
    }  # fmt: skip


def _checked(record: Record, *, net: int, gross: int) -> Record:
    totals = record["totals"]
    if (totals["net"], totals["gross"]) != (net, gross):
        raise SumsDiffer(totals["gross"])
    return record


def _buyer(given: Json) -> Record:
    address = given["customer_address"] or {}
    return {
        "name": given["customer_name"] or "", "email": given["customer_email"] or "",
        "line1": address.get("line1") or "", "line2": address.get("line2") or "",
        "postcode": address.get("postal_code") or "", "town": address.get("city") or "",
        "country": address.get("country") or "",
        "vat_id": next((one["value"] for one in given["customer_tax_ids"] or ()), "") or "",
    }  # fmt: skip


def _day(stamp: int | None) -> str | None:
    return None if stamp is None else datetime.fromtimestamp(stamp, UTC).date().isoformat()
