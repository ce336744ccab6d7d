"""What a draft becomes, through the rules that the product brings."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from app.documents.checking.running import check
from app.finance.einvoicing.document import Address, InvoiceDocument, Party, Preceding
from app.finance.einvoicing.forms import FORMS, Form
from app.finance.einvoicing.printing import print_invoice
from app.finance.einvoicing.problems import problems
from app.finance.einvoicing.rules_for import rule_sets
from app.finance.einvoicing.writing import write_xml
from app.finance.sales_invoices.building import Facts, build
from app.finance.sales_invoices.content import Draft, DraftLine
from app.finance.sales_invoices.seller import Seller
from tests.finance.einvoicing import reading, samples

NOW = datetime(2026, 11, 20, tzinfo=UTC)
ISSUED = date(2026, 11, 20)
XRECHNUNG = [FORMS["xrechnung-cii"], FORMS["xrechnung-ubl"]]


def built(
    *lines: DraftLine, seller: Party = samples.SELLER, buyer: Party = samples.FRENCH_BUYER,
    type: str = "380", early_payment: str = "", **content: Any,
) -> InvoiceDocument:  # fmt: skip
    party = seller
    facts = Facts(
        number="F-2026-1", type=type, issued_on=ISSUED,
        due_on=ISSUED if type == "381" else date(2026, 12, 20), currency="EUR", rate=None,
        language="fr", buyer=buyer, business=True,
        preceding=(Preceding(number="F-2026-0", issued_on=ISSUED),) if type == "381" else (),
    )  # fmt: skip
    of = Seller(
        party=party, country=party.address.country, payment=(samples.TRANSFER,), payment_days=30,
        small_business=False, vat_on_debits=False, early_payment=early_payment,
    )  # fmt: skip
    return build(Draft(lines=lines, delivered_on=ISSUED, **content), of, facts)


def line(**changes: Any) -> DraftLine:
    given: dict[str, Any] = {
        "name": "Conseil", "quantity": Decimal(1), "unit_price": Decimal(100), "rate": Decimal(20),
    }  # fmt: skip
    return DraftLine(**(given | changes))


def outcome(document: InvoiceDocument, form: Form) -> tuple[str, list[str]]:
    """Of all the rule sets at hand; XRechnung's own come with an administrator."""
    slip = check(write_xml(document, form=form), rule_sets(document, form), now=NOW, installed={})
    return slip.outcome, [one.rule for one in slip.findings]


def of_authority(**more: Any) -> InvoiceDocument:
    return built(
        line(rate=Decimal(19)), seller=samples.GERMAN_SELLER, buyer=samples.PUBLIC_BUYER,
        buyer_reference="04011000-1234512345-06", **more,
    )  # fmt: skip


@pytest.mark.parametrize("form", XRECHNUNG, ids=lambda one: one.name)
def test_a_german_authoritys_invoice_can_be_credited(form: Form) -> None:
    """XRechnung wants a means of payment on a credit note too (BR-DE-1)."""
    credit = of_authority(type="381")
    assert problems(credit, form) == []
    assert outcome(credit, form) == ("not_validated", [])
    assert reading.parsed(write_xml(credit, form=form))["BT-84"] == samples.IBAN


@pytest.mark.parametrize("name", ["facturx-en16931", "ubl-en16931"])
def test_no_other_credit_note_says_where_to_pay(name: str) -> None:
    credit, form = built(line(), type="381"), FORMS[name]
    assert outcome(credit, form) == ("valid", [])
    assert samples.IBAN.encode() not in write_xml(credit, form=form)


def test_no_page_of_a_credit_note_says_where_to_pay() -> None:
    for credit in (of_authority(type="381"), built(line(), type="381")):
        text = reading.page_text(print_invoice(credit))
        assert "IBAN" not in text
        assert samples.IBAN not in text


@pytest.mark.parametrize("name", [name for name in FORMS if not name.startswith("xrechnung")])
@pytest.mark.parametrize("type", ["380", "381"])
def test_a_discount_of_what_is_taken_back_is_a_charge_with_a_charges_reason(
    name: str, type: str
) -> None:
    form = FORMS[name]
    document = built(
        line(quantity=Decimal(3), discount=Decimal(5)),
        line(quantity=Decimal(-1), discount=Decimal(10)), type=type,
    )  # fmt: skip
    assert [one.net for one in document.lines] == [28_500, -9_000]
    assert problems(document, form) == []
    assert outcome(document, form) == ("valid", [])


@pytest.mark.parametrize("name", ["facturx-en16931", "facturx-basicwl", "ubl-en16931"])
def test_a_company_with_a_vat_number_invoices_what_is_not_subject_to_vat(name: str) -> None:
    """Where nothing is, EN 16931 allows no VAT number of either side (BR-O-02)."""
    document, form = built(line(category="O", rate=None)), FORMS[name]
    assert (document.seller.vat_id, document.buyer.vat_id) == ("", "")
    assert problems(document, form) == []
    assert outcome(document, form) == ("valid", [])
    assert document.seller.legal_id == samples.SELLER.legal_id


