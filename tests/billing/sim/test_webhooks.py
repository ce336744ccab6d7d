from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from billing.gateway import API_VERSION, StripeGateway
from billing.sim.courier import Courier
from tests.billing.conftest import DAY, Catalogue, Receiver, Sim, send, wait_until

NewCustomer = Callable[..., str]


def received(receiver: Receiver) -> list[dict[str, Any]]:
    return [json.loads(raw) for raw, _ in receiver.deliveries]


def quiet(sim: Sim) -> bool:
    return int(sim.look("deliveries")["pending"]) == 0


def test_events_arrive_signed_and_in_order(
    sim: Sim,
    gateway: StripeGateway,
    courier: Courier,
    receiver: Receiver,
    new_customer: NewCustomer,
) -> None:
    customer = new_customer()
    wait_until(lambda: len(receiver.deliveries) >= 3 and quiet(sim))
    parsed = [
        gateway.parse_webhook(raw, signature, int(time.time()))
        for raw, signature in receiver.deliveries
    ]
    kinds = ["customer.created", "payment_method.attached", "customer.updated"]
    assert [event["type"] for event in parsed] == kinds
    assert {event["api_version"] for event in parsed} == {API_VERSION}
    assert parsed[0]["data"]["object"]["id"] == customer
    assert sim.look("deliveries")["delivered"] == 3
    listed = gateway.events_since(sim.now - DAY)
    assert [event["id"] for event in listed][-3:] == [event["id"] for event in parsed]


def test_events_can_come_twice_and_in_any_order(
    sim: Sim, courier: Courier, receiver: Receiver, new_customer: NewCustomer
) -> None:
    sim.control("webhooks", duplicate=True, shuffle=True)
    for _ in range(4):
        new_customer()
    wait_until(lambda: len(receiver.deliveries) == 24 and quiet(sim))
    sim.control("webhooks", duplicate=False, shuffle=False)
    ids = [event["id"] for event in received(receiver)]
    assert set(Counter(ids).values()) == {2}
    created = list(sim.store.table("events"))
    assert [created.index(one) for one in ids] != sorted(created.index(one) for one in ids)


def test_what_fails_comes_again(
    sim: Sim, courier: Courier, receiver: Receiver, new_customer: NewCustomer
) -> None:
    receiver.refuse = 2
    new_customer(card=None)
    wait_until(lambda: bool(receiver.deliveries))
    wait_until(lambda: quiet(sim))
    row = sim.store.data["deliveries"][-1]
    assert (row["state"], row["attempts"]) == ("delivered", 3)


def test_dropped_events_are_found_by_listing_and_can_be_sent_again(
    sim: Sim,
    gateway: StripeGateway,
    courier: Courier,
    receiver: Receiver,
    new_customer: NewCustomer,
) -> None:
    sim.control("webhooks", drop=1)
    since = sim.now
    customer = new_customer()
    wait_until(lambda: len(receiver.deliveries) == 2 and quiet(sim))
    (missed,) = [
        event
        for event in gateway.events_since(since, undelivered_only=True)
        if event["data"]["object"].get("id") == customer
    ]
    assert missed["type"] == "customer.created"
    assert sim.look("deliveries")["dropped"] == 1
    assert sim.control("redeliver") == {"redelivering": 1}
    wait_until(lambda: len(receiver.deliveries) == 3)
    assert received(receiver)[-1]["id"] == missed["id"]


def test_a_renewal_tells_its_story(
    sim: Sim,
    courier: Courier,
    receiver: Receiver,
    new_customer: NewCustomer,
    subscribe: Callable[..., dict[str, Any]],
) -> None:
    customer = new_customer()
    turn = subscribe(customer)["items"]["data"][0]["current_period_end"]
    wait_until(lambda: quiet(sim))
    before = len(receiver.deliveries)
    sim.control("advance", seconds=turn - sim.now + DAY)
    wait_until(lambda: quiet(sim))
    mine = [
        event["type"]
        for event in received(receiver)[before:]
        if event["data"]["object"].get("customer") == customer
    ]
    assert [kind for kind in mine if kind != "invoice.upcoming"] == [
        "customer.subscription.updated",
        "invoice.created",
        "invoice.finalized",
        "invoice.paid",
        "invoice.payment_succeeded",
    ]


def test_a_thin_event_comes_without_its_data(
    sim: Sim,
    courier: Courier,
    receiver: Receiver,
    gateway: StripeGateway,
    new_customer: NewCustomer,
    catalogue: Catalogue,
) -> None:
    customer = new_customer(card=None)
    wait_until(lambda: quiet(sim))
    before = len(receiver.deliveries)
    sim.control("reject_usage", code="meter_event_invalid_value")
    send(gateway, customer, sim.now - sim.now % 3600, 10)
    wait_until(lambda: len(receiver.deliveries) > before and quiet(sim))
    raw, signature = receiver.deliveries[-1]
    event = gateway.parse_webhook(raw, signature, int(time.time()))
    assert event["object"] == "v2.core.event"
    assert event["related_object"]["id"] == catalogue.meter
    assert "data" not in event
    assert gateway.fetch_thin_event(event["id"])["data"]["reason"]["error_count"] == 1
