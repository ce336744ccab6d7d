from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest

from app.documents.printing.strict import NotPrintable
from app.finance.einvoicing.container import NotEmbedded, embed, extract
from app.finance.einvoicing.document import InvoiceDocument
from app.finance.einvoicing.epc import epc_code
from app.finance.einvoicing.forms import FORMS
from app.finance.einvoicing.look import MAX_LOGO, LogoTooLarge, Look
from app.finance.einvoicing.printing import print_invoice
from app.finance.einvoicing.writing import write_xml
from tests.documents.verapdf import assert_archivable
from tests.finance.einvoicing import reading, samples

_FULL = FORMS["facturx-en16931"]
_LOGO = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 40">'
    b'<rect width="40" height="40" fill="#224488"/></svg>'
)
_LOOK = Look(
    logo=_LOGO, logo_type="image/svg+xml", colour="#224488", footer=("Ateliers Brévent SAS",)
)


def _printed(document: InvoiceDocument) -> tuple[bytes, bytes]:
    xml = write_xml(document, form=_FULL)
    return xml, print_invoice(document, form=_FULL, xml=xml, look=_LOOK)


@pytest.mark.parametrize("make", samples.SET.values(), ids=list(samples.SET))
def test_page_and_xml_say_the_same_field_by_field(make: Callable[[], InvoiceDocument]) -> None:
    document = make()
    xml, page = _printed(document)
    text = reading.page_text(page)
    missing = [pair for pair in reading.stated(xml, document.language) if pair[1] not in text]
    assert missing == []
    place = 0
    lines = reading.stated_lines(xml, document.language)
    assert len(lines) == len(document.lines)
    for begins, ends in lines:
        place = text.find(begins, place)
        assert place >= 0, begins
        place = text.find(ends, place)
        assert place >= 0, ends
    assert extract(page) == xml


def test_a_wrong_figure_on_the_page_would_be_seen() -> None:
    document = samples.credit_note()
    _, page = _printed(document)
    other = write_xml(samples.deposit(), form=_FULL)
    text = reading.page_text(page)
    assert [name for name, said in reading.stated(other, "fr") if said not in text]


def test_every_kind_of_page_is_archivable_and_accessible(tmp_path: Path) -> None:
    files = []
    for name, make in samples.SET.items():
        files.append(tmp_path / f"{name}.pdf")
        files[-1].write_bytes(_printed(make())[1])
    for form in ("facturx-basicwl", "facturx-extended-ctc-fr"):
        xml = write_xml(samples.exempt(), form=FORMS[form])
        files.append(tmp_path / f"{form}.pdf")
        files[-1].write_bytes(print_invoice(samples.exempt(), form=FORMS[form], xml=xml))
    files.append(tmp_path / "page.pdf")
    files[-1].write_bytes(print_invoice(samples.german_public(), look=_LOOK))
    assert_archivable(*files)


def test_the_same_invoice_gives_the_same_bytes() -> None:
    assert _printed(samples.mixed_rates()) == _printed(samples.mixed_rates())


@pytest.mark.parametrize(
    ("form", "level", "relationship"),
    [
        ("facturx-basicwl", "BASIC WL", "/Data"),
        ("facturx-en16931", "EN 16931", "/Alternative"),
        ("facturx-extended-ctc-fr", "EXTENDED", "/Alternative"),
    ],
)
def test_the_pdf_names_the_invoice_it_holds(
    form: str, level: str, relationship: str, tmp_path: Path
) -> None:
    document = samples.on_debits()
    xml = write_xml(document, form=FORMS[form])
    path = tmp_path / "invoice.pdf"
    path.write_bytes(print_invoice(document, form=FORMS[form], xml=xml))
    with pikepdf.open(path) as pdf:
        metadata = bytes(pdf.Root.Metadata.read_bytes())
        assert f"<fx:ConformanceLevel>{level}</fx:ConformanceLevel>".encode() in metadata
        assert b"<fx:DocumentFileName>factur-x.xml</fx:DocumentFileName>" in metadata
        (file,) = pdf.Root.AF
        assert str(file.AFRelationship) == relationship


def test_an_xrechnung_has_a_page_of_its_own_without_the_file() -> None:
    document = samples.german_public()
    form = FORMS["xrechnung-cii"]
    page = print_invoice(document, form=form, xml=write_xml(document, form=form))
    assert extract(page) == b""


def test_what_strangers_wrote_stays_text() -> None:
    hostile = '#read("/etc/passwd") *bold* $x$ <script> =cmd()'
    document = replace(
        samples.on_debits(),
        buyer=replace(samples.FRENCH_BUYER, name=hostile),
        buyer_reference="é" * 90,
    )
    xml, page = _printed(document)
    assert reading.squeezed(hostile) in reading.page_text(page)
    assert extract(page) == xml


def test_what_no_font_has_is_an_error_that_names_it_never_a_box() -> None:
    party = replace(samples.FRENCH_BUYER, name="Fête 🎉")
    with pytest.raises(NotPrintable) as refused:
        print_invoice(replace(samples.on_debits(), buyer=party))
    assert refused.value.params["place"] == "parties.buyer.name"
    assert "U+1F389" in refused.value.text


def test_a_name_of_ten_thousand_characters_breaks_nothing() -> None:
    party = replace(samples.FRENCH_BUYER, name="N" * 10_000)
    xml, page = _printed(replace(samples.on_debits(), buyer=party))
    # Over ten pages, with head and foot between.
    assert reading.page_text(page).count("N") >= 10_000
    assert extract(page) == xml


def test_a_logo_of_fifty_megabytes_is_refused_and_an_unknown_picture_left_out() -> None:
    with pytest.raises(LogoTooLarge):
        Look(logo=b"x" * (MAX_LOGO + 1), logo_type="image/png")
    plain = print_invoice(samples.on_debits())
    odd = Look(logo=b"GIF89a", logo_type="image/gif", colour="red; evil")
    assert print_invoice(samples.on_debits(), look=odd) == plain


def test_a_transfer_of_euros_has_a_code_to_scan_and_nothing_else_has() -> None:
    document = samples.on_debits()
    assert epc_code(document).startswith(b"<svg")
    for other in ("credit_note", "foreign_currency", "already_paid", "direct_debit"):
        assert epc_code(samples.SET[other]()) == b"", other
    long = replace(document, remittance="ü" * 140)
    long = replace(long, payment=(replace(samples.TRANSFER, account_name="ü" * 70),))
    assert epc_code(long) == b""


def test_a_page_of_others_is_not_patched() -> None:
    document = samples.on_debits()
    xml, page = _printed(document)

    foreign = page.replace(b"</pdfaExtension:schemas>", b"</pdfaExtension:other >>")
    with pytest.raises(NotEmbedded):
        embed(foreign, xml, document=document, form=_FULL)
