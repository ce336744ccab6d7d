"""A free beginning: its announcement, its end with and without a card, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from billing.gateway import StripeGateway, StripeRefused
from tests.billing.conftest import DAY, HOUR, Catalogue, Sim, send
from tests.billing.sim.asking import advance_to, ask, events_of
from tests.billing.sim.months import month_start

NewCustomer = Callable[..., str]


def trial(sim: Sim, gateway: StripeGateway, catalogue: Catalogue, customer: str) -> dict[str, Any]:
    items: list[dict[str, Any]] = [
        {"price": catalogue.base, "quantity": 1},
        {"price": catalogue.minutes},
    ]
    return gateway.start_trial(
        customer,
        items,
        {"tenant_id": "t"},
        f"trial-{customer}",
        trial_end=month_start(sim.now + 14 * DAY, 1),
        default_tax_rates=[catalogue.vat],
    )


def test_a_trial_costs_nothing_and_its_usage_neither(
    sim: Sim, gateway: StripeGateway, new_customer: NewCustomer, catalogue: Catalogue
) -> None:
    customer = new_customer()
    begun = trial(sim, gateway, catalogue, customer)
    end = begun["trial_end"]
    assert begun["status"] == "trialing"
    (first,) = gateway.fetch_customer_state(customer)["invoices"]
    assert (first["status"], first["total"]) == ("paid", 0)
    assert first["lines"][0]["description"] == "Trial period for Coulisse Plan"
    sim.control("advance", seconds=HOUR)
    send(gateway, customer, sim.now - sim.now % HOUR, 30)
    advance_to(sim, end - 3 * DAY - 60)
    assert "customer.subscription.trial_will_end" not in events_of(gateway, begun["id"])
    advance_to(sim, end - 3 * DAY + 60)
    assert "customer.subscription.trial_will_end" in events_of(gateway, begun["id"])
    upcoming = gateway.upcoming_invoice(begun["id"])
    advance_to(sim, end + 2 * HOUR)
    state = gateway.fetch_customer_state(customer)
    assert state["subscriptions"][0]["status"] == "active"
    invoice = state["invoices"][0]
    assert (invoice["status"], invoice["subtotal"]) == ("paid", 99000)
    assert upcoming["subtotal"] == 99000
    assert invoice["period_end"] == end
    send(gateway, customer, end + HOUR, 20)
    advance_to(sim, month_start(end, 1) + 2 * HOUR)
    assert gateway.fetch_customer_state(customer)["invoices"][0]["subtotal"] == 99000 + 1010


def test_without_a_card_a_trial_pauses_and_a_card_brings_it_back(
    sim: Sim, gateway: StripeGateway, new_customer: NewCustomer, catalogue: Catalogue
) -> None:
    customer = new_customer(card=None)
    begun = trial(sim, gateway, catalogue, customer)
    advance_to(sim, begun["trial_end"] + 10 * DAY)
    (held,) = gateway.fetch_customer_state(customer)["subscriptions"]
    assert held["status"] == "paused"
    paused = held["status_details"]["paused"]
    assert paused["subscription"]["type"] == "trial_end_without_payment_method"
    assert paused["transitioned_at"] == begun["trial_end"]
    assert "customer.subscription.paused" in events_of(gateway, begun["id"])
    with pytest.raises(StripeRefused):
        gateway.resume_subscription(begun["id"], f"too-early-{customer}")
    gateway.attach_test_card(customer, f"card-{customer}")
    at = sim.now
    resumed = gateway.resume_subscription(begun["id"], f"resume-{customer}")
    assert resumed["status"] == "active"
    assert resumed["status_details"] is None
    turn = month_start(begun["trial_end"], 1)
    base = resumed["items"]["data"][0]
    assert base["current_period_end"] == turn
    invoice = gateway.fetch_customer_state(customer)["invoices"][0]
    share = (turn - base["current_period_start"]) / (turn - begun["trial_end"])
    assert base["current_period_start"] - at < 10
    assert invoice["status"] == "paid"
    assert abs(invoice["subtotal"] - 99000 * share) <= 1
    assert invoice["lines"][0]["parent"]["subscription_item_details"]["proration"] is True


@pytest.mark.parametrize(
    ("missing", "status"), [("cancel", "canceled"), ("create_invoice", "past_due")]
)
def test_the_other_ends_of_a_trial_without_a_card(
    sim: Sim,
    gateway: StripeGateway,
    new_customer: NewCustomer,
    catalogue: Catalogue,
    missing: str,
    status: str,
) -> None:
    customer = new_customer(card=None)
    given = {
        "customer": customer,
        "items[0][price]": catalogue.base,
        "trial_end": str(sim.now + 2 * DAY),
        "trial_settings[end_behavior][missing_payment_method]": missing,
    }
    begun = ask(sim, "POST", "subscriptions", **given).json()
    assert "customer.subscription.trial_will_end" in events_of(gateway, begun["id"])
    advance_to(sim, begun["trial_end"] + 2 * HOUR)
    (held,) = gateway.fetch_customer_state(customer)["subscriptions"]
    assert held["status"] == status


def test_a_paused_subscription_rests(
    sim: Sim, gateway: StripeGateway, new_customer: NewCustomer, subscribe: Callable[..., Any]
) -> None:
    customer = new_customer()
    begun = subscribe(customer)
    item = begun["items"]["data"][0]
    send(gateway, customer, item["current_period_start"], 30)
    advance_to(sim, item["current_period_end"] + 2 * HOUR)
    paid = len(gateway.fetch_customer_state(customer)["invoices"])
    paused = gateway.pause_subscription(begun["id"], f"pause-{customer}")
    assert paused["status"] == "paused"
    assert paused["status_details"]["paused"]["subscription"]["type"] == "pause_requested"
    credit = gateway.fetch_customer_state(customer)["invoices"][0]
    assert credit["total"] < 0
    assert credit["status"] == "paid"
    balance = gateway.fetch_customer_state(customer)["customer"]["balance"]
    assert balance == credit["total"]
    advance_to(sim, sim.now + 40 * DAY)
    assert len(gateway.fetch_customer_state(customer)["invoices"]) == paid + 1
    assert gateway.resume_subscription(begun["id"], f"on-{customer}")["status"] == "active"
    state = gateway.fetch_customer_state(customer)
    charged = state["invoices"][0]
    assert charged["starting_balance"] == balance
    assert charged["amount_due"] == max(0, charged["total"] + balance)
    assert state["customer"]["balance"] == min(0, charged["total"] + balance)
