"""What is given back: credit notes, credit for usage, adjustments, usage found wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from billing.gateway import StripeGateway, StripeRefused
from tests.billing.conftest import DAY, HOUR, Catalogue, Sim, send
from tests.billing.sim.asking import advance_to, ask, events_of

NewCustomer = Callable[..., str]
Subscribe = Callable[..., dict[str, Any]]
NOTE: dict[str, Any] = {"memo": "A late answer", "metadata": {"credit_id": "c1"}}


def test_a_credit_note_on_a_paid_invoice_becomes_balance_with_its_tax(
    sim: Sim, gateway: StripeGateway, new_customer: NewCustomer, subscribe: Subscribe
) -> None:
    customer = new_customer()
    turn = subscribe(customer)["items"]["data"][0]["current_period_end"]
    advance_to(sim, turn + 2 * HOUR)
    invoice = gateway.fetch_customer_state(customer)["invoices"][0]
    lines = [{"invoice_line_item": invoice["lines"][0]["id"], "amount": 1_001}]
    said = gateway.preview_credit_note(invoice["id"], lines)
    assert (said["subtotal"], said["total"]) == (1_001, 1_201)
    note = gateway.create_credit_note(
        invoice["id"], lines, f"n-{customer}", to_balance=1_201, **NOTE
    )
    assert note["total"] == note["post_payment_amount"] == 1_201
    assert note["number"] == f"{invoice['number']}-CN-01"
    assert events_of(gateway, note["id"]) == ["credit_note.created"]
    state = gateway.fetch_customer_state(customer)
    assert state["customer"]["balance"] == -1_201
    assert state["invoices"][0]["post_payment_credit_notes_amount"] == 1_201
    line = {"invoice_line_item": invoice["lines"][0]["id"], "amount": 99_000}
    with pytest.raises(StripeRefused, match="exceed"):
        gateway.create_credit_note(invoice["id"], [line], f"m-{customer}", to_balance=0, **NOTE)
    assert ask(sim, "POST", f"credit_notes/{note['id']}/void").status_code == 400
    (item,) = state["subscriptions"][0]["items"][:1]
    advance_to(sim, item["current_period_end"] + 2 * HOUR)
    renewal = gateway.fetch_customer_state(customer)["invoices"][0]
    assert renewal["starting_balance"] == -1_201
    assert renewal["amount_paid"] == renewal["total"] - 1_201
    assert gateway.fetch_customer_state(customer)["customer"]["balance"] == 0


def test_a_credit_note_on_an_open_invoice_lowers_what_is_owed(
    sim: Sim, gateway: StripeGateway, new_customer: NewCustomer, subscribe: Subscribe
) -> None:
    customer = new_customer()
    turn = subscribe(customer)["items"]["data"][0]["current_period_end"]
    gateway.attach_test_card(customer, f"bad-{customer}", card="pm_card_chargeCustomerFail")
    advance_to(sim, turn + 2 * HOUR)
    invoice = gateway.fetch_customer_state(customer)["invoices"][0]
    line = {"description": "Goodwill", "amount": 1_000}
    first = gateway.create_credit_note(invoice["id"], [line], f"a-{customer}", to_balance=0, **NOTE)
    assert (first["type"], first["pre_payment_amount"]) == ("pre_payment", 1_000)
    assert ask(sim, "POST", f"credit_notes/{first['id']}/void").json()["status"] == "void"
    after = gateway.fetch_customer_state(customer)["invoices"][0]
    assert after["amount_remaining"] == invoice["amount_remaining"]
    whole = {"invoice_line_item": invoice["lines"][0]["id"], "amount": 99_000}
    gateway.create_credit_note(invoice["id"], [whole], f"b-{customer}", to_balance=0, **NOTE)
    state = gateway.fetch_customer_state(customer)
    assert (state["invoices"][0]["status"], state["invoices"][0]["amount_due"]) == ("paid", 0)
    assert state["subscriptions"][0]["status"] == "active"


def test_a_refund_must_add_up(
    sim: Sim, gateway: StripeGateway, new_customer: NewCustomer, subscribe: Subscribe
) -> None:
    customer = new_customer()
    subscribe(customer)
    invoice = gateway.fetch_customer_state(customer)["invoices"][0]
    wanted = {
        "invoice": invoice["id"],
        "lines[0][type]": "custom_line_item",
        "lines[0][description]": "Goodwill",
        "lines[0][unit_amount]": "700",
        "lines[0][quantity]": "1",
    }
    assert ask(sim, "POST", "credit_notes", **wanted).status_code == 400
    assert ask(sim, "POST", "credit_notes", **wanted, refund_amount="600").status_code == 400
    note = ask(sim, "POST", "credit_notes", **wanted, refund_amount="700").json()
    assert note["refunds"][0]["amount_refunded"] == 700
    assert gateway.fetch_customer_state(customer)["customer"]["balance"] == 0


def test_given_credit_pays_usage_before_taxes_until_it_expires(
    sim: Sim, gateway: StripeGateway, new_customer: NewCustomer, subscribe: Subscribe
) -> None:
    customer = new_customer()
    item = subscribe(customer)["items"]["data"][0]
    turn = item["current_period_end"]
    advance_to(sim, turn + 2 * HOUR)
    far = {"expires_at": turn + 200 * DAY}
    gateway.give_credit(customer, 2_000, "EUR", "Goodwill", {}, f"g-{customer}", **far)
    assert gateway.credit_left(customer) == 2_000
    send(gateway, customer, turn + HOUR, 30)
    (held,) = gateway.fetch_customer_state(customer)["subscriptions"]
    upcoming = gateway.upcoming_invoice(held["id"])
    assert gateway.credit_left(customer) == 2_000
    advance_to(sim, held["items"][0]["current_period_end"] + 2 * HOUR)
    invoice = gateway.fetch_customer_state(customer)["invoices"][0]
    assert invoice["subtotal"] == 99_000 + 1_515
    assert invoice["total_pretax_credit_amounts"][0]["amount"] == 1_515
    assert invoice["total"] == upcoming["total"] == 99_000 * 12 // 10
    assert gateway.credit_left(customer) == 485
    more = gateway.give_credit(customer, 100, "EUR", "More", {}, f"h-{customer}", **far)
    gateway.expire_credit(more["id"], f"e-{customer}")
    assert gateway.credit_left(customer) == 485
    with pytest.raises(StripeRefused):
        gateway.expire_credit(more["id"], f"f-{customer}")


def test_what_comes_late_says_to_which_time_it_belongs(
    sim: Sim, gateway: StripeGateway, new_customer: NewCustomer, subscribe: Subscribe
) -> None:
    customer = new_customer()
    held = subscribe(customer)
    period = (sim.now - 40 * DAY, sim.now - 39 * DAY)
    gateway.create_invoice_item(
        customer, -505, "EUR", "10 minutes too many", {}, f"late-{customer}", period=period
    )
    line = next(x for x in gateway.upcoming_invoice(held["id"])["lines"] if x["amount"] == -505)
    assert line["period"] == {"start": period[0], "end": period[1]}


def test_an_event_can_be_taken_back_for_a_day(
    sim: Sim, gateway: StripeGateway, new_customer: NewCustomer, catalogue: Catalogue
) -> None:
    customer = new_customer()
    hour = sim.now - sim.now % HOUR
    send(gateway, customer, hour, 30)
    identifier = f"u1:{customer}:staff_minutes:{hour}:1"
    with pytest.raises(StripeRefused):
        gateway.cancel_meter_event("pieces", identifier, f"wrong-{customer}")
    gateway.cancel_meter_event("staff_minutes", identifier, f"back-{customer}")
    assert gateway.meter_totals(catalogue.meter, customer, hour, hour + HOUR) == {}
    send(gateway, customer, hour, 20, revision=2)
    sim.control("advance", days=2)
    with pytest.raises(StripeRefused, match="24 hours"):
        gateway.cancel_meter_event(
            "staff_minutes", f"u1:{customer}:staff_minutes:{hour}:2", f"late-{customer}"
        )
    assert gateway.meter_totals(catalogue.meter, customer, hour, hour + HOUR) == {hour: 20}


def test_usage_found_wrong_is_reported_with_samples_only(
    sim: Sim, gateway: StripeGateway, new_customer: NewCustomer, catalogue: Catalogue
) -> None:
    customer = new_customer()
    hour = sim.now - sim.now % HOUR
    before = {event["id"] for event in gateway.thin_events_since(0)}
    sim.control("reject_usage", count=7, code="meter_event_value_too_many_digits")
    for revision in range(1, 9):
        send(gateway, customer, hour, 10 + revision, revision)
    assert gateway.meter_totals(catalogue.meter, customer, hour, hour + HOUR) == {hour: 18}
    sim.control("advance", seconds=1)
    (event,) = [row for row in gateway.thin_events_since(0) if row["id"] not in before]
    assert event["type"] == "v1.billing.meter.error_report_triggered"
    assert event["related_object"]["id"] == catalogue.meter
    found = gateway.fetch_thin_event(event["id"])["data"]["reason"]
    assert found["error_count"] == 7
    (kind,) = found["error_types"]
    assert kind["code"] == "meter_event_value_too_many_digits"
    samples = [row["request"]["identifier"] for row in kind["sample_errors"]]
    assert samples == [f"u1:{customer}:staff_minutes:{hour}:{n}" for n in range(1, 6)]


def test_usage_of_a_deleted_customer_is_reported_afterwards(
    sim: Sim, gateway: StripeGateway, new_customer: NewCustomer, catalogue: Catalogue
) -> None:
    customer = new_customer()
    ask(sim, "DELETE", f"customers/{customer}")
    before = len(gateway.thin_events_since(0))
    send(gateway, customer, sim.now - sim.now % HOUR, 10)
    sim.control("advance", seconds=1)
    event = gateway.thin_events_since(0)[0]
    assert len(gateway.thin_events_since(0)) == before + 1
    (kind,) = event["data"]["reason"]["error_types"]
    assert kind["code"] == "meter_event_customer_not_found"
