from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.finance.einvoicing.document import Allowance, Line
from app.finance.einvoicing.totals import add_up, line_net, share_of
from tenants.core.money import exponent

_RATES = [("S", Decimal(20)), ("S", Decimal("5.5")), ("S", Decimal("2.1")), ("E", Decimal(0)),
          ("AE", Decimal(0)), ("Z", Decimal(0)), ("O", None)]  # fmt: skip


def _line(number: int, net: int, category: str, rate: Decimal | None, **more: Any) -> Line:
    return Line(
        id=str(number), name="x", quantity=Decimal(1), unit="C62", unit_price=Decimal(1), net=net,
        category=category, rate=rate, **more,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("quantity", "price", "currency", "net"),
    [
        ("1", "0.005", "EUR", 1),
        ("1", "0.0049", "EUR", 0),
        ("-1", "0.005", "EUR", -1),
        ("3", "33.335", "EUR", 10001),
        ("1.5", "1001", "JPY", 1502),
        ("1", "1.2345", "KWD", 1235),
        ("0.3333", "10", "EUR", 333),
    ],
)
def test_a_line_is_rounded_once_half_up_to_what_its_currency_has(
    quantity: str, price: str, currency: str, net: int
) -> None:
    assert line_net(quantity=Decimal(quantity), unit_price=Decimal(price), currency=currency) == net


def test_price_per_hundred_and_the_lines_own_allowances_come_before_the_rounding() -> None:
    allowances = (Allowance(amount=50), Allowance(amount=20, charge=True))
    found = line_net(
        quantity=Decimal(250), unit_price=Decimal("12.345"), base_quantity=Decimal(100),
        currency="EUR", allowances=allowances,
    )  # fmt: skip
    assert found == 3086 - 30


def test_vat_is_taken_on_the_sum_of_a_rate_not_line_by_line() -> None:
    vat, totals = add_up(
        [_line(n, 3, "S", Decimal(20)) for n in range(1, 4)], currency="EUR"
    )  # a cent each by line, two on the sum
    assert [(one.taxable, one.tax) for one in vat] == [(9, 2)]
    assert (totals.net, totals.gross, totals.due) == (9, 11, 11)


def test_deposits_and_rounding_change_what_is_due_and_nothing_else() -> None:
    lines = [_line(1, 100_000, "S", Decimal(20))]
    _, plain = add_up(lines, currency="EUR")
    _, final = add_up(lines, currency="EUR", prepaid=36_000, rounding=-1)
    assert final == replace(plain, prepaid=36_000, rounding=-1, due=83_999)


def test_vat_of_a_foreign_invoice_stands_in_the_tax_currency_too() -> None:
    _, totals = add_up(
        [_line(1, 150_000, "S", Decimal(20))],
        currency="JPY", tax_currency="EUR", exchange_rate=Decimal("0.0056"),
    )  # fmt: skip
    assert (totals.tax, totals.tax_accounting) == (30_000, 16_800)


def test_reasons_of_one_category_share_its_entry_and_then_no_code_is_given() -> None:
    lines = [
        _line(1, 100, "E", Decimal(0), exemption_code="VATEX-EU-132-1I", exemption_reason="A"),
        _line(2, 100, "E", Decimal(0), exemption_code="VATEX-EU-132-1C", exemption_reason="B"),
    ]
    (vat,), _ = add_up(lines, currency="EUR")
    assert (vat.exemption_code, vat.exemption_reason) == ("", "A; B")
    (vat,), _ = add_up(lines[:1], currency="EUR")
    assert (vat.exemption_code, vat.exemption_reason) == ("VATEX-EU-132-1I", "A")


_amounts = st.integers(min_value=-(10**9), max_value=10**9)
_places = st.sampled_from(_RATES)


@given(
    nets=st.lists(st.tuples(_amounts, _places), min_size=1, max_size=1000),
    allowances=st.lists(st.tuples(st.integers(0, 10**7), st.booleans(), _places), max_size=10),
    prepaid=st.integers(0, 10**9),
    currency=st.sampled_from(["EUR", "JPY", "KWD"]),
)
def test_sums_by_rate_are_the_totals(
    nets: list[tuple[int, tuple[str, Decimal | None]]],
    allowances: list[tuple[int, bool, tuple[str, Decimal | None]]],
    prepaid: int,
    currency: str,
) -> None:
    lines = [_line(n, net, *place) for n, (net, place) in enumerate(nets, 1)]
    others = [
        Allowance(amount=amount, charge=charge, category=place[0], rate=place[1])
        for amount, charge, place in allowances
    ]
    vat, totals = add_up(lines, others, currency=currency, prepaid=prepaid)

    assert sum(one.taxable for one in vat) == totals.net
    assert totals.net == totals.lines - totals.allowances + totals.charges
    assert sum(one.tax for one in vat) == totals.tax
    assert totals.gross == totals.net + totals.tax
    assert totals.due == totals.gross - prepaid
    assert len({(one.category, one.rate) for one in vat}) == len(vat)
    for one in vat:
        assert one.tax == share_of(one.taxable, one.rate or Decimal(0))
        # Never more than half a minor unit from the exact figure.
        assert abs(Decimal(one.taxable) * (one.rate or 0) / 100 - one.tax) <= Decimal("0.5")
    mirrored, back = add_up(
        [replace(line, net=-line.net) for line in lines],
        [replace(one, charge=not one.charge) for one in others],
        currency=currency,
    )
    assert back.gross == -totals.gross
    assert {(one.category, one.rate): -one.tax for one in mirrored} == {
        (one.category, one.rate): one.tax for one in vat
    }


@given(
    quantity=st.decimals(min_value=-9999, max_value=9999, places=4),
    price=st.decimals(min_value=0, max_value=99999, places=6),
    currency=st.sampled_from(["EUR", "JPY", "KWD"]),
)
def test_a_line_is_never_more_than_half_a_unit_off(
    quantity: Decimal, price: Decimal, currency: str
) -> None:
    found = line_net(quantity=quantity, unit_price=price, currency=currency)
    exact = (quantity * price).scaleb(exponent(currency))
    assert abs(exact - found) <= Decimal("0.5")
    assert line_net(quantity=-quantity, unit_price=price, currency=currency) == -found
