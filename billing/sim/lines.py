"""From what a subscription owes to the lines and totals of an invoice.

An invoice keeps `_owed`, one entry per price and period; its lines follow from that
and from the usage known at the moment, so a draft's lines can be worked out again.
"""

from __future__ import annotations

import hashlib
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from billing.sim.catalogue import plain
from billing.sim.grants import apply_grants
from billing.sim.state import Obj, Store
from billing.sim.usage import total

ZERO_DECIMAL = {
    "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga",
    "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf",
}  # fmt: skip
NO_PARENT: Obj = {"subscription_details": {"subscription": None}}
SIGNS = {"eur": "€", "usd": "$", "gbp": "£"}


def rounded(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


def money(minor: Decimal | int, currency: str) -> str:
    places = 0 if currency in ZERO_DECIMAL else 2
    value = Decimal(minor).scaleb(-places)
    exponent = -int(value.normalize().as_tuple().exponent)
    sign = SIGNS.get(currency, currency.upper() + " ")
    return f"{sign}{value:,.{max(places, exponent)}f}"


def owed(item: Obj, start: int, end: int, *, share: tuple[int, int] = (1, 1)) -> Obj:
    return {
        "item": item["id"],
        "price": item["_price"],
        "quantity": item.get("quantity"),
        "subscription": item["subscription"],
        "start": start,
        "end": end,
        "share": list(share),
    }


def trial_entry(item: Obj, start: int, end: int) -> Obj:
    return owed(item, start, end, share=(0, 1)) | {"trial": True}


def _pieces(price: Obj, quantity: Decimal) -> list[tuple[Decimal, Decimal, str]]:
    """(quantity, amount, label) for each tier that the quantity reaches."""
    if price["billing_scheme"] == "per_unit":
        return [(quantity, quantity * Decimal(price["unit_amount_decimal"]), "")]
    pieces: list[tuple[Decimal, Decimal, str]] = []
    below = Decimal(0)
    for number, tier in enumerate(price["_tiers"], 1):
        bound = quantity if tier["up_to"] is None else min(quantity, Decimal(tier["up_to"]))
        inside = max(Decimal(0), bound - below)
        if inside or number == 1:
            unit = Decimal(tier["unit_amount_decimal"] or 0)
            flat = Decimal(tier["flat_amount_decimal"] or 0) if inside else Decimal(0)
            pieces.append((inside, inside * unit + flat, f"Tier {number} "))
        below = max(below, bound)
    return pieces


def priced(price: Obj, quantity: Decimal) -> Decimal:
    """Not rounded."""
    return sum((amount for _, amount, _ in _pieces(price, quantity)), Decimal(0))


def _unit(price: Obj, index: int) -> str:
    if price["billing_scheme"] == "per_unit":
        return str(price["unit_amount_decimal"])
    return str(price["_tiers"][index]["unit_amount_decimal"] or "0")


def _taxes(store: Store, invoice: Obj, amount: int) -> list[Obj]:
    exempt: str = invoice["customer_tax_exempt"]
    taxes: list[Obj] = []
    for rate in invoice["default_tax_rates"]:
        percentage = Decimal(str(rate["percentage"]))
        divisor = 100 + percentage if rate["inclusive"] else Decimal(100)
        tax = rounded(amount * percentage / divisor) if exempt == "none" else 0
        reason = "standard_rated" if percentage else "zero_rated"
        taxes.append(
            {
                "amount": tax,
                "tax_behavior": "inclusive" if rate["inclusive"] else "exclusive",
                "tax_rate_details": {"tax_rate": rate["id"]},
                "taxability_reason": {"reverse": "reverse_charge", "exempt": "customer_exempt"}.get(
                    exempt, reason
                ),
                "taxable_amount": amount - tax if rate["inclusive"] else amount,
                "type": "tax_rate_details",
            }
        )
    return taxes


def _description(store: Store, price: Obj, quantity: Decimal, unit: str, label: str) -> str:
    product = store.get("products", price["product"])
    recurring = price["recurring"]
    every = recurring["interval"]
    if recurring["interval_count"] > 1:
        every = f"every {recurring['interval_count']} {every}s"
    noun = f"{product['unit_label']} × " if product["unit_label"] else "× "
    each = money(Decimal(unit), price["currency"])
    return f"{plain(quantity)} {noun}{product['name']} ({label}at {each} / {every})"


def _item_parent(item: Obj) -> Obj:
    if item["parent"] is None:
        details = {
            "invoice_item": item["id"],
            "proration": False,
            "proration_details": None,
            "subscription": None,
        }
        return {
            "invoice_item_details": details,
            "subscription_item_details": None,
            "type": "invoice_item_details",
        }
    return {
        "invoice_item_details": None,
        "subscription_item_details": {
            "invoice_item": item["id"],
            "proration": True,
            "proration_details": {"credited_items": None},
            **item["parent"]["subscription_details"],
        },
        "type": "subscription_item_details",
    }


def _item_line(store: Store, invoice: Obj, entry: Obj) -> Obj:
    item = store.get("invoiceitems", entry["invoice_item"])
    digest = hashlib.sha256(f"{invoice['id']}:{item['id']}".encode()).hexdigest()
    return {
        "id": f"il_{digest[:24]}",
        "object": "line_item",
        "amount": item["amount"],
        "currency": item["currency"],
        "description": item["description"],
        "discount_amounts": [],
        "discountable": item["discountable"],
        "discounts": [],
        "invoice": invoice["id"],
        "livemode": False,
        "metadata": dict(item["metadata"]),
        "parent": _item_parent(item),
        "period": dict(item["period"]),
        "pretax_credit_amounts": [],
        "pricing": dict(item["pricing"]),
        "quantity": item["quantity"],
        "quantity_decimal": item["quantity_decimal"],
        "subscription": (item["parent"] or NO_PARENT)["subscription_details"]["subscription"],
        "subtotal": item["amount"],
        "taxes": _taxes(store, invoice, item["amount"]),
    }


def pending(store: Store, customer: str) -> list[Obj]:
    """What waits for the customer's next invoice, as entries of `_owed`."""
    return [
        {"invoice_item": item["id"]}
        for item in store.table("invoiceitems").values()
        if item["customer"] == customer and item["invoice"] is None
    ]


def _lines(store: Store, invoice: Obj, entry: Obj, number: int) -> list[Obj]:
    if "invoice_item" in entry:
        return [_item_line(store, invoice, entry)]
    price = store.get("prices", entry["price"])
    metered = price["recurring"]["usage_type"] == "metered"
    quantity = Decimal(entry["quantity"] or 0)
    if metered:
        meter = price["recurring"]["meter"]
        # Corrections may take away more than there was: the line counts nothing then.
        held = total(store, meter, invoice["customer"], entry["start"], entry["end"])
        quantity = max(Decimal(0), held)
    part, whole = entry["share"]
    lines: list[Obj] = []
    for index, (inside, full, label) in enumerate(_pieces(price, quantity)):
        amount = rounded(full * part / whole)
        unit = "0" if entry.get("trial") else _unit(price, index)
        described = _description(store, price, inside, unit, label)
        if entry.get("trial"):
            described = f"Trial period for {store.get('products', price['product'])['name']}"
        prorated = part != whole and not entry.get("trial")
        digest = hashlib.sha256(f"{invoice['id']}:{number}:{index}".encode()).hexdigest()
        lines.append(
            {
                "id": f"il_{digest[:24]}",
                "object": "line_item",
                "amount": amount,
                "currency": price["currency"],
                "description": described,
                "discount_amounts": [],
                "discountable": True,
                "discounts": [],
                "invoice": invoice["id"],
                "livemode": False,
                "metadata": dict(price["metadata"]),
                "parent": {
                    "invoice_item_details": None,
                    "subscription_item_details": {
                        "invoice_item": None,
                        "proration": prorated,
                        "proration_details": {"credited_items": None} if prorated else None,
                        "subscription": entry["subscription"],
                        "subscription_item": entry["item"],
                    },
                    "type": "subscription_item_details",
                },
                "period": {"start": entry["start"], "end": entry["end"]},
                "pretax_credit_amounts": [],
                "pricing": {
                    "price_details": {"price": price["id"], "product": price["product"]},
                    "type": "price_details",
                    "unit_amount_decimal": unit,
                },
                "quantity": int(inside) if inside == int(inside) else None,
                "quantity_decimal": plain(inside),
                "subscription": entry["subscription"],
                "subtotal": amount,
                "taxes": _taxes(store, invoice, amount),
            }
        )
    return lines


def _total_taxes(lines: list[Obj]) -> list[Obj]:
    sums: dict[str, Obj] = {}
    for tax in (tax for line in lines for tax in line["taxes"]):
        rate = tax["tax_rate_details"]["tax_rate"]
        if rate not in sums:
            sums[rate] = tax | {"amount": 0, "taxable_amount": 0}
        sums[rate]["amount"] += tax["amount"]
        sums[rate]["taxable_amount"] += tax["taxable_amount"]
    return list(sums.values())


def _pretax(use: Obj) -> Obj:
    return {
        "amount": use["amount"],
        "credit_balance_transaction": None,
        "discount": None,
        "type": "credit_balance_transaction",
    }


def _use_credit(store: Store, invoice: Obj, lines: list[Obj]) -> list[Obj]:
    """Grants pay metered lines before taxes."""
    metered = [
        line
        for line in lines
        if line["amount"] > 0
        and (price := store.table("prices").get(line["pricing"]["price_details"]["price"]))
        and price["recurring"]
        and price["recurring"]["usage_type"] == "metered"
    ]
    uses = apply_grants(store, invoice, metered) if metered else []
    for line in metered:
        mine = [use for use in uses if use["line"] == line["id"]]
        if mine:
            left = line["amount"] - sum(use["amount"] for use in mine)
            line["pretax_credit_amounts"] = [_pretax(use) for use in mine]
            line["taxes"] = _taxes(store, invoice, left)
    return uses


def _follow_customer(store: Store, invoice: Obj) -> None:
    """Until it is final, an invoice says of its customer what holds now."""
    customer = store.get("customers", invoice["customer"])
    invoice["footer"] = customer["invoice_settings"]["footer"]
    for name in ("address", "email", "name", "tax_exempt"):
        invoice[f"customer_{name}"] = customer[name]
    invoice["customer_tax_ids"] = [
        {"type": row["type"], "value": row["value"]}
        for row in store.table("tax_ids").values()
        if row["customer"] == customer["id"]
    ]


def recompute(store: Store, invoice: Obj) -> None:
    _follow_customer(store, invoice)
    lines = [
        line
        for number, entry in enumerate(invoice["_owed"])
        for line in _lines(store, invoice, entry, number)
    ]
    credits = _use_credit(store, invoice, lines)
    given = sum(use["amount"] for use in credits)
    taxes = _total_taxes(lines)
    subtotal = sum(line["amount"] for line in lines)
    added = sum(tax["amount"] for tax in taxes if tax["tax_behavior"] == "exclusive")
    within = sum(tax["amount"] for tax in taxes if tax["tax_behavior"] == "inclusive")
    amount = subtotal + added - given
    balance = store.get("customers", invoice["customer"])["balance"]
    changed: dict[str, Any] = {
        "_lines": lines,
        "_credits": credits,
        "total_pretax_credit_amounts": [_pretax(use) for use in credits],
        "subtotal": subtotal,
        "subtotal_excluding_tax": subtotal - within,
        "total": amount,
        "total_excluding_tax": subtotal - within - given,
        "total_taxes": taxes,
        "starting_balance": balance,
        "amount_due": max(0, amount + balance),
        "amount_remaining": max(0, amount + balance),
    }
    invoice.update(changed)
