from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from billing.gateway import (
    StripeGateway,
    StripeRefused,
)
from tests.billing.conftest import (
    DAY,
    HOUR,
    Catalogue,
    Sim,
    send,
)

Subscribe = Callable[..., dict[str, Any]]
NewCustomer = Callable[..., str]


def invoices(gateway: StripeGateway, customer: str) -> list[dict[str, Any]]:
    """Oldest first."""
    return list(reversed(gateway.fetch_customer_state(customer)["invoices"]))


def by_price(invoice: dict[str, Any], price: str) -> list[dict[str, Any]]:
    return [line for line in invoice["lines"] if line["pricing"]["price_details"]["price"] == price]


def advance_to(sim: Sim, moment: int) -> None:
    sim.control("advance", seconds=moment - sim.now)


def test_the_first_invoice_is_the_base_fee_paid_at_once(
    gateway: StripeGateway, subscribe: Subscribe, new_customer: NewCustomer, catalogue: Catalogue
) -> None:
    customer = new_customer()
    subscription = subscribe(customer)
    (invoice,) = invoices(gateway, customer)
    (line,) = invoice["lines"]
    item = subscription["items"]["data"][0]
    start, end = item["current_period_start"], item["current_period_end"]
    opening = datetime.fromtimestamp(end, UTC).replace(day=1)
    month = end - int(
        (
            opening.replace(year=opening.year - (opening.month == 1)).replace(
                month=(opening.month - 2) % 12 + 1
            )
        ).timestamp()
    )
    # Half a cent goes up, in whole numbers.
    expected = (2 * 99000 * (end - start) + month) // (2 * month)
    assert start % HOUR == 0
    assert end % DAY == 0
    assert datetime.fromtimestamp(end, UTC).day == 1
    assert line["period"] == {"start": start, "end": end}
    assert line["amount"] == invoice["subtotal"] == expected
    assert line["parent"]["subscription_item_details"]["subscription_item"] == item["id"]
    assert invoice["total"] == expected + invoice["total_taxes"][0]["amount"]
    assert (invoice["status"], invoice["billing_reason"]) == ("paid", "subscription_create")
    assert invoice["parent"]["subscription_details"]["subscription"] == subscription["id"]
    assert invoice["number"].endswith("-0001")
    (payment,) = invoice["payments"]
    assert (payment["status"], payment["amount_paid"]) == ("paid", invoice["total"])
    (held,) = gateway.fetch_customer_state(customer)["subscriptions"]
    assert held["status"] == "active"
    assert len(held["items"]) == 3


def test_a_period_is_billed_with_its_usage_even_when_that_comes_late(
    sim: Sim,
    gateway: StripeGateway,
    subscribe: Subscribe,
    new_customer: NewCustomer,
    catalogue: Catalogue,
) -> None:
    customer = new_customer()
    subscription = subscribe(customer)
    turn = subscription["items"]["data"][0]["current_period_end"]
    first = subscription["items"]["data"][0]["current_period_start"]
    send(gateway, customer, first, 60)
    send(gateway, customer, first, 90, revision=2)
    send(gateway, customer, first, 90, revision=2)
    upcoming = gateway.upcoming_invoice(subscription["id"])
    assert by_price(upcoming, catalogue.minutes)[0]["quantity"] == 90

    days = (turn - sim.now) // DAY + 2
    drafts: list[str] = []
    while True:
        step = sim.control("advance", days=days, stop_at_draft=True)
        drafts += step["drafts"]
        if any(one["id"] in step["drafts"] for one in invoices(gateway, customer)):
            assert step["reached"] is False
            assert turn <= step["now"] < turn + HOUR
            break
        assert not step["reached"]
    draft = invoices(gateway, customer)[-1]
    assert draft["status"] == "draft"
    assert draft["number"] is None
    send(gateway, customer, turn - HOUR, 11)
    assert by_price(invoices(gateway, customer)[-1], catalogue.minutes)[0]["quantity"] == 101

    while not sim.control("advance", days=days, stop_at_draft=True)["reached"]:
        pass
    invoice = invoices(gateway, customer)[-1]
    (base,) = by_price(invoice, catalogue.base)
    (minutes,) = by_price(invoice, catalogue.minutes)
    (pieces,) = by_price(invoice, catalogue.quota)
    assert base["amount"] == 99000
    assert base["period"]["start"] == turn
    assert minutes["quantity"] == 101
    assert minutes["amount"] == 5101
    assert minutes["period"] == {"start": first, "end": turn}
    assert pieces["amount"] == 0
    assert invoice["subtotal"] == 99000 + 5101
    assert invoice["total"] == invoice["subtotal"] + 19800 + 1020
    assert invoice["status"] == "paid"
    assert invoice["number"].endswith("-0002")
    assert invoice["billing_reason"] == "subscription_cycle"
    assert invoice["status_transitions"]["finalized_at"] == turn + HOUR
    totals = gateway.meter_totals(catalogue.meter, customer, first, turn)
    assert totals == {first: 90, turn - HOUR: 11}


