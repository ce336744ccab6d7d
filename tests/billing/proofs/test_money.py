"""Money with 0, 2 and 3 decimals, from what is written to what is charged and shown: whole minor
units, rounded half away from zero, counted a second time here in fractions."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from babel.numbers import parse_decimal
from hypothesis import given
from hypothesis import strategies as st

from app.web.formats import MINUS, money_text
from billing.plans import PLANS, Part
from billing.presenting import MeterFigures, amount_of
from billing.sim.lines import rounded
from tenants.core.money import Money, exact_minor, exponent, to_minor

ROOT = Path(__file__).parents[3]
# The currencies of each kind, also those whose decimals our languages don't show by themselves.
PLACES = {"JPY": 0, "XOF": 0, "EUR": 2, "CHF": 2, "RSD": 2, "TND": 3, "BHD": 3, "IQD": 3}
CURRENCIES = st.sampled_from(sorted(PLACES))
MINOR = st.integers(-(10**15), 10**15)
UNITS = st.integers(0, 10**9)
PRICES = st.decimals(0, 10**6, places=12)
METERED = [part for plan in PLANS for part in plan.metered]


def half_away(value: Fraction) -> int:
    """Of its own: the whole number next to it, the greater one of two that are as near."""
    size, sign = abs(value), -1 if value < 0 else 1
    return sign * ((2 * size.numerator + size.denominator) // (2 * size.denominator))


@pytest.mark.parametrize(
    ("written", "currency", "minor"),
    [
        ("0.5", "JPY", 1), ("0.4999", "JPY", 0), ("-0.5", "JPY", -1), ("1.5", "JPY", 2),
        ("1.005", "EUR", 101), ("1.015", "EUR", 102), ("2.675", "EUR", 268), ("-1.005", "EUR", -101),
        ("0.0005", "TND", 1), ("0.00049", "TND", 0), ("1.2345", "BHD", 1235), ("9.9995", "BHD", 10000),
    ],
)  # fmt: skip
def test_halves_go_away_from_zero(written: str, currency: str, minor: int) -> None:
    assert to_minor(Decimal(written), currency) == minor


@given(st.decimals(-(10**12), 10**12, places=8), CURRENCIES)
def test_rounding_is_what_fractions_say(amount: Decimal, currency: str) -> None:
    assert exponent(currency) == PLACES[currency]
    assert to_minor(amount, currency) == half_away(Fraction(amount) * 10 ** PLACES[currency])


@given(MINOR, CURRENCIES)
def test_there_and_back_is_the_same(minor: int, currency: str) -> None:
    amount = Money(minor, currency).amount
    assert Fraction(amount) == Fraction(minor, 10 ** PLACES[currency])
    assert to_minor(amount, currency) == exact_minor(str(amount), currency) == minor


@given(MINOR, CURRENCIES, st.sampled_from(["en", "fr", "de"]))
def test_what_is_shown_reads_back_to_the_last_unit(
    minor: int, currency: str, language: str
) -> None:
    shown = money_text(minor, currency, language).replace(MINUS, "-")
    number = re.sub(r"[^\d.,\s'’-]", "", shown).strip()
    number = re.sub(r"^-\s+", "-", number)
    assert parse_decimal(number, locale=language, strict=False) == Money(minor, currency).amount


@given(PRICES, UNITS)
def test_an_amount_of_usage_is_what_stripe_charges(price: Decimal, units: int) -> None:
    exact = half_away(Fraction(price) * units)
    assert amount_of(price, units) == exact
    assert rounded(price * units) == exact


@pytest.mark.parametrize("part", METERED, ids=lambda part: part.lookup_key)
@given(units=st.integers(0, 200_000))
def test_included_units_cost_nothing_and_one_more_costs_one(part: Part, units: int) -> None:
    def cost(quantity: int) -> int:
        return MeterFigures(part, quantity, part.unit_amount, []).minor

    assert cost(units) == half_away(max(0, units - part.included) * Fraction(part.unit_amount))
    assert cost(part.included) == 0
    assert cost(part.included + 2) == half_away(2 * Fraction(part.unit_amount))


def test_catalogue_amounts_are_exact() -> None:
    """Base fees are whole cents; a unit's price has as many decimals as Stripe takes at most."""
    for plan in PLANS:
        for base in plan.bases.values():
            assert base.unit_amount == base.unit_amount.to_integral_value()
        for part in plan.metered:
            assert -part.unit_amount.normalize().as_tuple().exponent <= 12  # type: ignore[operator]


def rules() -> Iterator[tuple[str, ast.Module]]:
    for path in [*sorted((ROOT / "billing").rglob("*.py")), ROOT / "tenants/core/money.py"]:
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith("billing/sim/"):
            yield name, ast.parse(path.read_text("utf-8"))


# A share of a quota for a bar, a time: nothing that anybody pays.
NO_MONEY = {"billing/advance.py"}


def test_no_amount_is_ever_a_float() -> None:
    found = []
    for name, tree in rules():
        for node in ast.walk(tree):
            called = isinstance(node, ast.Call) and ast.unparse(node.func) in ("float", "round")
            literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
            if (called or literal) and name not in NO_MONEY:
                found.append(f"{name}:{getattr(node, 'lineno', 0)}")
    assert found == []
