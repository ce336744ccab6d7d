"""A company's own words and the code of its pages: printed as they stand, asked for at the public
page, refused in time where they can't be printed."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest

from app.documents.queries import get_file, list_about
from app.documents.templating import services as templates
from app.documents.templating.filling import Wording
from app.finance.sales_invoices.services.making import SOURCE
from tenants import files
from tenants.permissions import system_actor
from tests.factories import acting
from tests.factories.invoice_batches import HEAD, make_customer, send, start
from tests.factories.jobs import run_jobs
from tests.factories.people import now
from tests.factories.sales_invoices import make_draft, set_up, wish
from tests.finance.einvoicing import reading

OWN = Wording(
    "invoice", "Votre commande", "Bonjour **{{customer_name}}**, voici *H* = $x$ #read(1).",
    "À régler avant le {{due_date}} : {{amount_due}}.",
)  # fmt: skip


def say(stage: Any, company: Any, wording: Wording) -> None:
    with acting(stage, company.admin.scope()):
        templates.create_template(
            kind="invoice", language="fr", name="Maison", wording=wording,
            actor=company.admin.actor(), now=now(),
        )  # fmt: skip


@pytest.fixture
def desk(stage: Any, world: Any, sign_in_as: Any) -> Any:
    set_up(stage, world.a, world.operator_a)
    return stage, world.a, sign_in_as(world.operator_a)


def validated(desk: Any, world: Any) -> tuple[Any, Any]:
    stage, a, browser = desk
    draft = make_draft(stage, a, world.operator_a, wish(a, language="fr"))
    here = a.url(f"sales-invoices/{draft}")
    return here, browser.post(f"{here}/validate", data={"client": a.slug, "version": "1"})


def test_its_words_and_its_code_stand_on_the_page(desk: Any, world: Any, client: Any) -> None:
    stage, a, browser = desk
    say(stage, a, OWN)
    here, answer = validated(desk, world)
    assert answer.status_code == 303, answer.text
    run_jobs(stage, a.id)
    content = browser.get(f"{here}/file").data
    text = reading.page_text(content)
    for shown in ("Votre commande", "BonjourAtelier Vert SAS, voici *H* = $x$ #read(1).",
                  "À régler avant le"):  # fmt: skip
        assert reading.squeezed(shown) in text, shown
    [code] = re.findall(r"code((?:[0-9A-Z]{4}-){3}[0-9A-Z]{4})", text)
    said = client().get(f"/verify?code={code}").text
    assert "Sales invoice" in said
    other = code[:-1] + ("0" if code[-1] != "0" else "1")
    assert "Sales invoice" not in client().get(f"/verify?code={other}").text
    with acting(stage, a.scope):
        [held] = list_about(
            actor=system_actor(a.id), about_type=SOURCE, about_id=here.rsplit("/", 1)[1]
        )
        assert held.version.code == code.replace("-", "")
        assert files.read(get_file(held.version)) == content


def test_an_unfilled_field_is_said_before_it_is_validated(desk: Any, world: Any) -> None:
    stage, a, browser = desk
    set_up(stage, a, world.operator_a, legal_id="", establishment_id="", electronic_scheme="EM",
           electronic_address="a@lendo.example", country="BE", vat_id="")  # fmt: skip
    say(stage, a, Wording("invoice", "", "Registre : {{company_registration}}"))
    here, answer = validated(desk, world)
    assert answer.status_code == 422
    assert "Registration number of the company" in answer.text
    assert "Registration number of the company" in browser.get(here).text


def test_a_sheet_says_it_in_the_language_of_whoever_looks(desk: Any, world: Any) -> None:
    stage, a, browser = desk
    set_up(stage, a, world.operator_a, legal_id="", establishment_id="", electronic_scheme="EM",
           electronic_address="a@lendo.example", country="BE", vat_id="BE0400378485")  # fmt: skip
    make_customer(stage, a, world.operator_a, 1)
    good = send(stage, a, world.operator_a, f"{HEAD}\nA;K1;;Conseil;1;h;95,00;21")
    say(stage, a, Wording("invoice", "", "Registre : {{company_registration}}"))
    start(stage, a, world.operator_a, good)
    run_jobs(stage, a.id, name="sales_invoices.issue_batch")
    seen = send(stage, a, world.operator_a, f"{HEAD}\nB;K1;;Conseil;1;h;95,00;21")
    for batch in (seen, good):
        page = a.url(f"sales-invoices/batches/{batch}")
        for language, words in (
            ("en", "Text, line 1: The field “Registration number of the company” is empty."),
            ("fr", "Le champ «"), ("de", "Das Feld „"),
        ):  # fmt: skip
            stage.run("UPDATE users SET language = :l WHERE id = :i", l=language,
                      i=world.operator_a.id)  # fmt: skip
            assert words in browser.get(page).text, (batch, language)


def test_the_preview_is_an_invoice(world: Any, sign_in_as: Any) -> None:
    a = world.a
    browser = sign_in_as(a.admin)
    sent = {"client": a.slug, "body": "Voici {{invoice_number}}", "subject": "", "closing": ""}
    shown = browser.post(a.url("templates/preview?kind=invoice&language=fr"), data=sent).text
    pages = re.findall(r"data:image/png;base64,([A-Za-z0-9+/=]+)", shown)
    assert len(pages) == 1
    assert base64.b64decode(pages[0])[:4] == b"\x89PNG"
