"""The control panel, its page and what it does to the answers."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from billing.gateway import StripeGateway, StripeUnavailable
from tests.billing.conftest import DAY, Catalogue, Sim
from tests.billing.sim.asking import ask

NewCustomer = Callable[..., str]


@pytest.fixture(autouse=True)
def _no_faults(sim: Sim) -> Iterator[None]:
    yield
    sim.control("faults", clear=True)


def create(gateway: StripeGateway, key: str) -> str:
    return str(gateway.create_customer("t", "Nord", "a@n.example", "FR", "fr", key)["id"])


def page_of(sim: Sim) -> str:
    return requests.get(f"{sim.base}/_sim/", timeout=10).text


def press(sim: Sim, control: str, **fields: str) -> requests.Response:
    token = re.findall(r"name=token value=(\w+)", page_of(sim))[0]
    form = {"token": token, "control": control} | fields
    return requests.post(f"{sim.base}/_sim/", data=form, timeout=10, allow_redirects=False)


def test_the_page_shows_and_does(
    sim: Sim, new_customer: NewCustomer, subscribe: Callable[..., Any], gateway: StripeGateway
) -> None:
    customer = new_customer()
    subscribe(customer)
    page = page_of(sim)
    number = gateway.fetch_customer_state(customer)["invoices"][0]["number"]
    assert customer in page
    assert number in page
    assert "<script" not in page
    before = sim.now
    assert press(sim, "advance", days="2").status_code == 303
    assert sim.now - before >= 2 * DAY
    press(sim, "webhooks", duplicate="on", drop="3")
    assert sim.look("state")["webhooks"] == {"duplicate": True, "shuffle": False, "drop": 3}
    press(sim, "webhooks", duplicate="off", drop="0")
    press(sim, "fail_next_charge", customer=customer, count="1")
    assert sim.look("state")["failing"] == {customer: 1}
    assert ask(sim, "POST", f"customers/{customer}", name="Sud").ok
    assert "Sud" in page_of(sim)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"control": "advance", "days": "x"}, "whole number"),
        ({"control": "nonsense"}, "no such control"),
        ({"control": "advance", "days": "1", "token": "guess"}, "too old"),
    ],
)
def test_the_page_refuses_nonsense_and_strangers(
    sim: Sim, fields: dict[str, str], said: str
) -> None:
    before = sim.now
    answer = press(sim, **fields)
    assert said in answer.text
    assert sim.now - before < DAY


@pytest.mark.parametrize("status", [409, 500, 503])
def test_overload_is_tried_again_with_the_same_key(
    sim: Sim, gateway: StripeGateway, status: int
) -> None:
    sim.control("faults", status=status, count=2)
    held = create(gateway, f"overload-{status}")
    assert create(gateway, f"overload-{status}") == held
    sim.control("faults", status=status, count=3)
    with pytest.raises(StripeUnavailable):
        create(gateway, f"too-much-{status}")


def test_too_many_requests_are_not_tried_again_by_the_client(
    sim: Sim, gateway: StripeGateway
) -> None:
    sim.control("faults", status=429, path="/v1/customers")
    with pytest.raises(StripeUnavailable):
        create(gateway, "too-many")
    assert create(gateway, "too-many")


def test_a_lost_answer_was_done_and_is_replayed_for_a_day(sim: Sim, gateway: StripeGateway) -> None:
    before = {row["id"] for row in sim.look("customers")["customers"]}
    sim.control("faults", lost=True, count=3)
    with pytest.raises(StripeUnavailable):
        create(gateway, "lost")
    sim.control("faults", clear=True)
    (made,) = {row["id"] for row in sim.look("customers")["customers"]} - before
    assert create(gateway, "lost") == made
    sim.control("advance", seconds=25 * 3600)
    assert create(gateway, "lost") != made


def test_answers_can_be_slow(sim: Sim, gateway: StripeGateway, catalogue: Catalogue) -> None:
    sim.control("faults", latency=300)
    begun = time.monotonic()
    gateway.vat_ids(create(gateway, "slow"))
    assert time.monotonic() - begun > 0.55
