"""Checkout and the portal, through their pages as a browser sends them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from billing.gateway import StripeGateway, StripeRefused
from tests.billing.conftest import DAY, Catalogue, Sim
from tests.billing.sim.asking import advance_to, ask, events_of
from tests.billing.sim.months import month_start

NewCustomer = Callable[..., str]
Open = Callable[..., dict[str, Any]]


@pytest.fixture
def open_checkout(gateway: StripeGateway, catalogue: Catalogue) -> Open:
    def make(customer: str, **more: Any) -> dict[str, Any]:
        items: list[dict[str, Any]] = [
            {"price": catalogue.base, "quantity": 1},
            {"price": catalogue.minutes},
        ]
        return gateway.create_checkout(
            customer,
            items,
            {"tenant_id": "t"},
            f"checkout-{customer}-{len(more)}",
            reference="t",
            success_url="http://127.0.0.1:1/done?session={CHECKOUT_SESSION_ID}",
            cancel_url="http://127.0.0.1:1/plans",
            default_tax_rates=[catalogue.vat],
            **more,
        )

    return make


def press(url: str, action: str, **fields: str) -> requests.Response:
    form = {"action": action, "card": "pm_card_visa"} | fields
    return requests.post(url, data=form, allow_redirects=False, timeout=10)


def test_paying_the_page_makes_the_subscription(
    gateway: StripeGateway, new_customer: NewCustomer, open_checkout: Open
) -> None:
    customer = new_customer(card=None)
    session = open_checkout(customer)
    page = requests.get(session["url"], timeout=10)
    assert "Coulisse Plan" in page.text
    today = f"€{session['amount_total'] / 100:,.2f} today"
    assert today in page.text
    assert "<script" not in page.text
    tax_id = {"tax_id": "FR 40 303265045", "tax_id_type": "eu_vat"}
    answer = press(session["url"], "pay", **tax_id)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"http://127.0.0.1:1/done?session={session['id']}"
    done = gateway.fetch_checkout(session["id"])
    assert (done["status"], done["payment_status"]) == ("complete", "paid")
    assert done["client_reference_id"] == "t"
    state = gateway.fetch_customer_state(customer)
    (held,) = state["subscriptions"]
    assert held["id"] == done["subscription"]
    assert held["status"] == "active"
    assert held["metadata"] == {"tenant_id": "t"}
    assert held["default_payment_method"]
    assert state["invoices"][0]["status"] == "paid"
    assert abs(state["invoices"][0]["total"] - session["amount_total"]) <= 2
    assert state["invoices"][0]["customer_tax_ids"][0]["value"] == "FR40303265045"
    assert events_of(gateway, session["id"]) == ["checkout.session.completed"]
    assert "complete" in requests.get(session["url"], timeout=10).text
    assert press(session["url"], "pay").status_code == 200
    assert len(gateway.fetch_customer_state(customer)["subscriptions"]) == 1


def test_a_trial_is_begun_without_paying(
    sim: Sim, gateway: StripeGateway, new_customer: NewCustomer, open_checkout: Open
) -> None:
    customer = new_customer(card=None)
    session = open_checkout(customer, trial_end=month_start(sim.now + 14 * DAY, 1))
    assert press(session["url"], "pay").status_code == 303
    done = gateway.fetch_checkout(session["id"])
    assert (done["payment_status"], done["amount_total"]) == ("no_payment_required", 0)
    assert gateway.fetch_customer_state(customer)["subscriptions"][0]["status"] == "trialing"
    with pytest.raises(StripeRefused, match="2 days"):
        open_checkout(customer, trial_end=sim.now + DAY, language="fr")


def test_a_declined_card_leaves_the_page_open_and_cancelling_goes_back(
    sim: Sim, gateway: StripeGateway, new_customer: NewCustomer, open_checkout: Open
) -> None:
    customer = new_customer(card=None)
    session = open_checkout(customer)
    for action, card in (("decline", ""), ("pay", "pm_card_chargeDeclined")):
        answer = press(session["url"], action, card=card)
        assert answer.status_code == 200
        assert "Your card was declined." in answer.text
    sim.control("fail_next_charge")
    assert "declined" in press(session["url"], "pay").text
    assert "Invalid value" in press(session["url"], "pay", tax_id="1", tax_id_type="eu_vat").text
    assert gateway.fetch_checkout(session["id"])["status"] == "open"
    assert gateway.fetch_customer_state(customer)["subscriptions"] == []
    assert press(session["url"], "cancel").headers["Location"] == "http://127.0.0.1:1/plans"


def test_a_session_expires_by_itself_or_by_request(
    sim: Sim, gateway: StripeGateway, new_customer: NewCustomer, open_checkout: Open
) -> None:
    early = open_checkout(new_customer(card=None), expires_at=sim.now + 2 * 3600)
    asked = open_checkout(new_customer(card=None))
    assert gateway.expire_checkout(asked["id"], f"x-{asked['id']}")["status"] == "expired"
    with pytest.raises(StripeRefused):
        gateway.expire_checkout(asked["id"], f"y-{asked['id']}")
    advance_to(sim, early["expires_at"] + 1)
    assert gateway.fetch_checkout(early["id"])["status"] == "expired"
    assert events_of(gateway, early["id"]) == ["checkout.session.expired"]
    assert "expired" in press(early["url"], "pay").text


def portal(gateway: StripeGateway, customer: str) -> str:
    configuration = gateway.ensure_portal()
    assert gateway.ensure_portal() == configuration
    return gateway.open_portal(
        customer, configuration, f"portal-{customer}", return_url="http://127.0.0.1:1/back"
    )


def test_the_portal_cancels_and_takes_it_back(
    sim: Sim, gateway: StripeGateway, new_customer: NewCustomer, subscribe: Callable[..., Any]
) -> None:
    customer = new_customer()
    begun = subscribe(customer)
    url = portal(gateway, customer)
    assert "Visa ending in 4242" in requests.get(url, timeout=10).text
    assert press(url, "cancel", subscription=begun["id"]).status_code == 303
    (held,) = gateway.fetch_customer_state(customer)["subscriptions"]
    assert held["cancel_at"] == held["items"][0]["current_period_end"]
    assert held["cancel_at_period_end"] is False
    assert press(url, "resume", subscription=begun["id"]).status_code == 303
    (held,) = gateway.fetch_customer_state(customer)["subscriptions"]
    assert held["cancel_at"] is held["canceled_at"] is None
    another = subscribe(new_customer())
    assert "No such thing" in press(url, "cancel", subscription=another["id"]).text
    advance_to(sim, sim.now + 2 * 3600)
    assert "expired" in requests.get(url, timeout=10).text
    assert "expired" in press(url, "cancel", subscription=begun["id"]).text


def test_the_portal_changes_card_and_vat_id(
    gateway: StripeGateway, sim: Sim, new_customer: NewCustomer
) -> None:
    customer = new_customer(card=None)
    url = portal(gateway, customer)
    press(url, "card", card="pm_card_mastercard")
    assert "Mastercard ending in 4444" in requests.get(url, timeout=10).text
    press(url, "vat", tax_id_type="eu_vat", tax_id="DE123456789")
    (held,) = gateway.vat_ids(customer)
    assert held["verification"]["status"] == "pending"
    press(url, "remove_vat", tax_id=held["id"])
    assert gateway.vat_ids(customer) == []
    assert "cannot be done" in press(url, "nonsense").text


@pytest.mark.parametrize(
    ("value", "status"),
    [("DE123456789", "verified"), ("DE111111111", "unverified"), ("DE222222222", "pending")],
)
def test_a_vat_id_is_checked_a_little_later(
    sim: Sim, gateway: StripeGateway, new_customer: NewCustomer, value: str, status: str
) -> None:
    customer = new_customer(card=None)
    added = gateway.add_vat_id(customer, "eu_vat", value, f"vat-{customer}")
    assert added["verification"]["status"] == "pending"
    advance_to(sim, sim.now + 60)
    (held,) = gateway.vat_ids(customer)
    assert held["verification"]["status"] == status
    told = "customer.tax_id.updated" in events_of(gateway, added["id"])
    assert told is (status != "pending")
    gateway.remove_vat_id(customer, added["id"])
    assert gateway.vat_ids(customer) == []
    with pytest.raises(StripeRefused) as refusal:
        gateway.add_vat_id(customer, "eu_vat", "??", f"bad-{customer}")
    assert refusal.value.code == "tax_id_invalid"


def test_a_deleted_customer_is_gone_but_its_invoices_are_not(
    sim: Sim, gateway: StripeGateway, new_customer: NewCustomer, subscribe: Callable[..., Any]
) -> None:
    customer = new_customer()
    subscribe(customer)
    assert ask(sim, "DELETE", f"customers/{customer}").json()["deleted"] is True
    state = gateway.fetch_customer_state(customer)
    assert state["customer"]["deleted"] is True
    assert state["subscriptions"][0]["status"] == "canceled"
    assert len(state["invoices"]) == 1
    assert "customer.deleted" in events_of(gateway, customer)
    with pytest.raises(StripeRefused) as refusal:
        gateway.attach_test_card(customer, f"late-{customer}")
    assert refusal.value.code == "resource_missing"
    sim.control("advance", days=40)
