"""Sales invoices through their pages, as people use them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.directory.data import PartyData
from app.directory.services import parties
from app.finance.sales_invoices.services import settings
from tenants.core.errors import Forbidden
from tests.factories import acting
from tests.factories.directory import siren_of, vat_of
from tests.factories.jobs import run_jobs
from tests.factories.people import now
from tests.factories.sales_invoices import SELLER, make_draft, make_invoice, set_up, wish
from tests.notifications.mails import forget, told


def make_customer(
    stage: Any, company: Any, operator: Any, name: str = "Moulin du Lac", **changes: Any
) -> Any:
    known: dict[str, Any] = {
        "name": name, "siren": siren_of(77), "vat": vat_of(77), "billing_street": "rue du Lac",
        "billing_house_number": "12", "billing_postcode": "74000", "billing_city": "Annecy",
        "billing_country": "FR", "endpoint_scheme": "0225", "endpoint_value": siren_of(77),
        "contact_name": "Anne Roux", "contact_email": "anne@moulin.example", "payment_days": 45,
    }  # fmt: skip
    data = PartyData(**known | changes)
    with acting(stage, operator.scope(company)):
        made = parties.create_party(data=data, actor=operator.actor(company), now=now())
        return str(made.id)


def base(company: Any) -> str:
    return str(company.url("sales-invoices"))


def lines(*rows: tuple[str, str, str], **more: str) -> dict[str, Any]:
    return {
        "line_name": [one[0] for one in rows], "line_quantity": [one[1] for one in rows],
        "line_price": [one[2] for one in rows], "line_unit": ["C62" for _ in rows],
        "line_vat": ["S:20" for _ in rows], "line_description": ["" for _ in rows],
        "line_discount": ["" for _ in rows], "line_reason": ["" for _ in rows], **more,
    }  # fmt: skip


HEAD = {
    "type": "380", "nature": "services", "language": "fr", "currency": "EUR",
    "form": "facturx-en16931", "vat_point": "", "audience": "",
}  # fmt: skip


@pytest.fixture
def desk(stage: Any, world: Any, sign_in_as: Any) -> Any:
    set_up(stage, world.a, world.operator_a)
    return stage, world.a, sign_in_as(world.operator_a)


def test_from_the_customer_to_the_sent_invoice(desk: Any, world: Any) -> None:
    stage, a, browser = desk
    customer = make_customer(stage, a, world.operator_a)
    assert "Moulin du Lac" in browser.get(f"{base(a)}/new").text
    assert browser.get(f"{base(a)}/new?customer={customer}").status_code == 200
    sent = {**HEAD, "customer": customer, "client": a.slug, **lines(("Conseil", "2,5", "80"))}
    answer = browser.post(f"{base(a)}/new", data=sent)
    assert answer.status_code == 303, answer.text
    here = answer.location
    shown = browser.get(here).text
    assert "200.00" in shown
    assert browser.get(f"{here}/edit").status_code == 200
    answer = browser.post(f"{here}/validate", data={"client": a.slug, "version": "1"})
    assert answer.status_code == 303, answer.text
    run_jobs(stage, a.id)
    shown = browser.get(here).text
    assert "anne@moulin.example" in shown, shown
    assert "EN 16931" in shown
    assert "No finding." in shown
    file = browser.get(f"{here}/file")
    assert (file.content_type, file.data[:4]) == ("application/pdf", b"%PDF")
    answer = browser.post(f"{here}/send", data={"client": a.slug, "to": "anne@moulin.example"})
    assert answer.status_code == 303
    assert re.search(r"F-\d{4}-0001", browser.get(f"{base(a)}?view=sent&q=moul").text)
    answer = browser.post(f"{here}/credit", data={"client": a.slug, "reason": "Erreur"})
    assert answer.status_code == 303
    assert answer.location != here
    lessened = browser.post(
        f"{answer.location}/edit",
        data={**HEAD, "version": "1", "client": a.slug, "customer": customer,
              "reason": "Erreur", **lines(("Conseil", "1", "80"))},
    )  # fmt: skip
    assert lessened.status_code == 303, lessened.text
    assert "96.00" in browser.get(answer.location).text
    csv = browser.get(f"{base(a)}/export").get_data(as_text=True)
    assert "Moulin du Lac" in csv
    assert browser.get(f"{base(a)}/export?kind=xlsx").data.startswith(b"PK")
    assert browser.get(f"{base(a)}/export?kind=exe").status_code == 404


def test_wrong_rows_say_so_in_their_place_and_keep_what_was_typed(desk: Any, world: Any) -> None:
    stage, a, browser = desk
    customer = make_customer(stage, a, world.operator_a)
    wrong = lines(("Conseil", "many", "80"), ("", "1", "1e9"), ("x" * 400, "1", "1.23456789"))
    answer = browser.post(
        f"{base(a)}/new", data={**HEAD, "customer": customer, "client": a.slug, **wrong}
    )
    assert answer.status_code == 422
    assert answer.text.count("field-error") >= 4
    assert 'value="many"' in answer.text
    assert stage.value("SELECT count(*) FROM sales_invoices WHERE tenant_id = :t", t=a.id) == 0
    added = browser.post(f"{base(a)}/lines", data=lines(("A", "2", "10"), ("B", "1", "5")))
    assert "€30.00" in added.text


def test_a_business_without_its_number_is_no_consumer(desk: Any, world: Any) -> None:
    """The rules of French e-invoicing would not be run for a consumer."""
    stage, a, browser = desk
    bare = {"siren": "", "vat": "", "endpoint_scheme": "", "endpoint_value": ""}

    def validated(name: str, kind: str) -> Any:
        customer = make_customer(stage, a, world.operator_a, name, kind=kind, **bare)
        sent = {**HEAD, "customer": customer, "client": a.slug, **lines(("Conseil", "1", "80"))}
        here = browser.post(f"{base(a)}/new", data=sent).location
        return browser.post(f"{here}/validate", data={"client": a.slug, "version": "1"})

    refused = validated("Scierie Haute", "company")
    assert refused.status_code == 422
    assert "SIREN" in refused.text
    assert validated("Anne Roux", "person").status_code == 303


def test_a_draft_says_what_is_missing(desk: Any, world: Any, stage: Any) -> None:
    _, a, browser = desk
    made = make_draft(stage, a, world.operator_a, wish(a, buyer=None))
    shown = browser.get(f"{base(a)}/{made}").text
    assert "Choose a customer." in shown
    answer = browser.post(f"{base(a)}/{made}/validate", data={"client": a.slug, "version": "1"})
    assert answer.status_code == 422
    answer = browser.post(f"{base(a)}/{made}/delete", data={"client": a.slug, "version": "1"})
    assert answer.status_code == 303
    assert browser.get(f"{base(a)}/{made}").status_code == 404


def test_the_client_reads_and_others_see_nothing(
    desk: Any, world: Any, stage: Any, sign_in_as: Any
) -> None:
    _, a, _ = desk
    made = make_invoice(stage, a, world.operator_a)
    user = sign_in_as(a.user)
    assert user.get(f"{base(a)}/{made}").status_code == 200
    assert user.get(base(a)).status_code == 200
    assert user.post(f"{base(a)}/{made}/send", data={"client": a.slug}).status_code == 403
    other = sign_in_as(world.operator_b)
    assert other.get(f"{base(world.b)}/{made}").status_code == 404
    assert (
        other.post(f"{base(world.b)}/{made}/copy", data={"client": world.b.slug}).status_code == 404
    )


def test_settings_are_kept_and_refuse_a_wrong_number(
    desk: Any, world: Any, sign_in_as: Any
) -> None:
    _, a, _ = desk
    boss = sign_in_as(a.admin)
    sent = {**SELLER, "client": a.slug, "payment_days": "30"}
    assert boss.post(f"{base(a)}/settings", data=sent).status_code == 303
    assert "0189" in boss.get(f"{base(a)}/settings").text
    wrong = boss.post(f"{base(a)}/settings", data={**sent, "iban": "FR7612345"})
    assert wrong.status_code == 422
    series = {
        "client": a.slug,
        "name": "Shop",
        "prefix": "W-{year}-",
        "digits": "5",
        "types": ["380"],
    }
    assert boss.post(f"{base(a)}/series", data=series).status_code == 303
    assert boss.post(f"{base(a)}/series", data=series).status_code == 422


def test_a_list_of_fifty_is_few_statements(
    desk: Any, world: Any, stage: Any, count_statements: Any
) -> None:
    _, a, browser = desk
    for _ in range(3):
        make_draft(stage, a, world.operator_a)
    browser.get(base(a))
    with count_statements() as found:
        assert browser.get(base(a)).status_code == 200
    assert len(found) <= 6, "\n".join(found)


def test_another_account_needs_a_code_and_is_told(stage: Any, world: Any, sign_in_as: Any) -> None:
    a = world.a
    set_up(stage, a, world.operator_a)
    forget(stage, a)
    browser, page = sign_in_as(a.admin), f"{base(a)}/settings"
    same = {name: SELLER[name] for name in SELLER if name != "iban"} | {"client": a.slug}
    assert browser.post(page, data={**same, "phone": "+33 1"}).status_code == 303
    assert told(stage, a, "invoicing.account_changed") == set()
    other = {**same, "iban": "DE89 3704 0044 0532 0130 00", "bic": "COBADEFFXXX"}
    for code in ("", "000000"):
        refused = browser.post(page, data={**other, "code": code})
        assert refused.status_code == 422
        assert "field-error" in refused.text
    assert "7630" in browser.get(page).text or "0189" in browser.get(page).text
    answer = browser.post(page, data={**other, "code": a.admin.code()})
    assert answer.status_code == 303
    assert "3000" in browser.get(page).text
    assert told(stage, a, "invoicing.account_changed") == {a.admin.email}
    stale = replace(a.admin.actor(), second_factor_at=now() - timedelta(hours=1))
    with pytest.raises(Forbidden), acting(stage, a.scope):
        settings.set_settings(values={"iban": SELLER["iban"]}, actor=stale, now=now())
