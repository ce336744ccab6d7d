"""Sums of the records hold as EN 16931 wants them (BR-CO-10 to BR-CO-17), whatever Stripe invoices."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.invoices.handing_over import digest
from billing.invoices.record import SumsDiffer, of_credit_note, of_invoice

SELLER = {"name": "Coulisse", "vat_id": "FR40303265045"}


def cents(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


@st.composite
def invoices(draw: st.DrawFn) -> tuple[dict[str, Any], str]:
    """Base fees, tiers, parts of a period (also taken back), credit for usage and on account."""
    kind, exempt = draw(st.sampled_from([
        ("domestic", "none"), ("supplier_rate", "none"), ("reverse_charge", "reverse"),
        ("outside", "exempt"),
    ]))  # fmt: skip
    percentage = draw(st.sampled_from([Decimal(20), Decimal("8.5"), Decimal(19)]))
    lines: list[dict[str, Any]] = []
    for number in range(draw(st.integers(0, 8))):
        quantity = draw(st.integers(0, 5000))
        unit = draw(st.decimals(0, 2000, places=1))
        share = draw(st.sampled_from([Decimal(1), Decimal("0.37"), Decimal("-0.63")]))
        amount = cents(quantity * unit * share)
        credit = draw(st.integers(0, amount)) if amount > 0 and draw(st.booleans()) else 0
        tax = cents((amount - credit) * percentage / 100) if exempt == "none" else 0
        lines.append({
            "id": f"il_{number}", "description": "x", "amount": amount, "quantity": quantity,
            "quantity_decimal": str(quantity), "pricing": {"unit_amount_decimal": str(unit)},
            "period": {"start": 0, "end": 86400},
            "pretax_credit_amounts": [{"amount": credit}] if credit else [],
            "taxes": [{"amount": tax, "tax_rate_details": {"tax_rate": "txr_1"}}],
        })  # fmt: skip
    net = sum(one["amount"] for one in lines)
    net -= sum(c["amount"] for one in lines for c in one["pretax_credit_amounts"])
    gross = net + sum(one["taxes"][0]["amount"] for one in lines)
    before = -draw(st.integers(0, 100_000))
    return {
        "number": "A-0001", "lines": lines, "currency": "eur", "total": gross,
        "total_excluding_tax": net, "due_date": None, "period_start": 0, "period_end": 86400,
        "status_transitions": {"finalized_at": 86400}, "starting_balance": before,
        "ending_balance": min(0, before + gross), "customer_address": {"country": "DE"},
        "customer_name": "Nord", "customer_email": None, "customer_tax_ids": [],
        "default_tax_rates": [{"id": "txr_1", "percentage": float(percentage)}],
    }, kind  # fmt: skip


def made(found: tuple[dict[str, Any], str]) -> dict[str, Any]:
    kind = found[1]
    said = {"code": "VATEX-EU-AE", "sentence": "Autoliquidation"}
    free = kind in ("reverse_charge", "outside")
    return of_invoice(
        found[0], kind=kind, seller=SELLER, seller_country="FR", mention=said if free else None
    )


@given(invoices())
def test_the_sums_hold(found: tuple[dict[str, Any], str]) -> None:
    record = made(found)
    totals = record["totals"]
    assert totals["lines"] == sum(one["net"] for one in record["lines"])
    assert totals["net"] == totals["lines"] - totals["allowances"]
    assert totals["net"] == sum(one["taxable"] for one in record["vat"])
    assert totals["vat"] == sum(one["tax"] for one in record["vat"])
    assert totals["gross"] == totals["net"] + totals["vat"] == found[0]["total"]
    assert totals["due"] == totals["gross"] - totals["prepaid"] >= 0
    for one in record["lines"]:
        assert Decimal(one["unit_price"]) >= 0
        assert cents(Decimal(one["quantity"]) * Decimal(one["unit_price"])) == one["net"]
    for one in record["vat"]:
        rate = Decimal(one["rate"] or 0)
        # Stripe rounds line by line; the standard's own checks allow one unit of the currency.
        assert abs(one["tax"] - one["taxable"] * rate / 100) <= 100
        assert (one["category"] in ("AE", "O")) is (one["exemption_code"] is not None)
        assert one["category"] == "S" or one["tax"] == 0
    assert digest(record) == digest(made(found))


@given(invoices(), st.integers(1, 100_000))
def test_a_credit_note_names_its_invoice(found: tuple[dict[str, Any], str], amount: int) -> None:
    invoice = made(found)
    rate = Decimal(invoice["vat"][0]["rate"] or 0) if invoice["vat"] else Decimal(0)
    tax = cents(amount * rate / 100)
    note = of_credit_note(
        {
            "number": "A-0001-CN-01", "created": 0, "memo": None, "subtotal": amount,
            "total": amount + tax,
            "lines": [{"id": "c1", "description": None, "amount": amount,
                       "taxes": [{"amount": tax}]}],
        },
        invoice=invoice,
    )  # fmt: skip
    assert (note["type"], note["preceding_invoice"]["number"]) == ("381", "A-0001")
    assert note["totals"]["gross"] == note["totals"]["due"] == amount + tax
    assert note["buyer"] == invoice["buyer"]


@given(invoices())
def test_what_does_not_add_up_makes_no_record(found: tuple[dict[str, Any], str]) -> None:
    found[0]["total"] += 1
    with pytest.raises(SumsDiffer):
        made(found)
