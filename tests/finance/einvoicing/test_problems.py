from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.finance.einvoicing.document import (
    Address,
    Allowance,
    Attachment,
    Delivery,
    Identifier,
    InvoiceDocument,
    Note,
    PaymentMeans,
    Period,
    Preceding,
)
from app.finance.einvoicing.forms import FORMS
from app.finance.einvoicing.mentions import notes_for, treatment_of
from app.finance.einvoicing.problems import problems
from app.finance.einvoicing.rules_for import rule_sets
from tests.finance.einvoicing import samples
from tests.finance.einvoicing.samples import FRENCH_BUYER, GERMAN_SELLER, SELLER, line


def _fields(document: InvoiceDocument, form: str = "facturx-en16931") -> set[str]:
    return {one.field for one in problems(document, FORMS[form])}


@pytest.mark.parametrize("make", samples.SET.values(), ids=list(samples.SET))
def test_nothing_is_said_of_a_right_invoice(make: Callable[[], InvoiceDocument]) -> None:
    document = make()
    german = document.seller.address.country == "DE"
    form = FORMS["xrechnung-ubl" if german else "facturx-extended-ctc-fr"]
    assert problems(document, form) == []


_CHANGES: dict[str, dict[str, Any]] = {
    "number": {"number": "F 2026 é"},
    "issued_on": {"issued_on": date(1999, 12, 31)},
    "due_on": {"due_on": date(2026, 1, 1)},
    "notes": {"notes": ()},
    "frame": {"frame": ""},
    "preceding": {"type": "381"},
    "preceding.1": {"preceding": (Preceding(number="F-1"),)},
    "currency": {"currency": "XXX"},
    "tax_currency": {"currency": "USD"},
    "buyer.name": {"buyer": replace(FRENCH_BUYER, name="")},
    "buyer.address": {"buyer": replace(FRENCH_BUYER, address=Address(country="FR"))},
    "buyer.address.country": {"buyer": replace(FRENCH_BUYER, address=Address())},
    "seller.legal_id": {"seller": replace(SELLER, legal_id=Identifier(value="73282932", scheme="0002"))},
    "seller.ids": {"seller": replace(SELLER, ids=(Identifier(value="55210055400013", scheme="0009"),))},
    "buyer.legal_id": {"buyer": replace(FRENCH_BUYER, legal_id=None)},
    "buyer.vat_id": {"buyer": replace(FRENCH_BUYER, vat_id="96552100554")},
    "seller.vat_id": {"seller": replace(SELLER, vat_id="", tax_id="")},
    "seller.electronic_address": {"seller": replace(SELLER, electronic_address=None)},
    "buyer.electronic_address": {
        "buyer": replace(FRENCH_BUYER, electronic_address=Identifier(value="111", scheme="0225"))
    },
    "payment.iban": {"payment": (PaymentMeans(code="30", iban="FR7630006000011234567890188"),)},
    "payment.bic": {"payment": (replace(samples.TRANSFER, bic="AGRI"),)},
    "payment": {"payment": (PaymentMeans(code="59", mandate="M"),)},
    "attachments.1": {
        "attachments": (Attachment(id="1", name="a.exe", media_type="application/x-dosexec", content=b"MZ"),)
    },
    "buyer_reference": {"buyer_reference": "\u202eevil"},
    "project": {"project": "🎉"},
    "payment_terms": {"payment_terms": "x" * 10_000},
}  # fmt: skip


_TYPED = (date(26, 11, 20), date(1999, 12, 31), date(2100, 1, 1), date(9999, 12, 31))
_DAYS: dict[str, Callable[[date], dict[str, Any]]] = {
    "issued_on": lambda day: {"issued_on": day},
    "due_on": lambda day: {"due_on": day},
    "tax_point_on": lambda day: {"tax_point_on": day},
    "delivery.on": lambda day: {"delivery": Delivery(on=day)},
    "period": lambda day: {"period": Period(start=day, end=date(9999, 12, 31))},
    "preceding.1": lambda day: {"preceding": (Preceding(number="F-1", issued_on=day),)},
    "lines.1.period": lambda day: {"lines": (line(1, period=Period(end=day)),)},
}