def test_units_within_the_quota_are_free(
    sim: Sim,
    gateway: StripeGateway,
    subscribe: Subscribe,
    new_customer: NewCustomer,
    catalogue: Catalogue,
) -> None:
    customer = new_customer()
    subscription = subscribe(customer)
    hour = subscription["items"]["data"][0]["current_period_start"]
    gateway.send_meter_event("pieces", customer, 12, f"p:{customer}", hour + 1, f"p:{customer}")
    lines = by_price(gateway.upcoming_invoice(subscription["id"]), catalogue.quota)
    assert [(line["quantity"], line["amount"]) for line in lines] == [(10, 0), (2, 240)]


def test_a_failed_charge_makes_the_subscription_past_due_and_a_later_one_heals_it(
    sim: Sim, gateway: StripeGateway, subscribe: Subscribe, new_customer: NewCustomer
) -> None:
    customer = new_customer()
    turn = subscribe(customer)["items"]["data"][0]["current_period_end"]
    card = gateway.attach_test_card(customer, f"bad-{customer}", card="pm_card_chargeCustomerFail")
    advance_to(sim, turn + 2 * HOUR)
    state = gateway.fetch_customer_state(customer)
    assert state["subscriptions"][0]["status"] == "past_due"
    assert state["customer"]["delinquent"] is True
    failed = state["invoices"][0]
    assert failed["status"] == "open"
    assert failed["attempt_count"] == 1
    assert failed["next_payment_attempt"] == turn + HOUR + 3 * DAY
    good = gateway.attach_test_card(customer, f"good-{customer}")
    assert good["id"] != card["id"]
    advance_to(sim, turn + 4 * DAY)
    state = gateway.fetch_customer_state(customer)
    assert state["subscriptions"][0]["status"] == "active"
    assert state["invoices"][0]["status"] == "paid"


def test_the_next_charge_can_be_made_to_fail(
    sim: Sim, gateway: StripeGateway, subscribe: Subscribe, new_customer: NewCustomer
) -> None:
    customer = new_customer()
    sim.control("fail_next_charge")
    assert subscribe(customer)["status"] == "incomplete"
    sim.control("advance", days=1)
    (held,) = gateway.fetch_customer_state(customer)["subscriptions"]
    assert held["status"] == "incomplete_expired"


def test_retries_end_in_unpaid(
    sim: Sim, gateway: StripeGateway, subscribe: Subscribe, new_customer: NewCustomer
) -> None:
    customer = new_customer()
    turn = subscribe(customer)["items"]["data"][0]["current_period_end"]
    gateway.attach_test_card(customer, f"bad-{customer}", card="pm_card_chargeCustomerFail")
    advance_to(sim, turn + 15 * DAY)
    state = gateway.fetch_customer_state(customer)
    assert state["subscriptions"][0]["status"] == "unpaid"
    assert state["invoices"][0]["attempt_count"] == 4


def test_a_declined_card_cannot_be_attached(
    gateway: StripeGateway, new_customer: NewCustomer
) -> None:
    customer = new_customer(card=None)
    with pytest.raises(StripeRefused) as refusal:
        gateway.attach_test_card(customer, f"c-{customer}", card="pm_card_chargeDeclined")
    assert refusal.value.code == "card_declined"


def test_a_subscription_without_a_card_is_refused(
    gateway: StripeGateway, subscribe: Subscribe, new_customer: NewCustomer
) -> None:
    customer = new_customer(card=None)
    with pytest.raises(StripeRefused):
        subscribe(customer)
    assert gateway.fetch_customer_state(customer)["subscriptions"] == []


def test_subscriptions_start_on_full_hours(
    sim: Sim, subscribe: Subscribe, new_customer: NewCustomer
) -> None:
    with pytest.raises(ValueError, match="full hour"):
        subscribe(new_customer(), start=sim.now // HOUR * HOUR - 1)


def test_a_draft_can_be_held_back(
    sim: Sim, gateway: StripeGateway, subscribe: Subscribe, new_customer: NewCustomer
) -> None:
    customer = new_customer()
    turn = subscribe(customer)["items"]["data"][0]["current_period_end"]
    advance_to(sim, turn + 60)
    draft = invoices(gateway, customer)[-1]
    gateway.postpone_finalization(draft["id"], turn + 5 * HOUR, f"hold-{customer}")
    advance_to(sim, turn + 4 * HOUR)
    assert invoices(gateway, customer)[-1]["status"] == "draft"
    advance_to(sim, turn + 6 * HOUR)
    assert invoices(gateway, customer)[-1]["status"] == "paid"
