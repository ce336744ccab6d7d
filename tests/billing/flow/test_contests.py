"""A record is contested by the client, decided by the provider, and put into the books."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from tests.billing.flow.house import Flow
from tests.factories import Company, Person, World
from tests.factories.lifecycle import Made, make_request
from tests.factories.people import make_staff

SignIn = Callable[[Person], FlaskClient]
MINUTES = "operator_minutes"


@pytest.fixture
def made(flow: Flow, company: Company, world: World) -> Made:
    """45 billable minutes, worth 42.75."""
    return make_request(
        flow.stage, company, item="payment_control", state="delivered", at=flow.now,
        operator=world.operator_a, reviewer=world.supervisor,
    )  # fmt: skip


@pytest.fixture
def client(company: Company, sign_in_as: SignIn) -> FlaskClient:
    return sign_in_as(company.admin)


@pytest.fixture
def office(world: World, sign_in_as: SignIn) -> FlaskClient:
    return sign_in_as(world.provider_admin)


@pytest.fixture
def second(flow: Flow, sign_in_as: SignIn) -> FlaskClient:
    return sign_in_as(make_staff(flow.stage, role="provider_admin", name="Second admin"))


def usage_id(flow: Flow, company: Company, meter: str = MINUTES) -> UUID:
    found: UUID = flow.stage.value(
        "SELECT id FROM usage_events WHERE tenant_id = :t AND meter_key = :m AND quantity > 0"
        " AND source_type <> 'carried_in' ORDER BY id DESC LIMIT 1", t=company.id, m=meter,
    )  # fmt: skip
    return found


def contest(browser: FlaskClient, company: Company, usage: UUID, **given: Any) -> Any:
    path = company.url(f"subscription/usage/{usage}/contest")
    return browser.post(path, data={"reason": "It took half an hour", "accepted": "", **given})


def address(flow: Flow, company: Company) -> str:
    contest_id = flow.stage.value(
        "SELECT id FROM usage_contests WHERE tenant_id = :t ORDER BY id DESC LIMIT 1", t=company.id
    )
    return f"/provider/billing/companies/{company.slug}/contests/{contest_id}"


def decide(browser: FlaskClient, path: str, verdict: str, remains: str = "") -> Any:
    return browser.post(
        path, data={"verdict": verdict, "remains": remains, "answer": "We looked again"}
    )


def row(flow: Flow, company: Company) -> Any:
    return flow.stage.rows("SELECT * FROM usage_contests WHERE tenant_id = :t", t=company.id)[0]


def used(flow: Flow, company: Company, meter: str = MINUTES) -> int:
    return int(
        flow.stage.value(
            "SELECT coalesce(sum(quantity), 0) FROM usage_events WHERE tenant_id = :t"
            " AND meter_key = :m", t=company.id, m=meter,
        )
    )  # fmt: skip


def test_in_the_running_period_it_is_taken_back_before_the_invoice(
    flow: Flow, company: Company, made: Made, client: FlaskClient, office: FlaskClient
) -> None:
    usage = usage_id(flow, company)
    listed = client.get(company.url(f"subscription/usage?meter={MINUTES}")).text
    assert f"usage/{usage}/contest" in listed
    assert contest(client, company, usage, accepted="30").status_code == 303
    assert contest(client, company, usage).status_code == 409
    path = address(flow, company)
    page = html.unescape(office.get(path).text)
    assert "It took half an hour" in page
    assert f"u1:{company.id}" in page or "45" in page
    assert decide(office, path, "adjusted", "45").status_code == 422
    assert decide(office, path, "adjusted", "30").status_code == 303
    assert decide(office, path, "upheld").status_code == 409
    flow.work(company)
    assert (row(flow, company).outcome, used(flow, company)) == ("reversed", 30)
    flow.into_next_period(company)
    assert flow.invoiced(company, "coulisse_v1_operator_minutes") == 30
    told = html.unescape(client.get(company.url("subscription/contests")).text)
    assert "We looked again" in told
    chain = html.unescape(client.get(f"{made.url}/evidence").text)
    assert "30 of 45 stay billed." in chain
    assert "every step from the invoice to the file holds" in chain


def test_after_the_invoice_it_comes_back_as_a_credit_note(
    flow: Flow, company: Company, made: Made, client: FlaskClient, office: FlaskClient
) -> None:
    flow.into_next_period(company)
    assert contest(client, company, usage_id(flow, company)).status_code == 303
    assert decide(office, address(flow, company), "upheld").status_code == 303
    flow.work(company)
    flow.deliver(company)
    [note] = flow.sim.store.table("credit_notes").values()
    # 45 minutes at 0.95, as the invoice's line asks
    assert note["subtotal"] == 4_275
    assert (row(flow, company).outcome, row(flow, company).credited) == ("credited", 4_275)
    assert used(flow, company) == 45, "what was invoiced stays in the ledger"
    page = html.unescape(client.get(company.url("subscription/credits")).text)
    assert note["number"] in page
    assert "€42.75" in page


def test_much_of_it_needs_a_second_person(
    flow: Flow, company: Company, client: FlaskClient, office: FlaskClient, second: FlaskClient
) -> None:
    flow.use(company, MINUTES, 200)
    contest(client, company, usage_id(flow, company))
    path = address(flow, company)
    assert decide(office, path, "upheld").status_code == 303
    flow.work(company)
    assert (row(flow, company).state, used(flow, company)) == ("proposed", 200)
    assert office.post(f"{path}/confirm").status_code == 403
    assert second.post(f"{path}/send-back").status_code == 303
    assert decide(second, path, "upheld").status_code == 303
    assert second.post(f"{path}/confirm").status_code == 403
    assert office.post(f"{path}/confirm").status_code == 303
    assert office.post(f"{path}/confirm").status_code == 409
    flow.work(company)
    assert (row(flow, company).outcome, used(flow, company)) == ("reversed", 0)


def test_what_is_answered_changes_nothing(
    flow: Flow, company: Company, made: Made, client: FlaskClient, office: FlaskClient
) -> None:
    contest(client, company, usage_id(flow, company))
    decide(office, address(flow, company), "answered")
    flow.work(company)
    assert (row(flow, company).outcome, used(flow, company)) == ("nothing", 45)


def test_a_decision_that_the_invoice_overtook_becomes_a_credit(
    flow: Flow, company: Company, made: Made, client: FlaskClient, office: FlaskClient
) -> None:
    contest(client, company, usage_id(flow, company))
    flow.into_next_period(company)
    decide(office, address(flow, company), "adjusted", "40")
    flow.work(company)
    flow.deliver(company)
    assert (row(flow, company).outcome, row(flow, company).credited) == ("credited", 475)


def test_ten_days_after_the_invoice_it_is_too_late(
    flow: Flow, company: Company, made: Made, client: FlaskClient
) -> None:
    usage = usage_id(flow, company)
    flow.into_next_period(company)
    flow.advance(company, days=10)
    page = client.get(company.url(f"subscription/usage/{usage}/contest"))
    assert "ten days after the invoice are over" in page.text
    assert contest(client, company, usage).status_code == 409
    assert flow.stage.rows("SELECT 1 FROM usage_contests WHERE tenant_id = :t", t=company.id) == []


def test_only_administrators_contest_and_only_the_providers_decide(
    flow: Flow, company: Company, made: Made, world: World, client: FlaskClient, sign_in_as: SignIn
) -> None:
    usage = usage_id(flow, company)
    assert contest(sign_in_as(company.user), company, usage).status_code == 403
    assert contest(sign_in_as(world.b.admin), world.b, usage).status_code == 404
    contest(client, company, usage)
    path = address(flow, company)
    for person in (world.supervisor, world.operator_a, company.admin):
        assert decide(sign_in_as(person), path, "upheld").status_code in (403, 404)
