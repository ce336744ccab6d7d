"""A yearly base with monthly meters: every item has a period of its own."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from billing.gateway import StripeGateway
from tests.billing.conftest import DAY, HOUR, Catalogue, Sim
from tests.billing.sim.asking import advance_to, ask
from tests.billing.sim.months import month_start


@pytest.fixture
def yearly(gateway: StripeGateway, catalogue: Catalogue) -> str:
    price = gateway.ensure_price(
        "plan_v1_base_year",
        product="coulisse_plan",
        currency="EUR",
        unit_amount=Decimal(990_000),
        interval="year",
    )
    return str(price["id"])


def test_a_yearly_base_renews_once_a_year_and_its_meters_every_month(
    sim: Sim,
    gateway: StripeGateway,
    new_customer: Callable[..., str],
    catalogue: Catalogue,
    yearly: str,
) -> None:
    customer = new_customer()
    end = month_start(sim.now + 14 * DAY, 1)
    items: list[dict[str, Any]] = [{"price": yearly, "quantity": 1}, {"price": catalogue.quota}]
    begun = gateway.start_trial(customer, items, {}, f"y-{customer}", trial_end=end)
    advance_to(sim, end + 2 * HOUR)
    (held,) = gateway.fetch_customer_state(customer)["subscriptions"]
    base, quota = held["items"]
    assert base["current_period_end"] == month_start(end, 12)
    assert quota["current_period_end"] == month_start(end, 1)
    hour = end + HOUR
    gateway.send_meter_event("pieces", customer, 14, f"y:{customer}", hour + 1, f"y:{customer}")
    lines = gateway.upcoming_invoice(begun["id"])["lines"]
    assert [(line["quantity"], line["amount"]) for line in lines] == [(10, 0), (4, 480)]
    advance_to(sim, month_start(end, 12) + 2 * HOUR)
    invoices = gateway.fetch_customer_state(customer)["invoices"]
    renewals = [
        row["subtotal"] for row in invoices if row["billing_reason"] != "subscription_create"
    ]
    assert renewals == [990_000, *[0] * 10, 480, 990_000], renewals
    last = invoices[0]
    assert last["period_start"] == month_start(end, 11)
    assert {line["period"]["end"] for line in last["lines"]} == {
        month_start(end, 12),
        month_start(end, 24),
    }


def test_a_year_cancelled_at_a_months_end_credits_the_rest(
    sim: Sim,
    gateway: StripeGateway,
    new_customer: Callable[..., str],
    subscribe: Callable[..., Any],
    catalogue: Catalogue,
    yearly: str,
) -> None:
    customer = new_customer()
    end = month_start(sim.now + 14 * DAY, 1)
    items: list[dict[str, Any]] = [{"price": yearly, "quantity": 1}, {"price": catalogue.minutes}]
    begun = gateway.start_trial(customer, items, {}, f"c-{customer}", trial_end=end)
    advance_to(sim, end + 2 * HOUR)
    path = f"subscriptions/{begun['id']}"
    assert ask(sim, "POST", path, cancel_at_period_end="true").status_code == 400
    held = ask(sim, "POST", path, cancel_at="min_period_end").json()
    assert held["cancel_at"] == month_start(end, 1)
    advance_to(sim, month_start(end, 1) + 2 * HOUR)
    state = gateway.fetch_customer_state(customer)
    assert state["subscriptions"][0]["status"] == "canceled"
    year, month = month_start(end, 12) - end, month_start(end, 1) - end
    rest = 990_000 * (year - month) / year
    assert abs(state["invoices"][0]["total"] + rest) <= 1
    assert state["customer"]["balance"] == state["invoices"][0]["total"]


def test_months_and_weeks_do_not_mix(
    sim: Sim, gateway: StripeGateway, new_customer: Callable[..., str], catalogue: Catalogue
) -> None:
    given = {
        "product": "coulisse_plan",
        "currency": "eur",
        "unit_amount": "100",
        "recurring[interval]": "week",
    }
    weekly = ask(sim, "POST", "prices", **given).json()["id"]
    items = {"items[0][price]": catalogue.base, "items[1][price]": weekly}
    answer = ask(sim, "POST", "subscriptions", customer=new_customer(), **items)
    assert answer.status_code == 400
    assert "multiples" in answer.json()["error"]["message"]
