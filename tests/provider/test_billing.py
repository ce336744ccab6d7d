"""The provider's administrators look at the accounts: what the pages say, and to whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from tests.billing.figures.making import make_account, make_hour, make_invoice, month_of
from tests.factories import Person, Stage, World
from tests.factories.people import now

SignIn = Callable[[Person], FlaskClient]
NOW = now()
PAGES = ("", "/invoices", "?as=csv", "/invoices?as=csv")


@pytest.fixture
def admin(world: World, sign_in_as: SignIn) -> FlaskClient:
    return sign_in_as(world.provider_admin)


@pytest.fixture
def furnished(stage: Stage, world: World) -> None:
    make_account(stage, world.a, NOW)
    make_hour(stage, world.a, "payslips", month_of(NOW), 7)
    make_invoice(stage, world.a, NOW, 12_345, remaining=12_345, status="open", number="F-1",
                 due_at=NOW - timedelta(days=3))  # fmt: skip
    make_account(stage, world.b, NOW, plan="standard", status="trialing")
    stage.run("UPDATE tenants SET access_state = 'trialing' WHERE id = :t", t=world.b.id)


def test_the_accounts_and_the_list_behind_a_figure(
    world: World, admin: FlaskClient, furnished: None
) -> None:
    page = admin.get(f"/provider/billing?q={world.a.name}").text
    assert "€290.00" in page
    assert "€123.45" in page
    assert "€28.00" in page
    found = admin.get("/provider/billing?state=trialing").text
    assert f"companies/{world.b.slug}" in found
    assert f"companies/{world.a.slug}" not in found
    assert "No account fits" in admin.get("/provider/billing?q=nothing-like-it").text
    behind = admin.get("/provider/billing/invoices?which=overdue").text
    assert "F-1" in behind
    assert "€123.45" in behind


def test_one_company(world: World, admin: FlaskClient, furnished: None) -> None:
    page = admin.get(f"/provider/billing/companies/{world.a.slug}").text
    assert "Payslips" in page
    assert "€28.00" in page
    assert "F-1" in page
    assert "Ledger against Stripe = 0" in page
    assert admin.get("/provider/billing/companies/no-such-client").status_code == 404


def test_the_list_as_a_file(world: World, admin: FlaskClient, furnished: None) -> None:
    answer = admin.get(f"/provider/billing?as=csv&q={world.a.name}")
    assert answer.mimetype == "text/csv"
    lines = answer.get_data().decode("utf-8-sig").splitlines()
    assert lines[1].startswith(f"{world.a.name};Active;")
    assert ";290.00;28.00;28.00;123.45;123.45;151.45;" in lines[1]


@pytest.mark.parametrize("path", PAGES)
def test_nobody_else_opens_them(world: World, sign_in_as: SignIn, path: str) -> None:
    for person in (world.supervisor, world.operator_a, world.a.admin):
        assert sign_in_as(person).get(f"/provider/billing{path}").status_code == 403
