"""What Stripe told nobody, or only the provider, reaches the company that it is about."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from tenants.models import PROVIDER_TENANT
from tests.billing.flow.house import Flow
from tests.billing.flow.test_access import access
from tests.billing.flow.test_sending import MINUTES
from tests.factories import Company, World


@pytest.fixture
def provider(flow: Flow) -> Iterator[Any]:
    found = SimpleNamespace(id=PROVIDER_TENANT)
    flow.stage.run("DELETE FROM billing_cursors")
    flow.stage.run("DELETE FROM jobs WHERE tenant_id = :t", t=PROVIDER_TENANT)
    flow.stage.run("DELETE FROM reconcile_findings WHERE tenant_id = :t", t=PROVIDER_TENANT)
    yield found
    flow.stage.run("DELETE FROM jobs WHERE tenant_id = :t", t=PROVIDER_TENANT)
    flow.stage.run("DELETE FROM billing_cursors")


def backfill(flow: Flow, provider: Any, *companies: Company) -> None:
    flow.enqueue(provider, "backfill")
    for one in (provider, *companies):
        flow.work(one)


def reported(flow: Flow) -> None:
    """The report of rejected usage comes when Stripe's clock goes on."""
    flow.sim.control("advance", seconds=60)


def inbox(flow: Flow, company: Any) -> list[Any]:
    return flow.stage.rows(
        "SELECT event_id, type, source, state FROM webhook_inbox WHERE owner_tenant = :t"
        " ORDER BY stripe_created, event_id", t=company.id,
    )  # fmt: skip


def findings(flow: Flow, company: Any) -> list[tuple[str, ...]]:
    rows = flow.stage.rows(
        "SELECT kind, subject, expected, actual FROM reconcile_findings"
        " WHERE tenant_id = :t AND resolved_at IS NULL ORDER BY kind, subject", t=company.id,
    )  # fmt: skip
    return [tuple(row) for row in rows]


def test_events_that_were_all_dropped_are_made_up_for(
    flow: Flow, company: Company, world: World, provider: Any
) -> None:
    flow.sim.control("webhooks", drop=1000)
    flow.use(company, "operator_minutes", 12)
    flow.into_next_period(company)
    assert len(flow.mirror(company)["stripe_invoices"]) == 1
    backfill(flow, provider, company)
    assert len(flow.mirror(company)["stripe_invoices"]) == 2
    filed = [row for row in inbox(flow, company) if row.source == "backfill"]
    assert "invoice.paid" in {row.type for row in filed}
    assert {row.state for row in filed} == {"done"}
    # Twice is once, and what Stripe brings after all is known already.
    before = inbox(flow, company)
    backfill(flow, provider, company)
    flow.sim.control("webhooks", drop=0)
    flow.sim.control("redeliver", all=True)
    flow.deliver(company)
    assert inbox(flow, company) == before
    assert inbox(flow, world.b) == []


def test_many_events_are_asked_for_page_by_page(
    flow: Flow, company: Company, provider: Any
) -> None:
    flow.sim.control("webhooks", drop=10_000)
    customer = flow.customer(company)
    for number in range(130):
        flow.gateway.set_taxation(customer, "none", "Coulisse", f"again-{number}")
    backfill(flow, provider, company)
    assert len([row for row in inbox(flow, company) if row.source == "backfill"]) >= 130


def test_an_unknown_customers_events_are_parked(flow: Flow, provider: Any) -> None:
    flow.sim.control("webhooks", drop=1000)
    stranger = flow.gateway.create_customer("0198", "Stranger", "s@x.example", "FR", "fr", "s")
    backfill(flow, provider)
    rows = flow.stage.rows(
        "SELECT owner_tenant, state, source FROM webhook_inbox WHERE customer_id = :c",
        c=stranger["id"],
    )
    assert [tuple(row) for row in rows] == [(None, "parked", "backfill")]
    flow.enqueue(provider, "reconcile_provider")
    flow.work(provider)
    assert ("orphan", stranger["id"], "a company", "none") in findings(flow, provider)


def test_events_that_came_before_their_customer_was_known_are_filed(
    flow: Flow, company: Company, provider: Any
) -> None:
    flow.stage.run(
        "UPDATE webhook_inbox SET owner_tenant = NULL, state = 'parked' WHERE owner_tenant = :t",
        t=company.id,
    )
    # What was parked never had a job.
    flow.stage.run("DELETE FROM jobs WHERE tenant_id = :t", t=company.id)
    backfill(flow, provider, company)
    assert {row.state for row in inbox(flow, company)} == {"done"}
    assert flow.stage.rows(
        "SELECT 1 FROM webhook_inbox WHERE customer_id = :c AND state = 'parked'",
        c=flow.customer(company),
    ) == []  # fmt: skip


def test_a_company_can_not_file_for_others(flow: Flow, company: Company, world: World) -> None:
    """The functions ask whose scope it is."""
    from billing.backfill import services

    with flow.acting(world.b):
        services.tell("billing.note_dispute", "x", {company.id: {"dispute": "du", "invoice": "in"}})
        event = {
            "id": "evt_forged", "object": "event", "type": "invoice.paid", "livemode": False,
            "api_version": "2026-10-28.endive", "created": 1,
            "data": {"object": {"object": "invoice", "customer": flow.customer(company)}},
        }  # fmt: skip
        assert services.file_events(events=[event]) == 0
    assert flow.stage.rows("SELECT 1 FROM webhook_inbox WHERE event_id = 'evt_forged'") == []
    assert flow.stage.rows("SELECT 1 FROM jobs WHERE idempotency_key = 'x'") == []


