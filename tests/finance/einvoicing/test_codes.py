"""Our countries and currencies beside the lists of the rule sets that come with the product."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from app.directory.checking import countries
from app.documents.checking.packs import packaged
from app.documents.checking.running import check
from app.finance.currencies import is_currency
from app.finance.einvoicing.codes import (
    NOT_IN_EXTENDED_CTC,
    is_listed_country,
    is_listed_currency,
    written_country,
)
from app.finance.einvoicing.document import Delivery, InvoiceDocument
from app.finance.einvoicing.forms import FORMS
from app.finance.einvoicing.problems import problems
from app.finance.einvoicing.rules_for import rule_sets
from app.finance.einvoicing.writing import write_xml
from tests.finance.einvoicing import samples

_NOW = datetime(2026, 11, 20, tzinfo=UTC)
# A list within an XPath: codes between quotes, a blank between them.
_QUOTED = re.compile(r"'\s?([A-Z0-9 ]{600,}?)\s?'")


def _lists() -> Iterator[tuple[str, frozenset[str]]]:
    for name, pack in packaged().items():
        if pack.kind != "schematron":
            continue
        if pack.codes:
            for found in etree.parse(pack.codes).iter("cl"):
                yield name, frozenset(str(one.get("value")) for one in found)
        for text in set(_QUOTED.findall(Path(pack.path).read_text())):
            yield name, frozenset(text.split())


# Greece is EL before VAT numbers alone; units of measure hold FR and DE by chance.
COUNTRIES = [one for one in _lists() if {"FR", "DE", "AT"} <= one[1] and "EL" not in one[1]]
CURRENCIES = [one for one in _lists() if {"EUR", "USD", "PLN"} <= one[1]]


def test_every_country_of_the_directory_is_in_the_lists() -> None:
    assert {name for name, _ in COUNTRIES} >= {
        "facturx-schematron:en16931", "facturx-schematron:extended", "ctc-fr-cii", "cen-ubl",
    }  # fmt: skip
    for name, codes in COUNTRIES:
        missing = {code for code in countries() if written_country(code) not in codes}
        assert missing == (NOT_IN_EXTENDED_CTC if name == "ctc-fr-cii" else set()), name
    # Northern Ireland stands in VAT numbers.
    every = frozenset.intersection(*(codes for _, codes in COUNTRIES))
    assert every - {written_country(code) for code in countries()} == {"XI"}


def test_every_currency_of_an_invoice_is_in_the_lists() -> None:
    every = frozenset.intersection(*(codes for _, codes in CURRENCIES))
    assert len(CURRENCIES) > 10
    for code in frozenset.union(*(codes for _, codes in CURRENCIES)) | {"BGN", "STN"}:
        if is_currency(code):
            assert is_listed_currency(code) is (code in every), code


def _to(country: str) -> InvoiceDocument:
    one = samples.export()
    address = replace(one.buyer.address, country=country)
    return replace(
        one, buyer=replace(one.buyer, address=address),
        delivery=Delivery(on=one.issued_on, address=address),
    )  # fmt: skip


@pytest.mark.parametrize("name", ["facturx-en16931", "facturx-extended-ctc-fr", "ubl-en16931"])
def test_kosovo_is_written_by_the_code_of_the_lists(name: str) -> None:
    document, form = _to("XK"), FORMS[name]
    assert problems(document, form) == []
    content = write_xml(document, form=form)
    assert check(content, rule_sets(document, form), now=_NOW, installed={}).outcome == "valid"


def test_other_codes_get_no_number() -> None:
    form = FORMS["facturx-en16931"]
    for code in ("IC", "XX", "1A", "fr"):
        assert not is_listed_country(code)
        found = {one.field for one in problems(_to(code), form)}
        assert found == {"buyer.address.country", "delivery.address"}
    home = samples.foreign_currency()
    for code in ("BGN", "STN"):
        assert "currency" in {one.field for one in problems(replace(home, currency=code), form)}
    extended = FORMS["facturx-extended-ctc-fr"]
    assert {one.field for one in problems(_to("SS"), extended)} == {"form"}
    assert problems(_to("SS"), form) == []
