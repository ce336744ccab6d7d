"""Somebody deletes the customer at Stripe: it is unlinked, what was stays, and the company can choose
a plan again."""

from __future__ import annotations

from datetime import timedelta

from billing.subscribing import services as subscribing
from tests.billing.flow.house import Flow
from tests.billing.flow.test_access import access
from tests.billing.flow.test_adjustments import adjustments
from tests.billing.flow.test_backfill import findings
from tests.factories import Company, acting


def delete(flow: Flow, company: Company) -> str:
    customer = flow.customer(company)
    flow.gateway._v1.customers.delete(customer)
    return customer


def test_it_is_unlinked_and_history_stays(flow: Flow, company: Company) -> None:
    flow.use(company, "operator_minutes", 30)
    flow.flush(company)
    before = flow.mirror(company)["stripe_invoices"]
    old = delete(flow, company)
    flow.deliver(company)
    [row] = flow.stage.rows(
        "SELECT stripe_customer_id, customer_deleted_at FROM billing_accounts"
        " WHERE tenant_id = :t", t=company.id,
    )  # fmt: skip
    assert row.stripe_customer_id is None
    assert row.customer_deleted_at is not None
    assert flow.mirror(company)["stripe_invoices"] == before
    assert access(flow, company) == ("cancelled", False)
    assert [one.total for one in flow.buckets(company)] == [30]
    # Its events are still this company's, and there is nothing left to fetch.
    assert flow.stage.rows(
        "SELECT state FROM webhook_inbox WHERE customer_id = :c AND state <> 'done'"
        " AND owner_tenant = :t", c=old, t=company.id,
    ) == []  # fmt: skip
    # The days of the export go on, though nobody is synced any more.
    flow.sim.control("advance", days=31)
    flow.follow()
    flow.enqueue(company, "look_at_access", key="later")
    flow.work(company)
    assert access(flow, company)[0] == "closed"


def test_what_is_owed_is_a_finding_until_there_is_a_customer(flow: Flow, company: Company) -> None:
    delete(flow, company)
    flow.deliver(company)
    flow.use(company, "operator_minutes", 20, occurred_at=flow.now + timedelta(hours=1))
    flow.enqueue(company, "send_usage")
    flow.work(company)
    assert [row.quantity for row in adjustments(flow, company)] == [20]
    flow.enqueue(company, "reconcile")
    flow.work(company)
    [(kind, _, expected, actual)] = findings(flow, company)
    assert (kind, expected, actual) == ("unbilled", "19.00 EUR", "no customer")


def test_an_effect_for_a_deleted_customer_ends_as_a_finding(flow: Flow, company: Company) -> None:
    from billing.invoice_items import record_item
    from tenants.core.ids import uuid7

    delete(flow, company)
    with flow.acting(company):
        record_item(
            source_type="request_offer", source_id=uuid7(), amount=500, currency="EUR", number=1,
            actor=flow.actor(company), now=flow.now,
        )  # fmt: skip
    for _ in range(3):
        flow.work(company, fails=True)
    flow.enqueue(company, "reconcile")
    flow.work(company)
    found = {kind: actual for kind, _, _, actual in findings(flow, company)}
    assert "No such customer" in found["effect"]


def test_a_new_choice_of_plan_makes_a_new_customer(flow: Flow, company: Company) -> None:
    old = delete(flow, company)
    flow.deliver(company)
    with acting(flow.stage, company.admin.scope()):
        subscribing.begin_checkout(
            plan="essential", interval="month", base_url="http://localhost",
            actor=company.admin.actor(), now=flow.now,
        )  # fmt: skip
    flow.work(company)
    flow.deliver(company)
    new = flow.customer(company)
    assert new not in (old, "None")
    assert flow.stage.value(
        "SELECT url <> '' FROM checkout_attempts WHERE tenant_id = :t AND state = 'open'",
        t=company.id,
    )
    assert flow.stage.value(
        "SELECT customer_deleted_at IS NULL FROM billing_accounts WHERE tenant_id = :t",
        t=company.id,
    )