@pytest.mark.parametrize("field", _DAYS)
def test_a_day_of_another_century_is_named(field: str) -> None:
    for day in _TYPED:
        found = problems(replace(samples.on_debits(), **_DAYS[field](day)))
        assert (field, "Choose a day between 2000 and 2099.") in found, day
    for day in (date(2000, 1, 1), date(2099, 12, 31)):
        if field != "period":
            found = problems(replace(samples.on_debits(), **_DAYS[field](day)))
            assert "Choose a day between 2000 and 2099." not in {one.sentence for one in found}


@pytest.mark.parametrize("field", _CHANGES)
def test_a_wrong_field_is_named(field: str) -> None:
    document = replace(samples.on_debits(), **_CHANGES[field])
    assert field in _fields(document)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"unit": ""}, "unit"),
        ({"quantity": "0"}, "quantity"),
        ({"quantity": "1.00001"}, "quantity"),
        ({"price": "-1"}, "unit_price"),
        ({"price": "1.0000001"}, "unit_price"),
        ({"rate": "21"}, "rate"),
        ({"rate": "0"}, "rate"),
        ({"rate": None}, "rate"),
        ({"category": "E", "rate": "0"}, "exemption_reason"),
        ({"category": "AE", "rate": "20", "exemption_code": "VATEX-EU-AE"}, "rate"),
        ({"category": "Q", "rate": "0"}, "category"),
        ({"name": "n" * 10_000}, "name"),
    ],
)
def test_a_wrong_line_is_named_with_its_place(change: dict[str, Any], field: str) -> None:
    document = samples.invoice(line(1), line(2, **change))
    assert f"lines.2.{field}" in _fields(document)


def test_a_discounts_reason_is_none_of_a_charge_and_the_other_way_round() -> None:
    """BR-CL-19 and BR-CL-20 would refuse them, after the number is given."""
    for charge, code in ((True, "95"), (False, "ABK")):
        wrong = Allowance(amount=1, charge=charge, reason_code=code)
        assert _fields(samples.invoice(line(1), line(2, allowances=(wrong,)))) == {
            "lines.2.allowances.1"
        }
        of_all = replace(wrong, category="S", rate=Decimal(20))
        assert _fields(samples.invoice(line(1), allowances=(of_all,))) == {"allowances.1"}


def test_totals_that_do_not_add_up_are_seen() -> None:
    document = samples.on_debits()
    wrong = replace(document, totals=replace(document.totals, gross=document.totals.gross + 1))
    assert _fields(wrong) == {"totals"}


@pytest.mark.parametrize(
    ("make", "change", "field"),
    [
        ("intra_eu", {"delivery": None}, "delivery.on"),
        ("intra_eu", {"delivery": None}, "delivery.address"),
        ("intra_eu", {"buyer": replace(samples.GERMAN_BUYER, vat_id="")}, "buyer.vat_id"),
        ("intra_eu", {"buyer": samples.SWISS_BUYER}, "buyer.address.country"),
        ("export", {"buyer": samples.GERMAN_BUYER}, "buyer.address.country"),
        ("reverse_charge", {"buyer": replace(samples.GERMAN_BUYER, vat_id="")}, "buyer.vat_id"),
        ("reverse_charge", {"seller": replace(SELLER, vat_id="", tax_id="1")}, "seller.vat_id"),
        ("outside_vat", {"seller": SELLER}, "seller.vat_id"),
        ("already_paid", {"due_on": None}, "due_on"),
        ("final", {"preceding": ()}, "preceding"),
        ("german_public", {"buyer_reference": "04011000-1234512345-07"}, "buyer_reference"),
        ("german_public", {"buyer_reference": ""}, "buyer_reference"),
        ("german_public", {"payment": ()}, "payment"),
        ("german_public", {"seller": replace(GERMAN_SELLER, contact="")}, "seller.contact"),
        ("german_public", {"seller": replace(GERMAN_SELLER, phone="12")}, "seller.phone"),
        ("german_public", {"seller": replace(GERMAN_SELLER, email="x@y")}, "seller.email"),
        ("german_public", {"delivery": None}, "delivery.on"),
    ],
)
def test_what_a_case_asks_for_is_named(make: str, change: dict[str, Any], field: str) -> None:
    document = replace(samples.SET[make](), **change)
    form = "xrechnung-cii" if make == "german_public" else "facturx-en16931"
    assert field in _fields(document, form)


