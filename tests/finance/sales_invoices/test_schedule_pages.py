"""Invoices that come again through their pages."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.factories.sales_invoices import make_invoice, make_schedule, set_up
from tests.finance.sales_invoices.test_pages import base, lines, make_customer

HEAD = {
    "nature": "services", "language": "fr", "currency": "EUR", "form": "facturx-en16931",
    "vat_point": "", "audience": "", "name": "Loyer du local", "months": "3", "day": "31",
    "starts_on": "2099-01-10", "ends_on": "", "about": "begins", "says_period": "1",
}  # fmt: skip


@pytest.fixture
def desk(stage: Any, world: Any, sign_in_as: Any) -> Any:
    set_up(stage, world.a, world.operator_a)
    return stage, world.a, sign_in_as(world.operator_a)


def test_from_nothing_to_the_end(desk: Any, world: Any) -> None:
    _, a, browser = desk
    customer = make_customer(desk[0], a, world.operator_a)
    home = f"{base(a)}/recurring"
    assert "Moulin du Lac" in browser.get(f"{home}/new").text
    page = browser.get(f"{home}/new?customer={customer}").text
    assert "Moulin du Lac" in page
    assert "{month}" in page
    sent = {**HEAD, "client": a.slug, "customer": customer}
    refused = browser.post(f"{home}/new", data={**sent, **lines(("Loyer {mois}", "1", "900"))})
    assert refused.status_code == 422
    assert "placeholder doesn" in refused.text
    answer = browser.post(f"{home}/new", data={**sent, **lines(("Loyer {month} {year}", "1", "900"))})  # fmt: skip
    assert answer.status_code == 303, answer.text[:3000]
    there = answer.headers["Location"]
    page = browser.get(there).text
    assert [one in page for one in ("Loyer janvier 2099", "Loyer avril 2099", "Loyer juillet 2099")] == [True] * 3  # fmt: skip
    assert "Loyer du local" in browser.get(home).text

    def act(name: str, version: int) -> Any:
        return browser.post(f"{there}/{name}", data={"client": a.slug, "version": version})

    assert act("pause", 1).status_code == 303
    assert act("resume", 1).status_code == 409
    assert act("resume", 2).status_code == 303
    edit = browser.get(f"{there}/edit").text
    version = re.search(r'name="version" value="(\d+)"', edit)
    assert version
    assert version[1] == "3"
    changed = browser.post(f"{there}/edit", data={
        **sent, "version": "3", "name": "Loyer", **lines(("Loyer {quarter}", "1", "950")),
    })  # fmt: skip
    assert changed.status_code == 303
    assert "Loyer T1" in browser.get(there).text
    assert act("end", 4).status_code == 303
    assert "Nothing comes any more" in browser.get(there).text
    assert browser.get(f"{there}/edit").status_code == 303


def test_another_customer_is_chosen_for_it(desk: Any, world: Any) -> None:
    stage, a, browser = desk
    first = make_customer(stage, a, world.operator_a)
    other = make_customer(stage, a, world.operator_a, "Autre Moulin", siren="", vat="", endpoint_scheme="", endpoint_value="")  # fmt: skip
    sent = {**HEAD, "client": a.slug, **lines(("Loyer", "1", "900"))}
    made = browser.post(f"{base(a)}/recurring/new", data={**sent, "customer": first}).location
    stage.run("UPDATE invoice_schedules SET problem = 'archived' WHERE tenant_id = :t", t=a.id)
    choice = f"{made}/edit?customer="
    for page in (made, f"{made}/edit"):
        assert f'href="{choice}"' in browser.get(page).text
    shown = browser.get(choice).text
    assert f'href="{choice}{other}&amp;' in shown
    assert "Loyer du local" in shown
    edit = browser.get(f"{choice}{other}").text
    assert f'name="customer" value="{other}"' in edit
    changed = browser.post(f"{made}/edit", data={**sent, "customer": other, "version": "1"})
    assert changed.status_code == 303, changed.text[:3000]
    shown = browser.get(made).text
    assert "Autre Moulin" in shown
    assert choice not in shown


def test_of_an_invoice_that_is_there(desk: Any, world: Any) -> None:
    stage, a, browser = desk
    made = make_invoice(stage, a, world.operator_a)
    assert f"recurring/new?invoice={made}" in browser.get(f"{base(a)}/{made}").text
    page = browser.get(f"{base(a)}/recurring/new?invoice={made}").text
    assert "Atelier Vert SAS" in page
    assert a.text("Conseil") in page
    answer = browser.post(f"{base(a)}/recurring/new?invoice={made}", data={
        **HEAD, "client": a.slug, "customer": "", **lines(("Conseil {month}", "1", "90")),
    })  # fmt: skip
    assert answer.status_code == 303, answer.text[:3000]
    assert "Conseil janvier" in browser.get(answer.headers["Location"]).text
    for nonsense in ("x", "00000000-0000-7000-8000-000000000000"):
        assert browser.get(f"{base(a)}/recurring/new?invoice={nonsense}").status_code == 404


def test_the_client_reads_and_changes_nothing(stage: Any, world: Any, sign_in_as: Any) -> None:
    set_up(stage, world.a, world.operator_a)
    made = make_schedule(stage, world.a, world.operator_a)
    browser = sign_in_as(world.a.user)
    there = f"{base(world.a)}/recurring/{made}"
    page = browser.get(there)
    assert page.status_code == 200
    assert "/pause" not in page.text
    assert browser.post(f"{there}/pause", data={"client": world.a.slug, "version": 1}).status_code in (403, 404)  # fmt: skip


def test_sending_nonsense_is_said_in_the_fields(desk: Any, world: Any) -> None:
    _, a, browser = desk
    customer = make_customer(desk[0], a, world.operator_a)
    sent = {**HEAD, "client": a.slug, "customer": customer, **lines(("Loyer", "1", "900"))}
    for wrong in (
        {"day": "32"}, {"day": "x"}, {"months": "5"}, {"starts_on": "2099-02-30"}, {"name": ""},
        {"ends_on": "2098-01-01"}, {"about": "never"}, {"note": "{x}"}, {"customer": ""},
        {"line_name": [""]},
    ):  # fmt: skip
        answer = browser.post(f"{base(a)}/recurring/new", data={**sent, **wrong})
        assert answer.status_code == 422, wrong
