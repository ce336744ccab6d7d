"""Another plan within a period: the preview, the change, and the charge that fails."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import requests

from billing.gateway import StripeGateway, StripeRefused
from tests.billing.conftest import DAY, HOUR, Catalogue, Sim, send
from tests.billing.sim.asking import advance_to, ask, events_of
from tests.billing.sim.months import month_start

NewCustomer = Callable[..., str]
Subscribe = Callable[..., dict[str, Any]]


@pytest.fixture
def bigger(gateway: StripeGateway, catalogue: Catalogue) -> str:
    price = gateway.ensure_price(
        "plan_v2_base", product="coulisse_plan", currency="EUR", unit_amount=Decimal(199_000)
    )
    return str(price["id"])


@pytest.fixture
def settled(
    sim: Sim, gateway: StripeGateway, new_customer: NewCustomer, subscribe: Subscribe
) -> dict[str, Any]:
    """A subscription ten days into a whole month."""
    customer = new_customer()
    begun = subscribe(customer)
    advance_to(sim, month_start(begun["items"]["data"][0]["current_period_end"]) + 10 * DAY)
    (held,) = gateway.fetch_customer_state(customer)["subscriptions"]
    return dict(held)


def figures(invoice: dict[str, Any]) -> list[tuple[str, int, int, int]]:
    return [
        (line["description"], line["amount"], line["period"]["start"], line["period"]["end"])
        for line in invoice["lines"]
    ]


def test_a_change_costs_what_its_preview_said(
    sim: Sim, gateway: StripeGateway, settled: dict[str, Any], bigger: str
) -> None:
    customer, item = settled["customer"], settled["items"][0]
    change = [{"id": item["id"], "price": bigger}]
    at = sim.now
    before = len(gateway.fetch_customer_state(customer)["invoices"])
    said = gateway.preview_change(settled["id"], change, f"p-{customer}", proration_date=at)
    assert len(gateway.fetch_customer_state(customer)["invoices"]) == before
    sim.control("advance", seconds=7 * 60)
    changed = gateway.change_items(settled["id"], change, f"c-{customer}", proration_date=at)
    assert changed["items"]["data"][0]["price"]["id"] == bigger
    assert changed["items"]["data"][0]["id"] == item["id"]
    charged = gateway.fetch_customer_state(customer)["invoices"][0]
    assert charged["billing_reason"] == "subscription_update"
    assert charged["status"] == "paid"
    for name in ("subtotal", "total", "amount_due", "total_taxes"):
        assert charged[name] == said[name]
    assert figures(charged) == figures(said)
    credit, debit = charged["lines"]
    start, end = item["current_period_start"], item["current_period_end"]
    left = Decimal(end - at) / (end - start)
    assert credit["amount"] == -int((99000 * left).quantize(Decimal(1), "ROUND_HALF_UP"))
    assert debit["amount"] == int((199_000 * left).quantize(Decimal(1), "ROUND_HALF_UP"))
    assert credit["parent"]["subscription_item_details"]["proration"] is True
    advance_to(sim, end + 2 * HOUR)
    renewal = gateway.fetch_customer_state(customer)["invoices"][0]
    assert renewal["subtotal"] == 199_000


def test_prorations_can_wait_for_the_renewal_or_stay_away(
    sim: Sim, gateway: StripeGateway, settled: dict[str, Any], bigger: str
) -> None:
    path, item = f"subscriptions/{settled['id']}", settled["items"][0]
    change = {"items[0][id]": item["id"], "items[0][price]": bigger}
    at = str(sim.now)
    previewed = {
        "subscription": settled["id"],
        "subscription_details[items][0][id]": item["id"],
        "subscription_details[items][0][price]": bigger,
        "subscription_details[proration_date]": at,
    }
    said = ask(sim, "POST", "invoices/create_preview", **previewed).json()
    ask(sim, "POST", path, **change, proration_date=at)
    upcoming = gateway.upcoming_invoice(settled["id"])
    assert upcoming["total"] == said["total"]
    assert sum(line["amount"] < 0 for line in upcoming["lines"]) == 1
    assert max(line["amount"] for line in upcoming["lines"]) == 199_000
    quantity = {"items[0][id]": item["id"], "items[0][quantity]": "2"}
    ask(sim, "POST", path, **quantity, proration_behavior="none")
    later = gateway.upcoming_invoice(settled["id"])
    assert later["subtotal"] == upcoming["subtotal"] + 199_000


def test_a_change_whose_charge_fails_waits_for_the_money(
    sim: Sim, gateway: StripeGateway, settled: dict[str, Any], bigger: str
) -> None:
    customer, item = settled["customer"], settled["items"][0]
    change = [{"id": item["id"], "price": bigger}]
    sim.control("fail_next_charge", customer=customer)
    held = gateway.change_items(settled["id"], change, f"f-{customer}", proration_date=sim.now)
    assert held["status"] == "active"
    assert held["pending_update"]["subscription_items"][0]["price"]["id"] == bigger
    assert held["items"]["data"][0]["price"]["id"] != bigger
    with pytest.raises(StripeRefused, match="pending update"):
        gateway.change_items(settled["id"], change, f"g-{customer}", proration_date=sim.now)
    invoice = gateway.fetch_customer_state(customer)["invoices"][0]
    requests.post(invoice["hosted_invoice_url"], data={"action": "pay"}, timeout=10)
    (after,) = gateway.fetch_customer_state(customer)["subscriptions"]
    assert after["pending_update"] is None
    assert after["items"][0]["price"]["id"] == bigger
    applied = "customer.subscription.pending_update_applied"
    assert applied in events_of(gateway, settled["id"])


def test_a_change_that_is_never_paid_is_forgotten(
    sim: Sim, gateway: StripeGateway, settled: dict[str, Any], bigger: str
) -> None:
    customer, item = settled["customer"], settled["items"][0]
    change = [{"id": item["id"], "price": bigger}]
    gateway.attach_test_card(customer, f"bad-{customer}", card="pm_card_chargeCustomerFail")
    gateway.change_items(settled["id"], change, f"n-{customer}", proration_date=sim.now)
    advance_to(sim, sim.now + DAY)
    state = gateway.fetch_customer_state(customer)
    (after,) = state["subscriptions"]
    assert (after["status"], after["pending_update"]) == ("active", None)
    assert after["items"][0]["price"]["id"] != bigger
    assert state["invoices"][0]["status"] == "void"
    expired = "customer.subscription.pending_update_expired"
    assert expired in events_of(gateway, settled["id"])


def test_other_answers_to_a_charge_that_fails(
    sim: Sim, gateway: StripeGateway, settled: dict[str, Any], bigger: str
) -> None:
    path, item = f"subscriptions/{settled['id']}", settled["items"][0]
    change = {
        "items[0][id]": item["id"],
        "items[0][price]": bigger,
        "proration_behavior": "always_invoice",
    }
    gateway.attach_test_card(
        settled["customer"], f"bad-{settled['id']}", card="pm_card_chargeCustomerFail"
    )
    refused = ask(sim, "POST", path, **change, payment_behavior="error_if_incomplete")
    assert refused.status_code == 402
    odd = {"payment_behavior": "pending_if_incomplete", "metadata[a]": "b"}
    assert ask(sim, "POST", path, **change, **odd).status_code == 400
    state = gateway.fetch_customer_state(settled["customer"])
    assert state["subscriptions"][0]["items"][0]["price"]["id"] != bigger
    past_due = ask(sim, "POST", path, **change).json()
    assert past_due["status"] == "past_due"
    assert past_due["items"]["data"][0]["price"]["id"] == bigger


def test_a_metered_price_that_goes_leaves_its_usage_to_pay(
    sim: Sim, gateway: StripeGateway, settled: dict[str, Any], catalogue: Catalogue
) -> None:
    customer = settled["customer"]
    minutes = next(i for i in settled["items"] if i["price"]["id"] == catalogue.minutes)
    send(gateway, customer, sim.now - sim.now % HOUR - HOUR, 10)
    change = [{"id": minutes["id"], "deleted": True}]
    gateway.change_items(settled["id"], change, f"m-{customer}", proration_date=sim.now)
    state = gateway.fetch_customer_state(customer)
    assert state["invoices"][0]["subtotal"] == 505
    assert len(state["subscriptions"][0]["items"]) == 2


def test_the_first_invoice_can_be_seen_before(
    sim: Sim, gateway: StripeGateway, new_customer: NewCustomer, catalogue: Catalogue
) -> None:
    customer = new_customer()
    items: list[dict[str, Any]] = [{"price": catalogue.base}, {"price": catalogue.minutes}]
    said = gateway.preview_start(
        customer,
        items,
        f"ps-{customer}",
        default_tax_rates=[catalogue.vat],
        anchor=month_start(sim.now, 1),
    )
    assert 0 < said["subtotal"] <= 99000
    assert said["total"] == said["subtotal"] + said["total_taxes"][0]["amount"]
    state = gateway.fetch_customer_state(customer)
    assert state["subscriptions"] == state["invoices"] == []
    free = gateway.preview_start(customer, items, f"pt-{customer}", trial_end=sim.now + 20 * DAY)
    assert free["total"] == 0


def test_ending_at_the_periods_end_and_taking_it_back(
    sim: Sim, gateway: StripeGateway, settled: dict[str, Any]
) -> None:
    turn = settled["items"][0]["current_period_end"]
    ended = gateway.end_subscription(settled["id"], f"e-{settled['id']}")
    assert (ended["cancel_at"], ended["cancel_at_period_end"]) == (turn, False)
    kept = gateway.keep_subscription(settled["id"], f"k-{settled['id']}")
    assert kept["cancel_at"] is kept["canceled_at"] is None
    gateway.end_subscription(settled["id"], f"e2-{settled['id']}")
    advance_to(sim, turn + 60)
    (held,) = gateway.fetch_customer_state(settled["customer"])["subscriptions"]
    assert held["status"] == "canceled"


def test_cancelled_now_the_rest_is_credited_and_the_usage_charged(
    sim: Sim, gateway: StripeGateway, settled: dict[str, Any]
) -> None:
    customer, item = settled["customer"], settled["items"][0]
    send(gateway, customer, sim.now - sim.now % HOUR - HOUR, 10)
    details = {"subscription_details[cancel_now]": "true", "subscription": settled["id"]}
    said = ask(sim, "POST", "invoices/create_preview", **details).json()
    at = sim.now
    assert gateway.cancel_now(settled["id"], f"x-{customer}")["status"] == "canceled"
    last = gateway.fetch_customer_state(customer)["invoices"][0]
    whole = item["current_period_end"] - item["current_period_start"]
    rest = 99000 * (item["current_period_end"] - at) / whole
    assert abs(last["subtotal"] - (505 - rest)) <= 2
    assert abs(last["subtotal"] - said["subtotal"]) <= 2
    assert last["status"] == "paid"
    assert gateway.fetch_customer_state(customer)["customer"]["balance"] == last["total"]
