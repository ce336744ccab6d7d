"""What the product does not do through its gateway yet, and a person may do at Stripe."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import requests

from billing.gateway import StripeGateway
from tests.billing.conftest import DAY, HOUR, KEY, Catalogue, Sim, send

NewCustomer = Callable[..., str]
Subscribe = Callable[..., dict[str, Any]]


def ask(sim: Sim, verb: str, path: str, **form: Any) -> requests.Response:
    return requests.request(verb, f"{sim.base}/v1/{path}", auth=(KEY, ""), data=form, timeout=10)


def first_item(subscription: dict[str, Any]) -> dict[str, Any]:
    return dict(subscription["items"]["data"][0])


def test_a_cancelled_subscription_ends_with_its_usage(
    sim: Sim, gateway: StripeGateway, subscribe: Subscribe, new_customer: NewCustomer
) -> None:
    customer = new_customer()
    subscription = subscribe(customer)
    item = first_item(subscription)
    send(gateway, customer, item["current_period_start"], 30)
    ask(sim, "POST", f"subscriptions/{subscription['id']}", cancel_at_period_end="true")
    sim.control("advance", seconds=item["current_period_end"] - sim.now + 40 * DAY)
    state = gateway.fetch_customer_state(customer)
    (ended,) = state["subscriptions"]
    assert ended["status"] == "canceled"
    assert ended["ended_at"] == item["current_period_end"]
    last, _ = state["invoices"]
    assert last["subtotal"] == 1515
    assert last["status"] == "paid"


def test_another_quantity_counts_from_the_next_period(
    sim: Sim,
    gateway: StripeGateway,
    subscribe: Subscribe,
    new_customer: NewCustomer,
    catalogue: Catalogue,
) -> None:
    subscription = subscribe(new_customer())
    item = first_item(subscription)
    change = {"items[0][id]": item["id"], "items[0][quantity]": "3"}
    path = f"subscriptions/{subscription['id']}"
    assert ask(sim, "POST", path, **change, proration_behavior="none").ok
    (base, *_) = gateway.upcoming_invoice(subscription["id"])["lines"]
    assert (base["quantity"], base["amount"]) == (3, 297000)


def test_reverse_charge_bears_no_tax(
    sim: Sim, gateway: StripeGateway, subscribe: Subscribe, new_customer: NewCustomer
) -> None:
    customer = new_customer()
    ask(sim, "POST", f"customers/{customer}", tax_exempt="reverse")
    subscribe(customer)
    (invoice,) = gateway.fetch_customer_state(customer)["invoices"]
    assert invoice["total"] == invoice["subtotal"]
    assert invoice["total_taxes"][0]["taxability_reason"] == "reverse_charge"


def test_an_open_invoice_can_be_paid_or_voided_by_hand(
    sim: Sim, gateway: StripeGateway, subscribe: Subscribe, new_customer: NewCustomer
) -> None:
    customer = new_customer()
    turn = first_item(subscribe(customer))["current_period_end"]
    sim.control("advance", seconds=turn - sim.now + 60)
    sim.control("fail_next_charge")
    invoice = gateway.fetch_customer_state(customer)["invoices"][0]["id"]
    declined = ask(sim, "POST", f"invoices/{invoice}/pay")
    assert declined.status_code == 402
    assert declined.json()["error"]["code"] == "card_declined"
    assert ask(sim, "POST", f"invoices/{invoice}/pay").json()["status"] == "paid"
    again = ask(sim, "POST", f"invoices/{invoice}/pay")
    assert again.json()["error"]["code"] == "invoice_already_paid"
    assert ask(sim, "POST", f"invoices/{invoice}/void").status_code == 400


def test_a_subscription_can_end_now_with_what_was_used(
    sim: Sim, gateway: StripeGateway, subscribe: Subscribe, new_customer: NewCustomer
) -> None:
    customer = new_customer()
    subscription = subscribe(customer)
    hour = sim.now - sim.now % HOUR
    start = first_item(subscription)["current_period_start"]
    send(gateway, customer, max(hour - HOUR, start), 20)
    # Its stamp lies a second into the hour, which must have passed when the subscription ends.
    sim.control("advance", seconds=60)
    path = f"subscriptions/{subscription['id']}?invoice_now=true"
    assert ask(sim, "DELETE", path).json()["status"] == "canceled"
    assert gateway.fetch_customer_state(customer)["invoices"][0]["subtotal"] == 1010
    assert ask(sim, "DELETE", path).status_code == 404
