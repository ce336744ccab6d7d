"""Prices that change at the turn of a period, by a schedule."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import requests

from billing.gateway import StripeGateway, StripeRefused
from tests.billing.conftest import DAY, HOUR, KEY, Catalogue, Sim, send

NewCustomer = Callable[..., str]
Subscribe = Callable[..., dict[str, Any]]
KEYED = "prices-1"


@pytest.fixture
def cheaper(gateway: StripeGateway, catalogue: Catalogue) -> str:
    """Minutes at 0.40 instead of 0.505."""
    price = gateway.ensure_price(
        "plan_v1_minutes_agreed", product="coulisse_minutes", currency="EUR",
        unit_amount=Decimal(40), meter=catalogue.meter, nickname="Agreed",
    )  # fmt: skip
    assert price["nickname"] == "Agreed"
    return str(price["id"])


def items(catalogue: Catalogue, minutes: str) -> list[dict[str, Any]]:
    return [
        {"price": catalogue.base, "quantity": 1}, {"price": minutes}, {"price": catalogue.quota},
    ]  # fmt: skip


def next_turn(gateway: StripeGateway, customer: str) -> int:
    (subscription,) = gateway.fetch_customer_state(customer)["subscriptions"]
    return int(subscription["items"][0]["current_period_end"])


def pass_turn(sim: Sim, turn: int) -> None:
    sim.control("advance", seconds=turn - sim.now + 2 * HOUR)


def renewal(gateway: StripeGateway, customer: str) -> dict[str, tuple[int, int]]:
    """(quantity, amount) by price of the newest invoice."""
    newest = gateway.fetch_customer_state(customer)["invoices"][0]
    return {
        line["pricing"]["price_details"]["price"]: (line["quantity"], line["amount"])
        for line in newest["lines"]
    }


def test_a_period_has_the_price_that_it_began_with(
    sim: Sim, gateway: StripeGateway, subscribe: Subscribe, new_customer: NewCustomer,
    catalogue: Catalogue, cheaper: str,
) -> None:  # fmt: skip
    customer = new_customer()
    subscription = subscribe(customer)["id"]
    first = next_turn(gateway, customer)
    send(gateway, customer, sim.now - sim.now % HOUR, 100)
    given = [{"start": first, "items": items(catalogue, cheaper)}]
    said = gateway.change_prices(subscription, given, KEYED)
    assert said["late"] == []
    upcoming = gateway.upcoming_invoice(subscription)["lines"]
    assert [line["amount"] for line in upcoming if line["quantity"] == 100] == [5050]

    pass_turn(sim, first)
    assert renewal(gateway, customer)[catalogue.minutes] == (100, 5050)
    second = next_turn(gateway, customer)
    send(gateway, customer, sim.now - sim.now % HOUR, 100)
    # Back to the plan's price from the third period on; the schedule that runs takes it up.
    back = [{"start": second, "items": items(catalogue, catalogue.minutes)}]
    assert gateway.change_prices(subscription, back, "prices-2") == said
    pass_turn(sim, second)
    assert renewal(gateway, customer)[cheaper] == (100, 4000)
    assert catalogue.minutes not in renewal(gateway, customer)

    third = next_turn(gateway, customer)
    send(gateway, customer, sim.now - sim.now % HOUR, 100)
    pass_turn(sim, third)
    found = renewal(gateway, customer)
    assert found[catalogue.minutes] == (100, 5050)
    assert cheaper not in found
    (held,) = gateway.fetch_customer_state(customer)["subscriptions"]
    assert held["schedule"] is None, "after its last phase a schedule lets go"
    invoice = gateway.fetch_customer_state(customer)["invoices"][0]
    assert invoice["total"] > invoice["subtotal"], "the tax rates went along"


def test_saying_it_again_changes_nothing(
    sim: Sim, gateway: StripeGateway, subscribe: Subscribe, new_customer: NewCustomer,
    catalogue: Catalogue, cheaper: str,
) -> None:  # fmt: skip
    customer = new_customer()
    subscription = subscribe(customer)["id"]
    given = [{"start": next_turn(gateway, customer), "items": items(catalogue, cheaper)}]
    once = gateway.change_prices(subscription, given, "again")
    schedules = sim.store.table("subscription_schedules")
    before = [dict(row) for row in schedules.values()]
    assert gateway.change_prices(subscription, given, "again") == once
    assert gateway.change_prices(subscription, given, "another key") == once
    assert [dict(row) for row in schedules.values()] == before


def test_what_comes_too_late_begins_with_the_next_period(
    sim: Sim, gateway: StripeGateway, subscribe: Subscribe, new_customer: NewCustomer,
    catalogue: Catalogue, cheaper: str,
) -> None:  # fmt: skip
    customer = new_customer()
    subscription = subscribe(customer)["id"]
    missed = next_turn(gateway, customer)
    pass_turn(sim, missed)
    send(gateway, customer, sim.now - sim.now % HOUR, 10)
    given = [{"start": missed, "items": items(catalogue, cheaper)}]
    assert gateway.change_prices(subscription, given, "late")["late"] == [cheaper]
    turn = next_turn(gateway, customer)
    pass_turn(sim, turn)
    assert renewal(gateway, customer)[catalogue.minutes] == (10, 505)
    send(gateway, customer, sim.now - sim.now % HOUR, 10)
    pass_turn(sim, next_turn(gateway, customer))
    assert renewal(gateway, customer)[cheaper] == (10, 400)


def test_the_base_fee_changes_in_advance(
    sim: Sim, gateway: StripeGateway, subscribe: Subscribe, new_customer: NewCustomer,
    catalogue: Catalogue,
) -> None:  # fmt: skip
    base = gateway.ensure_price(
        "plan_v1_base_agreed", product="coulisse_plan", currency="EUR", unit_amount=Decimal(80000)
    )["id"]
    customer = new_customer()
    subscription = subscribe(customer)["id"]
    turn = next_turn(gateway, customer)
    wanted = [{"price": base, "quantity": 1}, *items(catalogue, catalogue.minutes)[1:]]
    gateway.change_prices(subscription, [{"start": turn, "items": wanted}], "base")
    (first, *_) = gateway.upcoming_invoice(subscription)["lines"]
    assert first["amount"] == 80000
    pass_turn(sim, turn)
    assert renewal(gateway, customer)[base] == (1, 80000)


def test_a_schedule_keeps_stripes_rules(
    sim: Sim, gateway: StripeGateway, subscribe: Subscribe, new_customer: NewCustomer,
    catalogue: Catalogue, cheaper: str,
) -> None:  # fmt: skip
    customer = new_customer()
    subscription = subscribe(customer)["id"]
    turn = next_turn(gateway, customer)
    for number, start in enumerate((turn + DAY, turn + HOUR)):
        given = [{"start": start, "items": items(catalogue, cheaper)}]
        with pytest.raises(StripeRefused, match="period"):
            gateway.change_prices(subscription, given, f"off-{number}")

    def ask(path: str, **form: str) -> requests.Response:
        return requests.post(f"{sim.base}/v1/{path}", auth=(KEY, ""), data=form, timeout=10)

    ident = gateway.fetch_customer_state(customer)["subscriptions"][0]["schedule"]
    again = ask("subscription_schedules", from_subscription=subscription)
    assert again.status_code == 400
    ending = ask(f"subscriptions/{subscription}", cancel_at_period_end="true")
    assert "managed by the subscription schedule" in ending.json()["error"]["message"]
    assert ask(f"subscription_schedules/{ident}/release").json()["status"] == "released"
    assert ask(f"subscriptions/{subscription}", cancel_at_period_end="true").ok
    assert ask(f"subscription_schedules/{ident}", end_behavior="release").status_code == 400
