"""Ending a subscription, taking that back, and coming back from wherever it stopped."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.billing.flow.house import Flow
from tests.billing.flow.plans import (
    access,
    act,
    changed,
    changes,
    choose,
    past_trial,
    press,
    subscription,
)
from tests.factories import Company, Person, World

SignIn = Callable[[Person], FlaskClient]
TRIALS = "SELECT count(*) FROM subscriptions WHERE tenant_id = :t AND trial_end IS NOT NULL"


def say(flow: Flow, admin: FlaskClient, company: Company, verb: str, **data: str) -> Any:
    """Answers with the row that came of it."""
    said = admin.post(company.url(f"subscription/{verb}"), data=data)
    assert said.status_code == 303, said.text
    flow.work(company)
    flow.deliver(company)
    return changes(flow, company)[-1]


def overview(admin: FlaskClient, company: Company) -> str:
    return html.unescape(admin.get(company.url("subscription")).text)


def billed(flow: Flow, company: Company, key: str) -> int:
    return int(
        flow.stage.value(
            "SELECT coalesce(sum(quantity), 0) FROM stripe_invoice_lines"
            " WHERE tenant_id = :t AND lookup_key = :k",
            t=company.id, k=key,
        )
    )  # fmt: skip


def items_beside(flow: Flow, company: Company) -> int:
    return int(
        flow.stage.value("SELECT count(*) FROM invoice_items WHERE tenant_id = :t", t=company.id)
    )


def test_ended_kept_and_ended_for_good(flow: Flow, paying: Company, admin: FlaskClient) -> None:
    assert "End the subscription" in overview(admin, paying)
    end = say(flow, admin, paying, "end", reason="Too dear")
    assert (end.kind, end.state, end.reason) == ("end", "planned", "Too dear")
    assert "This subscription ends" in overview(admin, paying)
    assert admin.post(paying.url("subscription/change"), data={"plan": "essential"}).status_code == 409  # fmt: skip
    kept = say(flow, admin, paying, "keep")
    assert (kept.kind, kept.state) == ("keep", "done")
    assert subscription(flow, paying).cancel_at is None
    assert admin.post(paying.url("subscription/keep")).status_code == 409
    planned = changed(flow, admin, paying, "essential")
    say(flow, admin, paying, "end")
    states = {row.id: row.state for row in changes(flow, paying)}
    assert states[planned.id] == "withdrawn", "an end takes the place of a plan to come"
    flow.use(paying, "operator_minutes", 500)
    flow.into_next_period(paying)
    assert access(flow, paying) == "cancelled"
    assert changes(flow, paying)[-1].state == "done"
    assert billed(flow, paying, "standard_v1_operator_minutes") == 500
    assert items_beside(flow, paying) == 0
    page = overview(admin, paying)
    assert "Subscribe again" in page
    assert admin.post(paying.url("subscription/end")).status_code == 409
    # once more, without another trial
    choose(flow, admin, paying, "essential")
    assert access(flow, paying) == "active"
    assert flow.stage.value(TRIALS, t=paying.id) == 1


def test_an_end_taken_back_in_the_portal_is_followed(
    flow: Flow, paying: Company, admin: FlaskClient
) -> None:
    say(flow, admin, paying, "end")
    ident = subscription(flow, paying).stripe_subscription_id
    flow.gateway.keep_subscription(ident, "portal")
    flow.deliver(paying)
    row = changes(flow, paying)[-1]
    assert (row.state, row.problem) == ("withdrawn", "at_stripe")
    flow.gateway.end_subscription(ident, "portal-2")
    flow.deliver(paying)
    assert "This subscription ends" in overview(admin, paying)
    assert say(flow, admin, paying, "keep").state == "done"


def test_ended_at_once_the_usage_goes_first(
    flow: Flow, paying: Company, admin: FlaskClient, sign_in_as: SignIn, world: World
) -> None:
    say(flow, admin, paying, "end", reason="Too dear")
    flow.use(paying, "operator_minutes", 500)
    office = sign_in_as(world.provider_admin)
    account = f"/provider/billing/companies/{paying.slug}"
    assert "Too dear" in office.get(account).text
    assert "What happens" in office.get(f"{account}/end").text
    code = flow.stage.value("SELECT code FROM tenants WHERE id = :t", t=paying.id)
    for wrong in ({"reason": "Agreed", "code": "ZZZ"}, {"reason": " ", "code": code}):
        assert office.post(f"{account}/end", data=wrong).status_code == 422
    given = {"reason": "Agreed", "code": code.lower()}
    assert sign_in_as(world.supervisor).post(f"{account}/end", data=given).status_code == 403
    for _ in range(2):
        assert office.post(f"{account}/end", data=given).status_code == 303, "twice is once"
    assert "It is being ended" in office.get(f"{account}/end").text
    flow.work(paying)
    flow.deliver(paying)
    assert subscription(flow, paying).status == "canceled"
    client, ended = changes(flow, paying)
    assert (client.state, ended.state, ended.reason) == ("withdrawn", "done", "Agreed")
    assert "Ended the subscription" in office.get(account).text
    assert office.post(f"{account}/end", data=given).status_code == 409
    assert billed(flow, paying, "standard_v1_operator_minutes") == 500
    flow.advance(paying, days=2)
    assert billed(flow, paying, "standard_v1_operator_minutes") == 500, "once"
    assert items_beside(flow, paying) == 0
    assert access(flow, paying) == "cancelled"


def test_ended_at_once_while_a_change_waits_for_its_payment(
    flow: Flow, paying: Company, admin: FlaskClient, sign_in_as: SignIn, world: World
) -> None:
    flow.sim.control("fail_next_charge", customer=flow.customer(paying))
    changed(flow, admin, paying, "extended")
    account = f"/provider/billing/companies/{paying.slug}"
    code = flow.stage.value("SELECT code FROM tenants WHERE id = :t", t=paying.id)
    said = sign_in_as(world.provider_admin).post(
        f"{account}/end", data={"reason": "Agreed", "code": code}
    )
    assert said.status_code == 303
    flow.work(paying)
    flow.deliver(paying)
    assert subscription(flow, paying).status == "canceled"
    assert [row.state for row in changes(flow, paying)] == ["withdrawn", "done"]
    owed = "SELECT count(*) FROM stripe_invoices WHERE tenant_id = :t AND status = 'open'"
    assert flow.stage.value(owed, t=paying.id) == 0, "nothing is owed for a plan that nobody had"


def test_paying_what_is_open_gives_access_back(
    flow: Flow, paying: Company, admin: FlaskClient
) -> None:
    assert admin.post(paying.url("subscription/pay")).status_code == 409
    flow.sim.control("fail_next_charge", count=50)
    flow.into_next_period(paying)
    flow.use(paying, "operator_minutes", 500)
    failed = say(flow, admin, paying, "pay")
    assert (failed.kind, failed.state, failed.problem) == ("pay", "refused", "card_declined")
    assert "The card was declined" in overview(admin, paying)
    flow.advance(paying, days=20)
    assert (subscription(flow, paying).status, access(flow, paying)) == ("unpaid", "suspended")
    flow.into_next_period(paying)
    drafts = "SELECT count(*) FROM stripe_invoices WHERE tenant_id = :t AND status = 'draft'"
    assert flow.stage.value(drafts, t=paying.id) == 1, "nobody makes it final"
    flow.sim.store.data["failing"].clear()
    assert "Pay what is open" in overview(admin, paying)
    paid = say(flow, admin, paying, "pay")
    assert paid.state == "done"
    assert (subscription(flow, paying).status, access(flow, paying)) == ("active", "active")
    assert billed(flow, paying, "standard_v1_operator_minutes") == 500
    still = "SELECT count(*) FROM stripe_invoices WHERE tenant_id = :t AND status <> 'paid'"
    assert flow.stage.value(still, t=paying.id) == 0


def test_a_trial_that_ended_without_a_card_goes_on(
    flow: Flow, world: World, admin: FlaskClient
) -> None:
    choose(flow, admin, world.a, "standard")
    for table in ("subscriptions", "customers"):
        for row in flow.sim.store.table(table).values():
            row["default_payment_method"] = None
            row.get("invoice_settings", {})["default_payment_method"] = None
    past_trial(flow, world.a)
    assert (subscription(flow, world.a).status, access(flow, world.a)) == ("paused", "suspended")
    assert "Add a payment method" in overview(admin, world.a)
    refused = say(flow, admin, world.a, "resume")
    assert (refused.state, refused.problem) == ("refused", "resource_missing")
    assert "There is no payment method" in overview(admin, world.a)
    flow.gateway.attach_test_card(flow.customer(world.a), "portal-card")
    flow.deliver(world.a)
    assert say(flow, admin, world.a, "resume").state == "done"
    assert (subscription(flow, world.a).status, access(flow, world.a)) == ("active", "active")
    assert flow.stage.value(
        "SELECT max(amount_paid) FROM stripe_invoices WHERE tenant_id = :t", t=world.a.id
    ) > 0  # fmt: skip


@pytest.mark.parametrize("lost", [0, 4])
def test_of_two_subscriptions_the_later_one_goes_and_its_money_comes_back(
    flow: Flow, paying: Company, admin: FlaskClient, lost: int
) -> None:
    """Two of Stripe's pages, both paid before either of us heard of it; Stripe's answer to the
    credit note may be `lost`."""
    say(flow, admin, paying, "end")
    flow.into_next_period(paying)
    url = paying.url("subscription/checkout")
    opened = "SELECT url FROM checkout_attempts WHERE tenant_id = :t AND state = 'open'"
    admin.post(url, data={"plan": "standard"})
    flow.work(paying)
    first = flow.stage.value(opened, t=paying.id)
    admin.post(url, data={"plan": "extended"})
    flow.sim.control("webhooks", drop=100)
    press(first)
    flow.work(paying)
    flow.sim.control("webhooks", drop=0)
    flow.sim.control("advance", seconds=5)
    if lost:
        flow.sim.control("faults", lost=True, count=lost, path="/v1/credit_notes")
    press(flow.stage.value(opened, t=paying.id))
    flow.deliver()
    for _ in range(lost + 1):
        flow.work(paying, fails=True)
    assert bool(flow.failed) is bool(lost)
    flow.deliver(paying)
    flow.deliver(paying)
    live = flow.stage.rows(
        "SELECT status, plan_key FROM subscriptions WHERE tenant_id = :t"
        " AND status NOT IN ('canceled', 'incomplete_expired')",
        t=paying.id,
    )  # fmt: skip
    assert [(row.status, row.plan_key) for row in live] == [("active", "standard")]
    [note] = flow.sim.store.table("credit_notes").values()
    assert note["reason"] == "duplicate"
    invoice = flow.sim.store.table("invoices")[note["invoice"]]
    assert note["refunds"][0]["amount_refunded"] == invoice["amount_paid"] > 0
    [finding] = flow.stage.rows(
        "SELECT actual FROM reconcile_findings WHERE tenant_id = :t AND kind = 'subscriptions'",
        t=paying.id,
    )  # fmt: skip
    assert finding.actual == "2"
    noted = "SELECT after FROM billing_transitions WHERE tenant_id = :t AND kind = 'attention' ORDER BY id"
    assert [row.after for row in flow.stage.rows(noted, t=paying.id)] == ["two_subscriptions", ""]
    flow.enqueue(paying, "sync_customer", key="again")
    flow.work(paying)
    assert len(flow.sim.store.table("credit_notes")) == 1


def test_programs_read_what_is_planned(
    flow: Flow, paying: Company, admin: FlaskClient, api_as: Any
) -> None:
    changed(flow, admin, paying, "essential")
    found = api_as(paying.admin, scopes=["usage:read"]).get("/api/v1/subscription").json
    assert (found["plan"], found["interval"], found["state"]) == ("standard", "month", "active")
    assert found["change"]["plan"] == "essential"
    assert found["change"]["state"] == "planned"
    assert act(admin, paying, "withdraw", changes(flow, paying)[-1]).status_code == 303
    flow.work(paying)
    found = api_as(paying.admin, scopes=["usage:read"]).get("/api/v1/subscription").json
    assert found["change"] is None
