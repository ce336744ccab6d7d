"""Country and VAT number decide the VAT of the subscription's invoices, at Stripe as on our pages."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.billing.flow.house import Flow
from tests.factories import Company, Person, World

SignIn = Callable[[Person], FlaskClient]
GERMAN, DUTCH, SWISS = "DE136695976", "NL004495445B01", "CHE107787577IVA"
# As Stripe's test numbers: found wrong, and never found out.
WRONG, ENDLESS = "NL111111111B40", "NL222222222B07"


def details(country: str, vat_id: str = "", **more: str) -> dict[str, str]:
    return {
        "billing_name": "Nord SARL", "billing_email": "office@nord.example",
        "line1": "1 rue Haute", "line2": "", "postcode": "10115", "town": "Ville",
        "country": country, "vat_id": vat_id, **more,
    }  # fmt: skip


def save(browser: FlaskClient, company: Company, given: dict[str, str]) -> Any:
    return browser.post(company.url("subscription/billing-details"), data=given)


def settle(flow: Flow, company: Company) -> None:
    """Stripe is told, and has asked the authorities."""
    flow.work(company)
    flow.sim.control("advance", seconds=60)
    flow.deliver(company)
    flow.deliver(company)


def account(flow: Flow, company: Company) -> Any:
    [row] = flow.stage.rows("SELECT * FROM billing_accounts WHERE tenant_id = :t", t=company.id)
    return row


def at_stripe(flow: Flow, company: Company) -> Any:
    return flow.gateway.fetch_customer_state(flow.customer(company))["customer"]


def newest_invoice(flow: Flow, company: Company) -> Any:
    return flow.stage.rows(
        "SELECT * FROM stripe_invoices WHERE tenant_id = :t ORDER BY invoiced_at DESC LIMIT 1",
        t=company.id,
    )[0]


@pytest.mark.parametrize(
    ("country", "vat_id", "status", "exempt", "treatment", "rate"),
    [
        ("FR", "FR40303265045", "verified", "none", "domestic", 20),
        ("DE", GERMAN, "verified", "reverse", "reverse_charge", None),
        ("NL", WRONG, "unverified", "none", "supplier_rate", 20),
        ("NL", ENDLESS, "pending", "none", "supplier_rate", 20),
        ("DE", "", "", "none", "supplier_rate", 20),
        ("CH", SWISS, "unavailable", "exempt", "outside", None),
        ("US", "", "", "exempt", "outside", None),
    ],
)
def test_the_next_invoice_has_the_vat_of_country_and_number(
    flow: Flow, company: Company, sign_in_as: SignIn,
    country: str, vat_id: str, status: str, exempt: str, treatment: str, rate: int | None,
) -> None:  # fmt: skip
    admin = sign_in_as(company.admin)
    assert save(admin, company, details(country, vat_id)).status_code == 303
    settle(flow, company)
    row = account(flow, company)
    assert (row.vat_id, row.vat_status, row.tax_exempt) == (vat_id, status, exempt)
    held = at_stripe(flow, company)
    assert (held["name"], held["address"]["country"]) == ("Nord SARL", country)
    assert held["tax_exempt"] == exempt
    flow.into_next_period(company)
    bill = newest_invoice(flow, company)
    assert (bill.tax_treatment, bill.tax_rate, bill.buyer_vat_id) == (treatment, rate, vat_id)
    net = bill.total - bill.total_tax
    assert bill.total_tax == round(net * (rate or 0) / 100)
    page = admin.get(company.url(f"subscription/invoices/{bill.number}")).text
    assert ("226(11a)" in page) is (treatment == "reverse_charge")


def test_a_german_provider_invoices_german_vat(
    flow: Flow, world: World, sign_in_as: SignIn
) -> None:
    flow.stage.run("UPDATE tenants SET country = 'DE' WHERE kind = 'provider'")
    try:
        for company, country in ((world.a, "DE"), (world.b, "FR")):
            flow.stage.run("UPDATE tenants SET country = :c, vat_id = :v WHERE id = :t",
                           c=country, v={"FR": "FR40303265045"}.get(country, ""), t=company.id)  # fmt: skip
            flow.subscribe(company)
        flow.sim.control("advance", seconds=60)
        flow.deliver(world.a, world.b)
        flow.into_next_period(world.a, world.b)
        at_home, abroad = newest_invoice(flow, world.a), newest_invoice(flow, world.b)
        assert (at_home.tax_treatment, at_home.tax_rate) == ("domestic", 19)
        assert at_home.total_tax == round((at_home.total - at_home.total_tax) * 0.19)
        assert (abroad.tax_treatment, abroad.total_tax) == ("reverse_charge", 0)
    finally:
        flow.stage.run("UPDATE tenants SET country = 'FR' WHERE kind = 'provider'")


def test_where_no_rule_is_known_none_is_claimed(
    flow: Flow, world: World, sign_in_as: SignIn
) -> None:
    flow.stage.run("UPDATE tenants SET country = 'ES' WHERE kind = 'provider'")
    try:
        flow.subscribe(world.a)
        flow.deliver(world.a)
        admin = sign_in_as(world.a.admin)
        for page in ("subscription", "subscription/billing-details"):
            found = admin.get(world.a.url(page))
            assert found.status_code == 200
            assert "say nothing of VAT" in found.text
        assert save(admin, world.a, details("DE", GERMAN)).status_code == 303
        settle(flow, world.a)
        flow.into_next_period(world.a)
        bill = newest_invoice(flow, world.a)
        assert (bill.tax_treatment, bill.total_tax) == ("", 0)
        assert admin.get(world.a.url(f"subscription/invoices/{bill.number}")).status_code == 200
        assert account(flow, world.a).attention == "no_vat_rule"
        office = sign_in_as(world.provider_admin)
        seen = office.get(f"/provider/billing/companies/{world.a.slug}")
        assert "No rule of VAT" in seen.text
    finally:
        flow.stage.run("UPDATE tenants SET country = 'FR' WHERE kind = 'provider'")


def test_a_number_that_is_withdrawn_brings_the_vat_back(
    flow: Flow, company: Company, sign_in_as: SignIn
) -> None:
    save(sign_in_as(company.admin), company, details("DE", GERMAN))
    settle(flow, company)
    assert at_stripe(flow, company)["tax_exempt"] == "reverse"
    [held] = flow.gateway.vat_ids(flow.customer(company))
    flow.gateway.remove_vat_id(flow.customer(company), held["id"])
    flow.deliver(company)
    flow.deliver(company)
    assert at_stripe(flow, company)["tax_exempt"] == "none"
    row = account(flow, company)
    assert (row.vat_id, row.vat_status, row.tax_exempt) == ("", "", "none")


def test_what_is_changed_at_stripe_is_taken_over(
    flow: Flow, company: Company, sign_in_as: SignIn
) -> None:
    flow.gateway.set_details(
        flow.customer(company), "Süd GmbH", "a@sued.example",
        {"line1": "Weg 1", "country": "DE"}, "by-hand",
    )  # fmt: skip
    flow.gateway.add_vat_id(flow.customer(company), "eu_vat", GERMAN, "by-hand-vat")
    flow.sim.control("advance", seconds=60)
    flow.deliver(company)
    flow.deliver(company)
    row = account(flow, company)
    assert (row.billing_name, row.country, row.vat_status) == ("Süd GmbH", "DE", "verified")
    assert at_stripe(flow, company)["tax_exempt"] == "reverse"
    # Whoever sets it otherwise at Stripe is put right.
    flow.gateway.set_taxation(flow.customer(company), "none", "x", "by-hand-tax")
    flow.deliver(company)
    flow.deliver(company)
    assert at_stripe(flow, company)["tax_exempt"] == "reverse"


def test_a_lost_answer_adds_no_second_number(
    flow: Flow, company: Company, sign_in_as: SignIn
) -> None:
    admin = sign_in_as(company.admin)
    flow.sim.control("faults", lost=True, count=4)
    assert save(admin, company, details("DE", GERMAN)).status_code == 303
    for _ in range(8):
        flow.work(company, fails=True)
    settle(flow, company)
    assert [one["value"] for one in flow.gateway.vat_ids(flow.customer(company))] == [GERMAN]
    assert account(flow, company).details_told == account(flow, company).details_revision
    assert at_stripe(flow, company)["tax_exempt"] == "reverse"


def test_a_number_looked_up_in_vain_is_asked_for_again_once_a_day(
    flow: Flow, company: Company, sign_in_as: SignIn
) -> None:
    admin = sign_in_as(company.admin)
    save(admin, company, details("DE", GERMAN))
    settle(flow, company)
    [held] = flow.sim.store.table("tax_ids").values()
    held["verification"]["status"] = "unavailable"
    flow.enqueue(company, "sync_customer", key="in-vain")
    flow.work(company)
    assert account(flow, company).vat_status == "unavailable"
    flow.sim.control("advance", seconds=7200)
    flow.follow()
    flow.sim.control("faults", lost=True, count=2)
    assert save(admin, company, details("DE", GERMAN)).status_code == 303
    assert account(flow, company).vat_status == "pending"
    for _ in range(6):
        flow.work(company, fails=True)
    settle(flow, company)
    row = account(flow, company)
    assert (row.vat_status, row.details_revision) == ("verified", 1)
    [anew] = flow.sim.store.table("tax_ids").values()
    assert anew["id"] != held["id"]
    anew["verification"]["status"] = "unverified"
    flow.enqueue(company, "sync_customer", key="withdrawn")
    flow.work(company)
    save(admin, company, details("DE", GERMAN))
    settle(flow, company)
    assert account(flow, company).vat_status == "unverified", "once a day"
    assert list(flow.sim.store.table("tax_ids")) == [anew["id"]]


def test_the_newest_word_wins(flow: Flow, company: Company, sign_in_as: SignIn) -> None:
    """Two changes before Stripe heard of the first; the same again is no change."""
    admin = sign_in_as(company.admin)
    save(admin, company, details("DE", GERMAN))
    save(admin, company, details("NL", DUTCH))
    save(admin, company, details("NL", DUTCH))
    assert account(flow, company).details_revision == 2
    settle(flow, company)
    assert [one["value"] for one in flow.gateway.vat_ids(flow.customer(company))] == [DUTCH]
    assert at_stripe(flow, company)["address"]["country"] == "NL"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (details("DE", "FR40303265045"), "begins with other letters"),
        (details("DE", "DE136695970"), "a digit or letter must be wrong"),
        (details("US", "123"), "Leave the field empty"),
        (details("DE", billing_email="nobody"), "Please check your entries"),
        (details("XX"), "Please check your entries"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    flow: Flow, company: Company, sign_in_as: SignIn, given: dict[str, str], sentence: str
) -> None:
    said = save(sign_in_as(company.admin), company, given)
    assert said.status_code == 422
    assert sentence in html.unescape(said.text)
    assert account(flow, company).details_revision == 0


def test_it_is_for_the_clients_administrator(
    flow: Flow, company: Company, world: World, sign_in_as: SignIn
) -> None:
    for person, status in (
        (company.user, 403), (world.operator_a, 403), (world.b.admin, 404),
    ):  # fmt: skip
        assert save(sign_in_as(person), company, details("DE")).status_code == status


def test_asked_before_the_first_payment(flow: Flow, world: World, sign_in_as: SignIn) -> None:
    admin, company = sign_in_as(world.a.admin), world.a
    assert "Choose a plan first" in admin.get(company.url("subscription/billing-details")).text
    assert save(admin, company, details("DE")).status_code == 409
    page = admin.get(company.url("subscription/billing-details?plan=standard&interval=year"))
    assert company.name in page.text
    said = save(admin, company, details("DE", GERMAN, plan="standard", interval="year"))
    assert said.status_code == 303
    assert said.headers["Location"].endswith("/subscription/checkout")
    settle(flow, company)
    row = account(flow, company)
    assert (row.plan_key, row.interval, row.vat_status) == ("standard", "year", "verified")
    assert at_stripe(flow, company)["tax_exempt"] == "reverse"
    assert at_stripe(flow, company)["invoice_settings"]["footer"]
    plans = admin.get(company.url("subscription/plans")).text
    assert 'action="/c/' in plans
    assert "subscription/checkout" in plans
