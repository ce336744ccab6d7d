from collections.abc import Callable
from dataclasses import replace

import pytest
from lxml import etree

from app.finance.einvoicing.document import Identifier, InvoiceDocument, PaymentMeans
from app.finance.einvoicing.forms import FORMS, Form
from app.finance.einvoicing.not_writable import NotWritable
from app.finance.einvoicing.rules_for import rule_sets
from app.finance.einvoicing.writing import write_xml
from tests.finance.einvoicing import samples, schematron

_RAM = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"


def _texts(content: bytes, name: str) -> list[str | None]:
    return [one.text for one in etree.fromstring(content).iter(f"{{{_RAM}}}{name}")]


@pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
@pytest.mark.parametrize("make", samples.SET.values(), ids=list(samples.SET))
def test_nothing_generated_has_a_fatal_error_in_the_rules_at_hand(
    make: Callable[[], InvoiceDocument], form: Form
) -> None:
    document = make()
    content = write_xml(document, form=form)
    ran = [name for name in rule_sets(document, form) if schematron.can_run(name)]
    assert [wrong for name in ran for wrong in schematron.fatal(content, name)] == []
    assert ran or form.name == "xrechnung-cii"


def test_the_rules_do_fire() -> None:
    content = write_xml(samples.credit_note(), form=FORMS["facturx-en16931"])
    wrong = content.replace(b"119.76", b"1.00")
    assert any("BR-CO-15" in one for one in schematron.fatal(wrong, "facturx-schematron:en16931"))
    wrong = content.replace(b">PMT<", b">AAA<")
    assert any("BR-FR-05" in one for one in schematron.fatal(wrong, "br-fr-cii"))


@pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
def test_the_same_invoice_gives_the_same_bytes(form: Form) -> None:
    assert write_xml(samples.mixed_rates(), form=form) == write_xml(
        samples.mixed_rates(), form=form
    )


def test_a_basic_invoice_changes_nothing_for_the_next_one() -> None:
    full = FORMS["facturx-en16931"]
    before = write_xml(samples.mixed_rates(), form=full)
    write_xml(samples.mixed_rates(), form=FORMS["facturx-basicwl"])
    assert write_xml(samples.mixed_rates(), form=full) == before
    assert b"<ram:TradingBusinessName>Val d" in before


def test_the_french_extension_keeps_contact_and_register_of_the_seller() -> None:
    content = write_xml(samples.exempt(), form=FORMS["facturx-extended-ctc-fr"])
    assert "Zoé Lœuillet" in _texts(content, "PersonName")
    assert b"RCS Annecy" in content


def test_vat_on_debits_and_the_day_of_the_tax_point_exclude_each_other() -> None:
    on_debits = samples.on_debits()
    content = write_xml(on_debits, form=FORMS["facturx-en16931"])
    assert _texts(content, "DueDateTypeCode") == ["5"]
    dated = write_xml(
        replace(on_debits, tax_point_on=samples.ISSUED), form=FORMS["facturx-en16931"]
    )
    assert _texts(dated, "DueDateTypeCode") == []
    assert b"TaxPointDate" in dated


def test_a_rounding_is_in_the_invoices_currency() -> None:
    document = samples.foreign_currency()
    rounded = replace(
        document, totals=replace(document.totals, rounding=3, due=document.totals.due + 3)
    )
    content = write_xml(rounded, form=FORMS["ubl-en16931"])
    assert b'PayableRoundingAmount currencyID="CHF">0.03<' in content


def test_xrechnung_names_its_own_specification_and_process() -> None:
    for name in ("xrechnung-cii", "xrechnung-ubl"):
        content = write_xml(samples.german_public(), form=FORMS[name])
        assert b"xeinkauf.de:kosit:xrechnung_3.0" in content
        assert b"urn:fdc:peppol.eu:2017:poacc:billing:01:1.0" in content


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"payment": (samples.TRANSFER, PaymentMeans(code="48"))}, "payment"),
        (
            {"seller": replace(samples.SELLER, ids=(Identifier(value="1"), Identifier(value="2")))},
            "seller.ids",
        ),
        ({"number": ""}, "BT-1"),
        ({"number": "a\x07b"}, "format"),
        ({"currency": "XXY"}, "BT-5"),
    ],
)
def test_what_a_form_has_no_place_for_is_said_not_dropped(
    change: dict[str, object], field: str
) -> None:
    document = replace(samples.invoice(samples.line(1)), **change)  # type: ignore[arg-type]
    with pytest.raises(NotWritable) as refused:
        write_xml(document, form=FORMS["facturx-en16931"])
    assert refused.value.field == field
