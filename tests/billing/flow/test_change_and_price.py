"""A subscription has one schedule at Stripe: an agreed price and another plan keep out of each
other's way."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from flask.testing import FlaskClient

from tests.billing.flow.house import Flow
from tests.billing.flow.plans import ask, changed, changes
from tests.factories import Company, Person
from tests.factories.people import make_staff
from tests.factories.prices import make_price, next_month

SignIn = Callable[[Person], FlaskClient]
LINES = "standard_v1_statement_lines"


def test_beside_an_agreed_price_the_plan_is_talked_about(
    flow: Flow, paying: Company, admin: FlaskClient
) -> None:
    make_price(
        flow.stage, paying, lookup_key=LINES, unit_amount=Decimal(20), approved=True,
        starts_on=next_month(flow.now),
    )  # fmt: skip
    for plan in ("extended", "essential"):
        said = ask(admin, paying, plan)
        assert said.status_code == 409
        assert "A price was agreed with you" in said.text
    assert changes(flow, paying) == []


def test_beside_a_planned_change_no_price_is_approved(
    flow: Flow, paying: Company, admin: FlaskClient, sign_in_as: SignIn
) -> None:
    price = make_price(
        flow.stage, paying, lookup_key=LINES, unit_amount=Decimal(20),
        starts_on=next_month(flow.now),
    )  # fmt: skip
    planned = changed(flow, admin, paying, "essential")
    assert planned.state == "planned"
    checker = sign_in_as(make_staff(flow.stage, role="provider_admin", name="Second admin"))
    said = checker.post(f"/provider/companies/{paying.slug}/prices/{price}/approve")
    assert said.status_code == 409
    assert "about to change its plan" in said.text
