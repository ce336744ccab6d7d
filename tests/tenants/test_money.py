from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.core.money import Money, exact_minor, exponent, to_minor

CURRENCIES = st.sampled_from(["EUR", "CHF", "JPY", "KWD", "XOF"])
MINOR = st.integers(-(10**15), 10**15)


@given(MINOR, CURRENCIES)
def test_minor_units_survive_their_decimal_text(minor: int, currency: str) -> None:
    amount = Money(minor, currency).amount
    assert exact_minor(str(amount), currency) == minor
    assert to_minor(amount, currency) == minor


@given(MINOR, MINOR, CURRENCIES)
def test_adding_and_taking_away_undo_each_other(one: int, two: int, currency: str) -> None:
    a, b = Money(one, currency), Money(two, currency)
    assert a + b - b == a
    assert a + -a == Money(0, currency)


@given(st.decimals(-(10**9), 10**9, places=6), CURRENCIES)
def test_rounding_is_half_away_from_zero_and_symmetric(amount: Decimal, currency: str) -> None:
    step = Decimal(1).scaleb(-exponent(currency))
    rounded = Money(to_minor(amount, currency), currency).amount
    assert rounded == amount.quantize(step, rounding=ROUND_HALF_UP)
    assert to_minor(-amount, currency) == -to_minor(amount, currency)


def test_different_currencies_do_not_add() -> None:
    with pytest.raises(ValueError, match="EUR and JPY"):
        Money(1, "EUR") + Money(1, "JPY")


@pytest.mark.parametrize("text", ["1.005", "1,00", "NaN", "Infinity", "", "1e-3", "x"])
def test_what_is_no_exact_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whichever sentence it has
        exact_minor(text, "EUR")