def test_a_mention_twice_and_an_unknown_treatment_are_named() -> None:
    document = samples.on_debits()
    twice = replace(document, notes=(*document.notes, Note(code="PMT", text="40 €")))
    assert _fields(twice) == {"notes"}
    odd = replace(document, notes=(*document.notes[:-1], Note(code="BAR", text="B2X")))
    assert "notes" in _fields(odd)


def test_consumers_need_no_mention_of_recovery_costs() -> None:
    consumer = replace(FRENCH_BUYER, legal_id=None, vat_id="", electronic_address=None)
    treatment = treatment_of(buyer=FRENCH_BUYER.address, buyer_is_company=False)
    notes = notes_for(
        seller_country="FR", on=samples.ISSUED, language="fr", treatment=treatment,
        own={"PMT": "Pénalités"},
    )  # fmt: skip
    assert notes == (Note(code="BAR", text="B2C"),)
    document = samples.invoice(line(1), buyer=consumer, notes=notes)
    assert _fields(document) == set()
    assert "br-fr-cii" not in rule_sets(document, FORMS["facturx-en16931"])


def test_a_third_decimal_that_says_nothing_is_allowed() -> None:
    round_one = samples.invoice(line(1, price="1.25", currency="KWD", rate="20"), currency="KWD")
    assert "currency" not in _fields(round_one)
    odd = samples.invoice(line(1, price="1.255", currency="KWD"), currency="KWD")
    assert "currency" in _fields(odd)
    assert Decimal("1.255") == odd.lines[0].unit_price


def _refused(document: InvoiceDocument, changes: dict[str, Any] | None = None) -> set[str]:
    """The forms that its receiver doesn't take."""
    document = replace(document, **(changes or {}))
    return {name for name in FORMS if "form" in _fields(document, name)}


XRECHNUNG = {"xrechnung-cii", "xrechnung-ubl"}
BASIC = {"facturx-basicwl"}
_CONSUMER = (Note(code="BAR", text="B2C"),)
_LATER = {"issued_on": date(2027, 9, 1), "due_on": date(2027, 9, 30)}


@pytest.mark.parametrize(
    ("make", "changes", "refused"),
    [
        ("german_public", {}, set(FORMS) - XRECHNUNG),
        # An authority is known by its e-invoice address or among its numbers.
        ("german_public", {"buyer": replace(
            samples.PUBLIC_BUYER, electronic_address=None,
            ids=(Identifier(value="04011000-1234512345-06", scheme="0204"),),
        )}, set(FORMS) - XRECHNUNG),
        ("reverse_charge", {"buyer": samples.PUBLIC_BUYER}, set(FORMS) - XRECHNUNG),
        ("german_public", {"buyer": samples.GERMAN_BUYER}, BASIC),
        ("credit_note", {}, XRECHNUNG),
        ("on_debits", {}, XRECHNUNG),
        # France takes totals alone in the first year of its reform.
        ("on_debits", _LATER, XRECHNUNG | BASIC),
        ("on_debits", {"issued_on": date(2027, 8, 31)}, XRECHNUNG),
        ("on_debits", {"notes": _CONSUMER}, set()),
        ("on_debits", {"notes": _CONSUMER, **_LATER}, set()),
        ("reverse_charge", {}, BASIC),
        ("export", {}, BASIC),
        ("on_debits", {"buyer": replace(
            FRENCH_BUYER, address=replace(FRENCH_BUYER.address, country="RE", postcode="97400")
        )}, XRECHNUNG),
    ],
)  # fmt: skip
def test_the_receiver_says_which_forms_it_takes(
    make: str, changes: dict[str, Any], refused: set[str]
) -> None:
    assert _refused(samples.SET[make](), changes) == refused


def test_french_rules_run_whatever_the_form() -> None:
    document = samples.on_debits()
    for form in FORMS.values():
        assert f"br-fr-{form.kind}" in rule_sets(document, form), form.name
    assert "form" not in {one.field for one in problems(samples.german_public())}