@pytest.mark.parametrize("usage_sink", ["totals", "deltas"])
@pytest.mark.parametrize("dropped", [False, True])
def test_usage_rejected_for_a_reason_that_ends_goes_again(
    flow: Flow, company: Company, provider: Any, dropped: bool
) -> None:
    if dropped:
        flow.sim.control("webhooks", drop=1000)
    at = flow.now
    flow.use(company, "operator_minutes", 30, occurred_at=at)
    flow.flush(company)
    flow.sim.control("reject_usage", code="archived_meter", count=1)
    flow.use(company, "operator_minutes", 12, occurred_at=at)
    flow.flush(company)
    assert [row.sent_total for row in flow.buckets(company)] == [42]
    reported(flow)
    if dropped:
        backfill(flow, provider, company)
    else:
        flow.deliver(provider, company)
    [row] = flow.buckets(company)
    assert (row.sent_total if flow.gateway.usage_sink == "deltas" else 30, row.state) == (
        30, "dirty",
    )  # fmt: skip
    flow.flush(company)
    flow.sim.control("webhooks", drop=0)
    flow.into_next_period(company)
    assert flow.invoiced(company, MINUTES) == 42


@pytest.mark.parametrize("usage_sink", ["totals", "deltas"])
def test_usage_rejected_for_good_is_a_finding(flow: Flow, company: Company, provider: Any) -> None:
    flow.sim.control("reject_usage", code="meter_event_invalid_value", count=1)
    flow.use(company, "operator_minutes", 12)
    flow.flush(company)
    reported(flow)
    flow.deliver(provider, company)
    [row] = flow.buckets(company)
    assert (row.total, row.sent_total, row.state) == (12, 0, "rejected")
    [(kind, _, expected, actual)] = findings(flow, company)
    assert (kind, expected, actual) == ("rejected", "12", "meter_event_invalid_value")
    assert [row.state for row in inbox(flow, provider)][-1] == "done"


def test_a_rejection_that_was_overtaken_changes_nothing(
    flow: Flow, company: Company, provider: Any
) -> None:
    at = flow.now
    flow.sim.control("reject_usage", code="archived_meter", count=1)
    flow.use(company, "operator_minutes", 12, occurred_at=at)
    flow.flush(company)
    flow.use(company, "operator_minutes", 5, occurred_at=at)
    flow.flush(company)
    before = flow.buckets(company)
    reported(flow)
    flow.deliver(provider, company)
    assert flow.buckets(company) == before


def test_a_dispute_asks_for_attention_and_suspends_nobody(
    flow: Flow, company: Company, provider: Any
) -> None:
    invoice = flow.stage.value(
        "SELECT stripe_invoice_id FROM stripe_invoices WHERE tenant_id = :t", t=company.id
    )
    made = flow.sim.control("dispute", invoice=invoice)["dispute"]
    flow.deliver(provider, company)
    attention = "SELECT attention FROM billing_accounts WHERE tenant_id = :t"
    assert flow.stage.value(attention, t=company.id) == "disputed"
    assert access(flow, company) == ("active", True)
    [row] = flow.stage.rows(
        "SELECT stripe_dispute_id, stripe_invoice_id, status FROM stripe_disputes"
        " WHERE tenant_id = :t", t=company.id,
    )  # fmt: skip
    assert tuple(row) == (made, invoice, "needs_response")
    flow.sim.control("decide_dispute", dispute=made, status="won")
    flow.deliver(provider, company)
    assert flow.stage.value(attention, t=company.id) == ""
    assert access(flow, company) == ("active", True)


def test_a_dispute_that_ended_unheard_is_noticed_by_the_hourly_look(
    flow: Flow, company: Company, provider: Any
) -> None:
    """What counts is what Stripe says when it is asked, not the event."""
    invoice = flow.stage.value(
        "SELECT stripe_invoice_id FROM stripe_invoices WHERE tenant_id = :t", t=company.id
    )
    made = flow.sim.control("dispute", invoice=invoice)["dispute"]
    flow.deliver(provider, company)
    flow.sim.control("webhooks", drop=1000)
    flow.sim.control("decide_dispute", dispute=made, status="lost")
    flow.enqueue(company, "sync_customer")
    flow.work(company)
    [row] = flow.stage.rows("SELECT status FROM stripe_disputes WHERE tenant_id = :t", t=company.id)
    assert row.status == "lost"
    assert flow.stage.value(
        "SELECT attention FROM billing_accounts WHERE tenant_id = :t", t=company.id
    ) == ""  # fmt: skip


def test_prices_that_somebody_changed_at_stripe_are_found(
    flow: Flow, company: Company, provider: Any
) -> None:
    flow.enqueue(provider, "reconcile_provider")
    flow.work(provider)
    kinds = {(kind, subject) for kind, subject, *_ in findings(flow, provider)}
    # the plan by agreement alone was opened, so the others aren't pushed yet
    assert ("catalogue", "push-catalogue") in kinds
    with flow.sim.store.lock:
        for price in flow.sim.store.table("prices").values():
            if price["lookup_key"] == "coulisse_v1_base":
                price["active"] = False
    flow.enqueue(provider, "reconcile_provider", key="second")
    flow.work(provider)
    found = {subject: actual for _, subject, _, actual in findings(flow, provider)}
    assert found["coulisse_v1_base"] == "missing"
