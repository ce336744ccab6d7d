"""Why a file couldn't be written is read by everybody in their own language."""

from __future__ import annotations

import html
from dataclasses import replace
from typing import Any

import pytest

from app.documents.templating import services as templates
from app.documents.templating.filling import Wording
from app.finance.einvoicing.document import PaymentMeans
from app.finance.sales_invoices.services import making
from tests.factories import acting
from tests.factories.jobs import run_jobs
from tests.factories.people import now
from tests.factories.sales_invoices import make_invoice, set_up, wish

TWO_MEANS = {
    "en": "Choose one means of payment.",
    "fr": "Choisissez un seul moyen de paiement.",
    "de": "Wählen Sie eine Zahlungsart.",
}


@pytest.fixture
def desk(stage: Any, world: Any, sign_in_as: Any, api_as: Any) -> Any:
    set_up(stage, world.a, world.operator_a)
    program = api_as(world.operator_a, world.a, scopes=["sales_invoices:read"])
    browser = sign_in_as(world.operator_a)

    def read(made: Any, language: str) -> tuple[str, str]:
        """What the page and the API say."""
        stage.run("UPDATE users SET language = :l WHERE id = :i", l=language, i=world.operator_a.id)
        page = browser.get(world.a.url(f"sales-invoices/{made}")).text
        return html.unescape(page), program.get(f"/api/v1/sales-invoices/{made}").json[
            "file_problem"
        ]

    return read


def _unwritten(stage: Any, world: Any, monkeypatch: pytest.MonkeyPatch, **change: Any) -> Any:
    write = making.write_xml  # type: ignore[attr-defined]
    monkeypatch.setattr(
        making, "write_xml", lambda document, **more: write(replace(document, **change), **more)
    )
    made = make_invoice(stage, world.a, world.operator_a)
    run_jobs(stage, world.a.id, name="sales_invoices.make_files")
    return made


def test_a_form_without_a_place_for_it(
    desk: Any, stage: Any, world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    two = (PaymentMeans(code="30", iban="FR7630006000011234567890189"), PaymentMeans(code="48"))
    made = _unwritten(stage, world, monkeypatch, payment=two)
    for language, sentence in TWO_MEANS.items():
        page, field = desk(made, language)
        assert field == sentence
        assert sentence in page


def test_what_a_library_says_is_quoted_in_a_sentence_of_ours(
    desk: Any, stage: Any, world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = _unwritten(stage, world, monkeypatch, currency="XXY")
    page, field = desk(made, "en")
    assert field.startswith("The form doesn't take the field BT-5 of the standard.")
    assert "“Currency XXY" in field
    assert field in page
    page, field = desk(made, "fr")
    assert field.startswith("La forme n’accepte pas le champ BT-5 de la norme.")
    assert "Currency XXY" in field
    assert field in page


def test_words_that_no_longer_fit(desk: Any, stage: Any, world: Any) -> None:
    """The template was changed between the validation and the writing."""
    set_up(stage, world.a, world.operator_a, legal_id="", establishment_id="", country="BE",
           electronic_scheme="EM", electronic_address="a@lendo.example", vat_id="BE0400378485")  # fmt: skip
    made = make_invoice(stage, world.a, world.operator_a, wish(world.a, language="fr"))
    with acting(stage, world.a.admin.scope()):
        templates.create_template(
            kind="invoice", language="fr", name="Maison", actor=world.a.admin.actor(), now=now(),
            wording=Wording("invoice", "", "Registre : {{company_registration}}"),
        )  # fmt: skip
    run_jobs(stage, world.a.id, name="sales_invoices.make_files")
    assert desk(made, "fr")[1].startswith("Le texte propre à l’entreprise pour ses factures")


def test_what_was_kept_as_a_sentence_is_still_said(desk: Any, stage: Any, world: Any) -> None:
    made = make_invoice(stage, world.a, world.operator_a)
    run_jobs(stage, world.a.id, name="sales_invoices.make_files")
    said = "BT-5: 100 % of it isn't known"
    stage.run("UPDATE sales_invoice_standings SET files = 'failed', problem = :p WHERE id = :i",
              p=said, i=made)  # fmt: skip
    page, field = desk(made, "fr")
    assert field == said
    assert said in page
