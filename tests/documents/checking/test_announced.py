"""What an e-invoice says of itself decides which rules it is checked by."""

from __future__ import annotations

import io
from typing import Any

import pytest

from app.documents.checking.announced import EN, Announced, announced_in, rule_sets
from app.documents.checking.attached import invoice_of, may_hold_invoice
from app.documents.checking.running import check
from app.finance.einvoicing.forms import FORMS
from app.finance.einvoicing.rules_for import rule_sets as rules_of_ours
from app.finance.einvoicing.writing import write_xml
from tests.documents.checking.samples import FRENCH_PACKS, french_cii, ubl
from tests.documents.checking.test_rechecking import NOW, in_pdf
from tests.factories.documents import own
from tests.factories.jobs import run_jobs
from tests.finance.einvoicing import samples


@pytest.mark.parametrize("form", list(FORMS))
@pytest.mark.parametrize("sample", ["mixed_rates", "german_public", "credit_note"])
def test_what_we_write_is_checked_by_the_rules_that_we_choose(form: str, sample: str) -> None:
    document = getattr(samples, sample)()
    said = announced_in(write_xml(document, form=FORMS[form]))
    assert said
    assert set(rule_sets(said)) == set(rules_of_ours(document, FORMS[form]))


@pytest.mark.parametrize(
    ("form", "profile", "packs"),
    [
        ("ubl", f"{EN}#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0",
         ("ubl-xsd", "cen-ubl", "peppol-ubl")),
        ("cii", f"{EN}#conformant#urn:xeinkauf.de:kosit:extension:xrechnung_3.0",
         ("cii-xsd", "cen-cii", "kosit-xrechnung-cii")),
        ("cii", "", ("facturx-xsd:en16931", "facturx-schematron:en16931")),
        ("cii", "urn:of:somebody", ("cii-xsd", "urn:of:somebody")),
        ("ubl", f"{EN}#compliant#urn:nlcius", ("ubl-xsd", "cen-ubl", f"{EN}#compliant#urn:nlcius")),
    ],
)  # fmt: skip
def test_foreign_profiles(form: str, profile: str, packs: tuple[str, ...]) -> None:
    assert rule_sets(Announced(form, profile)) == packs


def test_a_profile_without_rules_is_never_valid_and_is_named() -> None:
    content = ubl().replace(EN.encode() + b"<", EN.encode() + b"#compliant#urn:nlcius<", 1)
    said = announced_in(content)
    assert said
    slip = check(content, rule_sets(said), now=NOW, installed={})
    assert slip.outcome == "not_validated"
    assert f"{EN}#compliant#urn:nlcius" in slip.not_checked


def test_a_consumer_is_outside_of_the_french_rules() -> None:
    content = french_cii().replace(b">B2B<", b">B2C<")
    said = announced_in(content)
    assert said
    assert said.consumer
    assert "br-fr-cii" not in rule_sets(said)


@pytest.mark.parametrize(
    "content",
    [b"", b"<a/>", b"<a", b"\0\1", b"<!DOCTYPE a [<!ENTITY b 'c'>]><Invoice/>", b"%PDF-1.7"],
)
def test_other_files_are_none(content: bytes) -> None:
    assert announced_in(content) is None
    assert invoice_of(content) is None
    assert not may_hold_invoice(content)


def test_a_file_that_breaks_off_says_what_it_said_so_far() -> None:
    said = announced_in(french_cii()[:3000])
    assert said
    assert (said.form, said.profile) == ("cii", EN)


def test_the_invoice_among_what_is_attached() -> None:
    assert invoice_of(in_pdf(french_cii())) == french_cii()
    assert invoice_of(in_pdf(b"<a/>")) is None


def _send(browser: Any, company: Any, content: bytes, name: str) -> Any:
    return browser.post(company.url("documents/new"), data={
        "client": company.slug, "kind": "supporting_document", "language": "fr",
        "files": [(io.BytesIO(content), name)],
    })  # fmt: skip


@pytest.mark.parametrize("name", ["facture.xml", "facture.pdf"])
def test_an_uploaded_invoice_is_checked_at_once(
    stage: Any, world: Any, sign_in_as: Any, name: str
) -> None:
    browser, a = sign_in_as(world.a.user), world.a
    broken = french_cii().replace(b">1305.50</ram:GrandTotal", b">1305.51</ram:GrandTotal")
    sent = _send(browser, a, in_pdf(broken) if name.endswith("pdf") else broken, name)
    assert sent.status_code == 303
    assert "being checked" in browser.get(sent.location).text
    assert "document_checks.check_again" in run_jobs(stage, a.id)
    page = browser.get(sent.location).text
    assert "BR-CO-15" in page
    assert "being checked" not in page
    [slip] = own(stage, a, "SELECT outcome, content, kept_by_name FROM validation_slips")
    assert (slip.outcome, slip.kept_by_name) == ("invalid", world.a.user.name)
    assert [one["pack"] for one in slip.content["runs"]] == list(FRENCH_PACKS)


def test_an_invoice_that_is_filed_again_is_checked_too(
    stage: Any, world: Any, sign_in_as: Any
) -> None:
    browser, a = sign_in_as(world.a.user), world.a
    _send(browser, a, french_cii(), "facture.xml")
    run_jobs(stage, a.id)
    again = {
        "client": a.slug, "number": 1, "version": 1, "way": "document", "kind":
        "supporting_document", "language": "fr",
    }  # fmt: skip
    assert browser.post(a.url("documents/again"), data=again).status_code == 303
    assert "document_checks.check_again" in run_jobs(stage, a.id)
    slips = own(stage, a, "SELECT outcome FROM validation_slips")
    assert [one.outcome for one in slips] == ["valid", "valid"]


def test_other_uploads_start_nothing_and_say_so_when_asked(
    stage: Any, world: Any, sign_in_as: Any
) -> None:
    browser, a = sign_in_as(world.a.user), world.a
    page = browser.get(_send(browser, a, b"%PDF-1.7 a receipt", "receipt.pdf").location).text
    assert "Check the e-invoice" in page
    assert run_jobs(stage, a.id) == []
    answer = browser.post(a.url("documents/1/versions/1/check"))
    assert answer.status_code == 409
    assert "There is no e-invoice in this file" in answer.text
