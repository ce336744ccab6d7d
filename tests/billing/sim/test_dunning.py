"""Charges that fail: retries within two weeks, what follows them, and the ways back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from billing.gateway import StripeGateway
from tests.billing.conftest import DAY, HOUR, Sim
from tests.billing.sim.asking import advance_to, ask, events_of

NewCustomer = Callable[..., str]
Subscribe = Callable[..., dict[str, Any]]


@pytest.fixture
def dunning(sim: Sim) -> Iterator[Callable[..., dict[str, Any]]]:
    yield lambda final: sim.control("dunning", final=final)
    sim.control("dunning", final="unpaid")


def turn_of(subscription: dict[str, Any]) -> int:
    return int(subscription["items"]["data"][0]["current_period_end"])


def status(gateway: StripeGateway, customer: str) -> str:
    return str(gateway.fetch_customer_state(customer)["subscriptions"][0]["status"])


def test_four_attempts_within_two_weeks_and_paying_later_revives(
    sim: Sim, gateway: StripeGateway, new_customer: NewCustomer, subscribe: Subscribe
) -> None:
    customer = new_customer()
    begun = subscribe(customer)
    first = turn_of(begun) + HOUR
    advance_to(sim, first - 60)
    sim.control("fail_next_charge", customer=customer, count=4)
    other = new_customer()
    for days in (0, 3, 8, 14):
        assert status(gateway, customer) == ("active" if days == 0 else "past_due")
        advance_to(sim, first + days * DAY + 60)
    assert status(gateway, customer) == "unpaid"
    invoice = gateway.fetch_customer_state(customer)["invoices"][0]
    assert (invoice["attempt_count"], invoice["next_payment_attempt"]) == (4, None)
    kinds = events_of(gateway, invoice["id"])
    assert kinds.count("invoice.payment_failed") == 4
    assert gateway.fetch_customer_state(customer)["customer"]["delinquent"] is True
    assert subscribe(other)["status"] == "active"
    page = requests.post(
        invoice["hosted_invoice_url"], data={"action": "pay"}, allow_redirects=False, timeout=10
    )
    assert page.status_code == 303
    assert status(gateway, customer) == "active"
    assert gateway.fetch_customer_state(customer)["customer"]["delinquent"] is False


@pytest.mark.parametrize(
    ("final", "expected"),
    [("cancel", "canceled"), ("pause", "paused"), ("past_due", "past_due")],
)
def test_after_the_last_retry_as_the_account_is_set(
    sim: Sim,
    gateway: StripeGateway,
    new_customer: NewCustomer,
    subscribe: Subscribe,
    dunning: Callable[..., dict[str, Any]],
    final: str,
    expected: str,
) -> None:
    dunning(final)
    customer = new_customer()
    turn = turn_of(subscribe(customer))
    gateway.attach_test_card(customer, f"bad-{customer}", card="pm_card_chargeCustomerFail")
    advance_to(sim, turn + 15 * DAY)
    (held,) = gateway.fetch_customer_state(customer)["subscriptions"]
    assert held["status"] == expected
    if expected == "paused":
        reason = held["status_details"]["paused"]["subscription"]["type"]
        assert reason == "final_payment_failure"


@pytest.mark.parametrize("verb", ["void", "mark_uncollectible"])
def test_an_invoice_that_is_given_up_frees_the_subscription(
    sim: Sim, gateway: StripeGateway, new_customer: NewCustomer, subscribe: Subscribe, verb: str
) -> None:
    customer = new_customer()
    turn = turn_of(subscribe(customer))
    gateway.attach_test_card(customer, f"bad-{customer}", card="pm_card_chargeCustomerFail")
    advance_to(sim, turn + 2 * HOUR)
    invoice = gateway.fetch_customer_state(customer)["invoices"][0]
    assert invoice["status"] == "open"
    closed = ask(sim, "POST", f"invoices/{invoice['id']}/{verb}").json()
    assert closed["status"] == {"void": "void", "mark_uncollectible": "uncollectible"}[verb]
    assert status(gateway, customer) == "active"
    again = ask(sim, "POST", f"invoices/{invoice['id']}/mark_uncollectible")
    assert again.status_code == 400


def test_a_card_that_asks_is_confirmed_on_the_invoices_page(
    sim: Sim, gateway: StripeGateway, new_customer: NewCustomer, subscribe: Subscribe
) -> None:
    customer = new_customer()
    begun = subscribe(customer)
    gateway.attach_test_card(customer, f"asks-{customer}", card="pm_card_authenticationRequired")
    advance_to(sim, turn_of(begun) + 2 * HOUR)
    invoice = gateway.fetch_customer_state(customer)["invoices"][0]
    assert "invoice.payment_action_required" in events_of(gateway, invoice["id"])
    assert status(gateway, customer) == "past_due"
    page = invoice["hosted_invoice_url"]
    assert "Pay and confirm" in requests.get(page, timeout=10).text
    bad = {"action": "pay", "card": "pm_card_chargeDeclined"}
    assert "declined" in requests.post(page, data=bad, timeout=10).text
    assert requests.post(page, data={"action": "pay"}, timeout=10).ok
    assert status(gateway, customer) == "active"
    assert "Pay and confirm" not in requests.get(page, timeout=10).text


def test_a_paid_invoice_can_be_disputed(
    sim: Sim, gateway: StripeGateway, new_customer: NewCustomer, subscribe: Subscribe
) -> None:
    customer = new_customer()
    subscribe(customer)
    invoice = gateway.fetch_customer_state(customer)["invoices"][0]
    made = sim.control("dispute", invoice=invoice["id"])
    assert events_of(gateway, made["dispute"]) == ["charge.dispute.created"]
    listed = ask(
        sim,
        "GET",
        f"invoice_payments?payment[type]=payment_intent"
        f"&payment[payment_intent]={made['payment_intent']}",
    ).json()["data"]
    assert [row["invoice"] for row in listed] == [invoice["id"]]
    assert ask(sim, "GET", f"disputes/{made['dispute']}").json()["status"] == "needs_response"


def test_a_finalization_can_fail_and_is_tried_again(
    sim: Sim, gateway: StripeGateway, new_customer: NewCustomer, subscribe: Subscribe
) -> None:
    customer = new_customer()
    turn = turn_of(subscribe(customer))
    advance_to(sim, turn - 60)
    sim.control("fail_next_finalization", customer=customer)
    advance_to(sim, turn + HOUR + 60)
    invoice = gateway.fetch_customer_state(customer)["invoices"][0]
    assert invoice["status"] == "draft"
    assert invoice["last_finalization_error"]["code"] == "customer_tax_location_invalid"
    assert "invoice.finalization_failed" in events_of(gateway, invoice["id"])
    advance_to(sim, turn + 3 * HOUR)
    assert gateway.fetch_customer_state(customer)["invoices"][0]["status"] == "paid"


def test_a_renewal_is_announced_a_week_before(
    sim: Sim, gateway: StripeGateway, new_customer: NewCustomer, subscribe: Subscribe
) -> None:
    customer = new_customer()
    turn = turn_of(subscribe(customer))
    turn = turn_of(ask(sim, "GET", f"subscriptions?customer={customer}").json()["data"][0])
    advance_to(sim, turn + 20 * DAY)
    told = [
        event
        for event in gateway.events_since(turn)
        if event["type"] == "invoice.upcoming" and event["data"]["object"]["customer"] == customer
    ]
    assert told == []
    advance_to(sim, turn + 25 * DAY)
    (event,) = [
        event
        for event in gateway.events_since(turn)
        if event["type"] == "invoice.upcoming" and event["data"]["object"]["customer"] == customer
    ]
    assert "id" not in event["data"]["object"]