def test_beside_lines_with_vat_the_numbers_stay_and_the_mixture_is_said() -> None:
    document = built(line(category="O", rate=None), line())
    assert document.seller.vat_id == samples.SELLER.vat_id
    assert "lines" in [one.field for one in problems(document, FORMS["facturx-en16931"])]


@pytest.mark.parametrize(
    "note", ["#AAB#Escompte de 2 %", "Voir #PMT# plus haut", "Selon #123#", "PMT#"]
)
def test_a_note_that_a_machine_would_read_as_a_mention_is_said(note: str) -> None:
    """UBL has no field for what a mention is about: it stands between two # in the text."""
    document = built(line(), note=note)
    assert [one.field for one in problems(document, FORMS["ubl-en16931"])] == ["note"]
    assert outcome(document, FORMS["ubl-en16931"])[0] == "invalid"
    assert problems(document, FORMS["facturx-en16931"]) == []
    assert outcome(document, FORMS["facturx-en16931"]) == ("valid", [])


@pytest.mark.parametrize("note", ["Lot #42", "# 1 : merci #2", "#12345#", "Merci # TVA"])
def test_a_number_sign_says_nothing_by_itself(note: str) -> None:
    document, form = built(line(), note=note), FORMS["ubl-en16931"]
    assert problems(document, form) == []
    assert outcome(document, form) == ("valid", [])


def test_a_companys_own_wording_is_put_right_in_its_settings() -> None:
    document = built(line(), early_payment="#AAB# Pas d’escompte")
    assert [one.field for one in problems(document, FORMS["ubl-en16931"])] == ["notes"]


@pytest.mark.parametrize("form", XRECHNUNG, ids=lambda one: one.name)
def test_an_early_payment_discount_of_an_xrechnung_is_written_as_machines_read_it(
    form: Form,
) -> None:
    """BR-DE-18: such lines begin and end with #, and a line break follows the last one."""
    right = of_authority(payment_terms="Sonst 30 Tage.\n#SKONTO#TAGE=14#PROZENT=2.00#")
    assert problems(right, form) == []
    assert b"PROZENT=2.00#\n<" in write_xml(right, form=form)
    for wrong in ("#SKONTO 2 %", "#SKONTO#TAGE=14#PROZENT=2#", "#skonto#TAGE=14#PROZENT=2.00#"):
        said = problems(of_authority(payment_terms=wrong), form)
        assert [one.field for one in said] == ["payment_terms"], wrong
    assert problems(of_authority(payment_terms="30 Tage, #1"), form) == []


def test_a_discount_of_nothing_is_nothing() -> None:
    document = built(line(), line(unit_price=Decimal(0), discount=Decimal(10)))
    for name in ("facturx-en16931", "facturx-extended-ctc-fr", "ubl-en16931"):
        assert problems(document, FORMS[name]) == []
        assert outcome(document, FORMS[name]) == ("valid", [])


def test_a_german_company_without_vat_on_it_gives_its_tax_number() -> None:
    """The VAT number may not stand there, and § 14 UStG wants one of the two."""

    def of(seller: Party, form: str) -> list[str]:
        document = built(
            line(category="O", rate=None), seller=seller, buyer=samples.GERMAN_BUYER,
            buyer_reference="1",
        )  # fmt: skip
        return [one.field for one in problems(document, FORMS[form])]

    lacking = replace(samples.GERMAN_SELLER, tax_id="")
    for form in ("facturx-en16931", "xrechnung-cii"):
        assert of(samples.GERMAN_SELLER, form) == []
        assert of(lacking, form) == ["seller.tax_id"]


@pytest.mark.parametrize(
    ("address", "form", "right"),
    [
        (Address(lines=("Quai 3",), city="Lyon"), "ubl-en16931", False),
        (Address(city="Lyon", country="FR"), "ubl-en16931", True),
        (Address(city="Bremen", country="DE"), "xrechnung-ubl", False),
        (Address(city="Bremen", postcode="28195", country="DE"), "xrechnung-ubl", True),
    ],
)
def test_where_it_was_delivered_is_a_whole_address(
    address: Address, form: str, right: bool
) -> None:
    """Without a country it would be left out in silence; XRechnung has BR-DE-10 and BR-DE-11."""
    make = built if form == "ubl-en16931" else of_authority
    lines = (line(),) if make is built else ()
    document = make(*lines, delivery_address=address)
    fields = [one.field for one in problems(document, FORMS[form])]
    assert fields == ([] if right else ["delivery.address"])
    written = address.city.encode() in write_xml(document, form=FORMS[form])
    assert written is bool(address.country and address.city)
