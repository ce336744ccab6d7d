from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.models import VAT_STATES
from billing.plans import BY_KEY
from billing.taxes.numbers import Number, checked
from billing.taxes.rules import KINDS, UnknownSeller, mention, treatment
from billing.taxes.territories import MEMBERS, prefix_of, territory

DAY = date(2026, 11, 2)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
codes = st.text(LETTERS, min_size=2, max_size=2) | st.sampled_from(sorted(MEMBERS))
postcodes = st.text("0123456789 -", max_size=8)


@given(
    st.sampled_from(["FR", "DE", "MC"]), codes, st.sampled_from(VAT_STATES),
    st.dates(date(1990, 1, 1), date(2100, 1, 1)), postcodes, codes,
)  # fmt: skip
def test_everybody_has_one_treatment(
    seller: str, country: str, status: str, on: date, postcode: str, prefix: str
) -> None:
    """And only a verified number of another member state takes the VAT away within the EU."""
    number = f"{prefix}123456789"
    found = treatment(seller, country, status, on, postcode=postcode, vat_id=number)
    assert found.kind in KINDS
    assert BY_KEY[found.rate].kind == "tax"
    place, home = territory(country, postcode), territory(seller)
    if found.kind == "reverse_charge":
        assert status == "verified"
        assert place in MEMBERS
        assert place != home
        assert number.startswith(prefix_of(place))
    assert (found.percentage == 0) is (found.kind in ("reverse_charge", "outside"))
    assert (found.exempt == "none") is (found.percentage > 0)
    assert found.category == {"reverse_charge": "AE", "outside": "O"}.get(found.kind, "S")
    if found.percentage:
        assert BY_KEY[found.rate].unit_amount == found.percentage
    assert (mention(found.kind, seller=seller, language="fr") is not None) is (
        found.percentage == 0
    )


@pytest.mark.parametrize(
    ("seller", "country", "postcode", "number", "kind", "rate"),
    [
        ("FR", "FR", "75001", "", "domestic", "20"),
        ("FR", "MC", "98000", "", "domestic", "20"),
        ("FR", "FR", "98000", "", "domestic", "20"),
        ("FR", "RE", "97410", "", "domestic", "8.5"),
        ("FR", "FR", "97410", "", "domestic", "8.5"),
        ("FR", "FR", "97300", "", "outside", "0"),
        ("FR", "NC", "", "", "outside", "0"),
        ("DE", "RE", "97410", "", "outside", "0"),
        ("DE", "DE", "10115", "", "domestic", "19"),
        ("DE", "DE", "78266", "", "outside", "0"),
        ("FR", "DE", "10115", "", "supplier_rate", "20"),
        ("FR", "DE", "10115", "DE136695976", "reverse_charge", "0"),
        ("DE", "MC", "98000", "FR40303265045", "reverse_charge", "0"),
        ("FR", "GR", "10557", "EL094259216", "reverse_charge", "0"),
        # Northern Ireland is the EU's for goods only.
        ("FR", "GB", "BT1 1AA", "XI110305878", "outside", "0"),
        ("FR", "ES", "35001", "ESB12345674", "outside", "0"),
        ("FR", "FI", "22100", "", "outside", "0"),
        ("FR", "CH", "8001", "", "outside", "0"),
        # A number of the seller's own country says nothing of another one.
        ("FR", "BE", "1000", "FR40303265045", "supplier_rate", "20"),
    ],
)
def test_known_cases(
    seller: str, country: str, postcode: str, number: str, kind: str, rate: str
) -> None:
    found = treatment(seller, country, "verified", DAY, postcode=postcode, vat_id=number)
    assert (found.kind, found.percentage) == (kind, Decimal(rate))


def test_a_seller_whose_rate_nobody_knows_is_an_error() -> None:
    with pytest.raises(UnknownSeller):
        treatment("BE", "FR", "", DAY)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("fr", "Autoliquidation"), ("de", "Steuerschuldnerschaft des Leistungsempfängers"),
        ("en", "Reverse charge"), ("it", "Reverse charge"),
    ],
)  # fmt: skip
def test_the_law_has_words_of_its_own(language: str, sentence: str) -> None:
    said = mention("reverse_charge", seller="FR", language=language)
    assert said is not None
    assert said.sentence == sentence
    assert "283-2" in said.law
    german = mention("reverse_charge", seller="DE", language=language)
    assert german is not None
    assert "§ 14a" in german.law


@pytest.mark.parametrize(
    ("country", "typed", "number"),
    [
        ("FR", "40 303 265 045", Number("eu_vat", "FR40303265045")),
        ("MC", "FR40303265045", Number("eu_vat", "FR40303265045")),
        ("RE", "FR40303265045", Number("eu_vat", "FR40303265045")),
        ("GR", "GR 094259216", Number("eu_vat", "EL094259216")),
        ("CH", "CHE-107.787.577 IVA", Number("ch_vat", "CHE107787577IVA")),
        ("GB", "980 7806 84", Number("gb_vat", "GB980780684")),
        ("NO", "995525828MVA", Number("no_vat", "995525828MVA")),
        ("US", " - ", None),
        ("DE", "", None),
    ],
)
def test_numbers_as_people_write_them(country: str, typed: str, number: Number | None) -> None:
    assert checked(country, typed) == number


@given(codes, st.text(max_size=20))
def test_a_number_is_taken_or_refused_in_words(country: str, typed: str) -> None:
    found: Number | str | None
    try:
        found = checked(country, typed)
    except ValueError as error:
        found = str(error)
    assert found is None or found != ""
