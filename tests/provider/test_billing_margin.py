"""Margins and the rates that they count with: the provider's own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from billing.figures import queries
from tenants.core.db import db
from tests.billing.figures.making import make_account, make_invoice, month_of, provider
from tests.factories import Person, Stage, World, acting
from tests.factories.lifecycle import make_request

SignIn = Callable[[Person], FlaskClient]
NOW = datetime.now(UTC)
MARGIN, RATES = "/provider/billing/margin", "/provider/billing/rates"


@pytest.fixture
def admin(world: World, sign_in_as: SignIn) -> FlaskClient:
    return sign_in_as(world.provider_admin)


@pytest.fixture
def worked(stage: Stage, world: World) -> None:
    """An invoice of 100.00 for payslips, and an hour and a half for HR."""
    make_account(stage, world.a, NOW)
    make_invoice(stage, world.a, NOW, 10_000, lookup_key="essential_v1_payslips")
    request = make_request(
        stage, world.a, item="hr_question", state="in_progress", operator=world.operator_a
    )
    stage.run(
        "INSERT INTO time_entries (tenant_id, request_id, user_id, user_name, worked_on, minutes,"
        " activity, billable, at) VALUES (:t, :r, :u, 'x', :d, 90, :w, false, now())",
        t=world.a.id, r=request.id, u=world.operator_a.id, d=NOW.date(), w=world.a.text("words"),
    )  # fmt: skip


def typed(**changes: str) -> dict[str, str]:
    return {"whose": "operator", "amount": "40.00", "starts_on": month_of(NOW).date().isoformat(),
            **changes}  # fmt: skip


def test_a_margin_and_the_time_behind_it(
    stage: Stage, world: World, admin: FlaskClient, worked: None
) -> None:
    url = f"{MARGIN}?client={world.a.slug}"
    assert "90 minutes without a rate" in admin.get(url).text
    assert admin.post(RATES, data=typed()).status_code == 303
    page = admin.get(url).text
    assert "without a rate" not in page
    assert all(amount in page for amount in ("€100.00", "€60.00", "€40.00"))
    behind = admin.get(f"/provider/billing/companies/{world.a.slug}/time?line=hr").text
    assert "€60.00" in behind
    assert world.operator_a.name in behind
    assert world.a.text("words") not in behind
    assert (
        "No time recorded"
        in admin.get(f"/provider/billing/companies/{world.a.slug}/time?line=it").text
    )
    sheet = admin.get(f"{url}&as=csv").get_data().decode("utf-8-sig").splitlines()
    assert sheet[1].endswith(";HR;100.00;90;60.00;40.00;EUR")
    assert world.a.slug in admin.get(MARGIN).text
    stage.run("DELETE FROM internal_rates")


def test_credits_are_taken_off(
    stage: Stage, world: World, admin: FlaskClient, worked: None
) -> None:
    stage.run(
        "INSERT INTO credits (tenant_id, kind, line, month, amount, currency, method, source, state,"
        " asked_by_name, asked_at, approved_by_name, issued_at, stripe_id) VALUES (:t, 'sla', 'hr',"
        " :m, 1500, 'EUR', 'credit_note', 'x', 'issued', 'x', now(), 'x', now(), 'cn_1')",
        t=world.a.id, m=month_of(NOW).date(),
    )  # fmt: skip
    assert "€85.00" in admin.get(f"{MARGIN}?client={world.a.slug}").text


def test_a_persons_own_rate(stage: Stage, world: World, admin: FlaskClient, worked: None) -> None:
    for form in (typed(), typed(whose=str(world.operator_a.id), amount="50")):
        assert admin.post(RATES, data=form).status_code == 303
    assert "€75.00" in admin.get(f"{MARGIN}?client={world.a.slug}").text
    page = admin.get(RATES).text
    assert "€50.00" in page
    facts = stage.value("SELECT facts FROM audit_events WHERE name = 'billing.internal_rate.set'"
                        " ORDER BY at DESC LIMIT 1")  # fmt: skip
    assert "5000" in str(facts)
    stage.run("DELETE FROM internal_rates")


@pytest.mark.parametrize(
    "wrong", [{"whose": "nobody"}, {"amount": "-1"}, {"amount": "1000.01"}, {"amount": "x"},
              {"starts_on": "2020-01-02"}],
)  # fmt: skip
def test_what_is_no_rate(admin: FlaskClient, wrong: dict[str, str]) -> None:
    assert admin.post(RATES, data=typed(**wrong)).status_code == 422


def test_rates_are_the_providers_own(
    stage: Stage, world: World, admin: FlaskClient, sign_in_as: SignIn
) -> None:
    assert admin.post(RATES, data=typed()).status_code == 303
    seen = "SELECT count(*) FROM internal_rates"
    for scope in (world.a.scope, world.operator_a.scope(world.a), world.a.admin.scope(world.a)):
        with acting(stage, scope):
            assert db.session.execute(text(seen)).scalar_one() == 0
    with acting(stage, provider(world.provider_admin)):
        assert queries.list_rates()
    for person in (world.supervisor, world.operator_a, world.a.admin):
        browser = sign_in_as(person)
        assert browser.post(RATES, data=typed()).status_code == 403
        for path in (MARGIN, RATES, f"/provider/billing/companies/{world.a.slug}/time"):
            assert browser.get(path).status_code == 403
    stage.run("DELETE FROM internal_rates")
