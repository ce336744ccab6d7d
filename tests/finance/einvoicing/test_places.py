"""Where the sides of an invoice are and where the goods go decides which VAT it may leave out, and
whose rules it keeps."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from app.documents.checking.announced import announced_in
from app.documents.checking.announced import rule_sets as announced_sets
from app.documents.checking.running import check
from app.finance.einvoicing.document import (
    Address,
    Delivery,
    Identifier,
    InvoiceDocument,
    Note,
    Party,
)
from app.finance.einvoicing.forms import FORMS
from app.finance.einvoicing.mentions import notes_for, treatment_of
from app.finance.einvoicing.problems import problems
from app.finance.einvoicing.rules_for import is_french_exchange, rule_sets
from app.finance.einvoicing.totals import added_up
from app.finance.einvoicing.vat import usual_exemption
from app.finance.einvoicing.writing import write_xml
from app.finance.sales_invoices import settings_checks
from app.finance.sales_invoices.models import InvoicingSettings
from app.finance.sales_invoices.seller import seller_of
from app.finance.sales_invoices.services.settings import PLAIN
from tenants.core.errors import Invalid
from tests.finance.einvoicing import samples
from tests.finance.einvoicing.samples import FRENCH_BUYER, GERMAN_BUYER, SELLER, SWISS_BUYER

_NOW = datetime(2026, 11, 20, tzinfo=UTC)
FULL = FORMS["facturx-en16931"]
PARIS = Address(lines=("1 rue X",), postcode="75001", city="Paris", country="FR")
BREMEN = Address(lines=("Am Wall 1",), postcode="28195", city="Bremen", country="DE")
LAS_PALMAS = Address(lines=("Calle 1",), postcode="35001", city="Las Palmas", country="ES")
MADRID = Address(lines=("Calle 1",), postcode="28001", city="Madrid", country="ES")
MONACO = Address(lines=("1 quai X",), postcode="98000", city="Monaco", country="MC")
SAINT_DENIS = Address(lines=("1 rue X",), postcode="97400", city="Saint-Denis", country="RE")
CAYENNE = Address(lines=("1 rue X",), postcode="97300", city="Cayenne", country="FR")
BELFAST = Address(lines=("1 High Street",), postcode="BT1 1AA", city="Belfast", country="GB")
LONDON = Address(lines=("1 High Street",), postcode="W1A 1AA", city="London", country="GB")
GENEVA = SWISS_BUYER.address


def somebody(address: Address, vat_id: str = "") -> Party:
    return Party(
        name="Somebody", vat_id=vat_id, address=address,
        electronic_address=Identifier(value="a@b.example", scheme="EM"),
    )  # fmt: skip


def of(
    kind: str, *, seller: Party = SELLER, buyer: Party, to: Address | None = None, **more: Any
) -> InvoiceDocument:
    """Of a category without VAT; `to` is where the goods go."""
    sample = samples.SET[kind]()
    return added_up(
        replace(
            sample, seller=seller, buyer=buyer, delivery=Delivery(on=samples.ISSUED, address=to),
            **more,
        )
    )  # fmt: skip


def said(document: InvoiceDocument) -> list[str]:
    """Of VAT: what else a buyer abroad lacks is another matter."""
    wanted = ("buyer.vat_id", "buyer.address.country", "seller.vat_id", "delivery.address")
    return [one.field for one in problems(document, FULL) if one.field in wanted]


IT = "IT00743110157"


@pytest.mark.parametrize(
    ("seller", "buyer", "to", "fields"),
    [
        (SELLER, GERMAN_BUYER, BREMEN, []),
        (SELLER, somebody(MADRID, "ESA12345674"), MADRID, []),
        # Their numbers count, not where their offices are.
        (SELLER, somebody(GENEVA, "DE136695976"), BREMEN, []),
        (SELLER, somebody(PARIS, "DE136695976"), BREMEN, []),
        (replace(SELLER, vat_id="DE811907980"), FRENCH_BUYER, PARIS, []),
        # Goods for Northern Ireland stay in the EU.
        (SELLER, somebody(BELFAST, "XI110305878"), BELFAST, []),
        # At home.
        (SELLER, FRENCH_BUYER, PARIS, ["buyer.vat_id", "delivery.address"]),
        (SELLER, GERMAN_BUYER, PARIS, ["delivery.address"]),
        (SELLER, FRENCH_BUYER, BREMEN, ["buyer.vat_id"]),
        (SELLER, somebody(MONACO, "FR40303265045"), MONACO, ["buyer.vat_id", "delivery.address"]),
        # Outside of the EU, or of its VAT.
        (SELLER, GERMAN_BUYER, GENEVA, ["delivery.address"]),
        (SELLER, somebody(LAS_PALMAS, "ESA12345674"), LAS_PALMAS, ["delivery.address"]),
        (SELLER, FRENCH_BUYER, SAINT_DENIS, ["buyer.vat_id", "delivery.address"]),
        (SELLER, somebody(LONDON, "GB110305878"), LONDON,
         ["buyer.vat_id", "buyer.address.country", "delivery.address"]),
        (replace(SELLER, vat_id="CHE123456789", address=GENEVA), GERMAN_BUYER, BREMEN, ["seller.vat_id"]),
        (samples.GERMAN_SELLER, somebody(MONACO, "FR40303265045"), MONACO, []),
    ],
)  # fmt: skip
def test_a_supply_to_another_eu_country_goes_to_one(
    seller: Party, buyer: Party, to: Address, fields: list[str]
) -> None:
    assert said(of("intra_eu", seller=seller, buyer=buyer, to=to)) == fields


@pytest.mark.parametrize(
    ("seller", "buyer", "to", "fields"),
    [
        (SELLER, SWISS_BUYER, None, []),
        (SELLER, SWISS_BUYER, GENEVA, []),
        # Of a buyer at home or in the EU, if the goods leave it.
        (SELLER, GERMAN_BUYER, GENEVA, []),
        (SELLER, FRENCH_BUYER, LONDON, []),
        (SELLER, FRENCH_BUYER, LAS_PALMAS, []),
        # For VAT, France's overseas departments are abroad, and it is abroad for them (CGI 294).
        (SELLER, FRENCH_BUYER, SAINT_DENIS, []),
        (SELLER, FRENCH_BUYER, CAYENNE, []),
        (replace(SELLER, address=SAINT_DENIS), FRENCH_BUYER, PARIS, []),
        (SELLER, SWISS_BUYER, PARIS, ["delivery.address"]),
        (SELLER, SWISS_BUYER, BREMEN, ["delivery.address"]),
        (SELLER, SWISS_BUYER, MONACO, ["delivery.address"]),
        (SELLER, SWISS_BUYER, BELFAST, ["delivery.address"]),
        (SELLER, somebody(MONACO), None, ["buyer.address.country"]),
        (SELLER, GERMAN_BUYER, None, ["buyer.address.country"]),
        (replace(SELLER, address=SAINT_DENIS), GERMAN_BUYER, None, ["buyer.address.country"]),
    ],
)  # fmt: skip
def test_an_export_leaves_the_eu(
    seller: Party, buyer: Party, to: Address | None, fields: list[str]
) -> None:
    assert said(of("export", seller=seller, buyer=buyer, to=to)) == fields


@pytest.mark.parametrize(
    ("buyer", "fields"),
    [
        (GERMAN_BUYER, []),
        # At home France and Germany have it too, for works and waste.
        (FRENCH_BUYER, []),
        (replace(FRENCH_BUYER, vat_id=""), []),
        (replace(GERMAN_BUYER, vat_id="", legal_id=Identifier(value="HRB 1")), ["buyer.vat_id"]),
        (replace(GERMAN_BUYER, vat_id="CHE123456789"), ["buyer.vat_id"]),
        (replace(GERMAN_BUYER, vat_id="XI110305878"), ["buyer.vat_id"]),
        (somebody(MADRID, "ESA12345674"), []),
        (somebody(GENEVA, "CHE123456789"), []),
    ],
)
def test_reverse_charge_in_another_eu_country_needs_a_number_of_the_eu(
    buyer: Party, fields: list[str]
) -> None:
    assert said(of("reverse_charge", buyer=buyer)) == fields


@pytest.mark.parametrize(
    ("category", "code", "seller", "right"),
    [
        ("E", "VATEX-FR-FRANCHISE", SELLER, True),
        ("E", "VATEX-EU-132-1I", SELLER, True),
        ("E", "VATEX-FR-CGI261-4", replace(SELLER, address=SAINT_DENIS), True),
        ("E", "VATEX-FR-FRANCHISE", samples.GERMAN_SELLER, False),
        ("E", "VATEX-FR-CGI261-4", replace(samples.GERMAN_SELLER, vat_id="FR44732829320"), True),
        ("E", "VATEX-EU-IC", SELLER, False),
        ("E", "VATEX-EU-G", SELLER, False),
        ("E", "VATEX-EU-AE", SELLER, False),
        ("E", "VATEX-EU-O", SELLER, False),
        ("AE", "VATEX-FR-FRANCHISE", SELLER, False),
        ("AE", "VATEX-FR-AE", SELLER, True),
        ("AE", "VATEX-EU-AE", SELLER, True),
        ("E", "VATEX-XX", SELLER, False),
        ("E", "CGI-261", SELLER, False),
    ],
)
def test_a_reason_fits_its_category_and_its_sellers_country(
    category: str, code: str, seller: Party, right: bool
) -> None:
    line = samples.line(1, rate="0", category=category, exemption_code=code, exemption_reason="x")
    document = samples.invoice(line, seller=seller)
    fields = [one.field for one in problems(document, FULL)]
    assert ("lines.1.exemption_reason" not in fields) is right


def _in(address: Address, party: Party = FRENCH_BUYER) -> Party:
    return replace(party, address=address)


FRENCH_RULES = [
    (PARIS, "B2B"),
    (SAINT_DENIS, "B2B"),
    (replace(SAINT_DENIS, country="FR"), "B2B"),
    (replace(SAINT_DENIS, country="GP", postcode="97100"), "B2B"),
    (replace(SAINT_DENIS, country="MQ", postcode="97200"), "B2B"),
    # VAT isn't levied there, so that they are abroad for the reform.
    (CAYENNE, "B2BINT"),
    (replace(CAYENNE, country="GF"), "B2BINT"),
    (replace(CAYENNE, country="YT", postcode="97600"), "B2BINT"),
    (replace(CAYENNE, country="NC", postcode="98800"), "B2BINT"),
    # France's VAT, but no French company.
    (MONACO, "B2BINT"),
    (BREMEN, "B2BINT"),
]


@pytest.mark.parametrize(("address", "treatment"), FRENCH_RULES)
@pytest.mark.parametrize("name", ["facturx-en16931", "ubl-en16931"])
def test_the_french_reform_binds_where_france_levies_vat(
    name: str, address: Address, treatment: str
) -> None:
    found = treatment_of(buyer=address, buyer_is_company=True)
    assert found == treatment
    notes = notes_for(seller_country="FR", on=samples.ISSUED, language="fr", treatment=found)
    document = samples.invoice(samples.line(1), buyer=_in(address), notes=notes)
    form, french = FORMS[name], treatment == "B2B"
    assert is_french_exchange(document) is french
    packs = rule_sets(document, form)
    assert any(pack.startswith("br-fr") for pack in packs) is french
    assert [one.field for one in problems(document, form)] == []
    xml = write_xml(document, form=form)
    announced = announced_in(xml)
    assert announced
    assert set(announced_sets(announced)) == set(packs), "a file checked again"
    slip = check(xml, packs, now=_NOW, installed={})
    assert (slip.outcome, slip.findings) == ("valid", ())


@pytest.mark.parametrize("country", ["RE", "GP", "MQ", "GF", "YT"])
def test_a_seller_overseas_invoices_by_french_law(country: str) -> None:
    seller = _in(replace(SAINT_DENIS, country=country), SELLER)
    notes = notes_for(seller_country=country, on=samples.ISSUED, language="fr", treatment="B2B")
    assert {"PMT", "PMD", "AAB", "BAR"} <= {note.code for note in notes}
    document = samples.invoice(samples.line(1), seller=seller, notes=())
    assert "notes" in [one.field for one in problems(document, FULL)]
    assert Note(code="BAR", text="B2B") in notes
    usual = usual_exemption("G", seller_country=country)
    assert usual
    assert "262, I" in usual.text("fr")


def test_an_address_overseas_is_written_as_it_is() -> None:
    document = samples.invoice(samples.line(1), buyer=_in(SAINT_DENIS))
    assert b">RE</ram:CountryID>" in write_xml(document, form=FULL)


def test_a_company_overseas_has_a_siren_and_it_is_checked() -> None:
    row = InvoicingSettings(
        **{name: "" for name in PLAIN}, tenant_id=uuid4(), id=uuid4(), iban_sealed=""
    )
    row.country, row.legal_id, row.postcode, row.city = "RE", "732829320", "97400", "Saint-Denis"
    assert seller_of(row).party.legal_id == Identifier(value="732829320", scheme="0002")
    typed = dict.fromkeys(PLAIN, "") | {"name": "Lendo", "country": "RE", "legal_id": "732829321"}
    with pytest.raises(Invalid) as refused:
        settings_checks.checked(typed, iban="")
    assert list(refused.value.field_errors) == ["legal_id"]
