"""What no invoice should hold, typed into the pages: refused with a sentence or shown and printed as
it stands."""

from __future__ import annotations

import html
from typing import Any

import pytest

from tests.documents.words import words_of
from tests.factories.directory import siren_of, vat_of
from tests.factories.jobs import run_jobs
from tests.factories.sales_invoices import set_up
from tests.finance.sales_invoices.test_pages import HEAD, base, lines, make_customer

MARKUP = '<script>alert(1)</script> #eval("1") $x^2$ *fett* {{company_name}}'
FORMULA = '=HYPERLINK("https://evil.example";"Oui")'


@pytest.fixture
def desk(stage: Any, world: Any, sign_in_as: Any) -> Any:
    set_up(stage, world.a, world.operator_a)
    return stage, world.a, sign_in_as(world.operator_a)


def drafted(browser: Any, a: Any, customer: str, *rows: tuple[str, str, str], **more: str) -> Any:
    typed = {**HEAD, "customer": customer, "client": a.slug, **lines(*rows), **more}
    return browser.post(f"{base(a)}/new", data=typed)


def test_markup_and_formulas_are_shown_and_printed_as_they_stand(desk: Any, world: Any) -> None:
    stage, a, browser = desk
    customer = make_customer(stage, a, world.operator_a, FORMULA)
    answer = drafted(browser, a, customer, (MARKUP, "1", "80"), note=MARKUP, order="=1+1")
    assert answer.status_code == 303, answer.text
    here = answer.location
    page = browser.get(here).text
    assert "<script>alert" not in page
    assert page.count(html.escape(MARKUP, quote=True).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")) == 1  # fmt: skip
    validated = browser.post(f"{here}/validate", data={"client": a.slug, "version": "1"})
    assert validated.status_code == 303, validated.text
    run_jobs(stage, a.id)
    file = browser.get(f"{here}/file").data
    printed = words_of(file)
    assert "<script>alert(1)</script>" in printed
    assert "{{company_name}}" in printed
    listed = browser.get(f"{base(a)}/export").get_data(as_text=True)
    assert "'=HYPERLINK" in listed


@pytest.mark.parametrize(
    "text", ["Conseil \U0001f600", "Conseil \u202e0001 sliesnoC", "Conseil \u202a"]
)
@pytest.mark.parametrize("place", ["line", "note"])
def test_what_can_not_be_printed_is_said_before_there_is_a_number(
    desk: Any, world: Any, text: str, place: str
) -> None:
    stage, a, browser = desk
    customer = make_customer(stage, a, world.operator_a)
    name, note = (text, "") if place == "line" else ("Conseil", text)
    here = drafted(browser, a, customer, (name, "1", "80"), note=note).location
    assert "be printed" in html.unescape(browser.get(here).text)
    refused = browser.post(f"{here}/validate", data={"client": a.slug, "version": "1"})
    assert refused.status_code == 422
    numbers = stage.value(
        "SELECT count(*) FROM sales_invoices WHERE tenant_id = :t AND number <> ''", t=a.id
    )
    assert numbers == 0


@pytest.mark.parametrize("field", ["line", "note", "order", "buyer_reference", "payment_terms"])
def test_ten_thousand_characters_are_refused_at_their_field(
    desk: Any, world: Any, field: str
) -> None:
    stage, a, browser = desk
    customer = make_customer(stage, a, world.operator_a)
    long = "x" * 10_000
    row = (long if field == "line" else "Conseil", "1", "80")
    answer = drafted(browser, a, customer, row, **({} if field == "line" else {field: long}))
    assert answer.status_code == 422
    assert "field-error" in answer.text
    assert stage.value("SELECT count(*) FROM sales_invoices WHERE tenant_id = :t", t=a.id) == 0


def test_a_customer_has_a_name_of_usual_length(desk: Any) -> None:
    _, a, browser = desk
    typed = {"client": a.slug, "customer": "1", "name": "x" * 10_000, "siren": siren_of(78),
             "vat": vat_of(78), "billing_city": "Annecy", "billing_country": "FR"}  # fmt: skip
    answer = browser.post(a.url("directory/new"), data=typed)
    assert answer.status_code == 422
    assert "field-error" in answer.text
    markup = browser.post(a.url("directory/new"), data={**typed, "name": "<b>Moulin</b>"})
    assert markup.status_code == 303, markup.text
    assert "<b>Moulin" not in browser.get(markup.location).text
