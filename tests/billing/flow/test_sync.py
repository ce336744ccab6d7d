"""The mirror ends where Stripe is, whatever happens to the events."""

from __future__ import annotations

import random

import pytest

from billing import services
from tests.billing.flow.house import Flow
from tests.factories import Company, World

pytestmark = pytest.mark.parametrize("usage_sink", ["totals", "deltas"])


def fresh(flow: Flow, company: Company) -> dict[str, list[tuple[object, ...]]]:
    flow.enqueue(company, "sync_customer")
    flow.work(company)
    return flow.mirror(company)


def test_a_subscription_starts_once(flow: Flow, world: World) -> None:
    for _ in range(3):
        flow.subscribe(world.a)
    flow.deliver(world.a)
    state = flow.gateway.fetch_customer_state(flow.customer(world.a))
    assert [sub["status"] for sub in state["subscriptions"]] == ["active"]
    assert len(flow.mirror(world.a)["subscription_items"]) == 3
    assert flow.stage.value(
        "SELECT has_payment_method FROM billing_accounts WHERE tenant_id = :t", t=world.a.id
    )


@pytest.mark.parametrize("seed", range(3))
def test_a_storm_of_events_ends_where_stripe_is(flow: Flow, company: Company, seed: int) -> None:
    """Doubled, shuffled, partly lost; jobs between them at any moment."""
    dice = random.Random(seed)
    flow.sim.control("webhooks", duplicate=True, shuffle=True, drop=dice.randrange(6))
    flow.use(company, "operator_minutes", 40)
    flow.flush(company)
    if seed == 2:
        flow.sim.control("fail_next_charge", count=1)
    flow.into_next_period(company)
    flow.sim.control("redeliver", all=True)
    flow.deliver(company)
    flow.sim.control("webhooks", duplicate=False, shuffle=False, drop=0)
    seen = flow.mirror(company)
    assert flow.invoiced(company, "coulisse_v1_operator_minutes") == 40
    assert fresh(flow, company) == seen
    state = flow.gateway.fetch_customer_state(flow.customer(company))
    assert sorted((row[0], row[2], row[5]) for row in seen["stripe_invoices"]) == sorted(
        (one["id"], one["status"], one["total"]) for one in state["invoices"]
    )


def test_events_that_never_arrive_are_made_up_for(flow: Flow, company: Company) -> None:
    flow.sim.control("webhooks", drop=1000)
    flow.into_next_period(company)
    assert len(flow.mirror(company)["stripe_invoices"]) == 1
    assert len(fresh(flow, company)["stripe_invoices"]) == 2


def test_of_two_syncs_the_slower_gives_way(flow: Flow, company: Company) -> None:
    """What was fetched earlier never overwrites what was fetched later."""
    with flow.acting(company):
        slow = services.begin_sync()
        assert slow is not None
        old = services.call_fetch_state(begun=slow, now=flow.now)
    flow.into_next_period(company)
    after = flow.mirror(company)
    with flow.acting(company):
        assert services.apply_sync(begun=slow, state=old, now=flow.now) is False
    assert flow.mirror(company) == after


def test_a_refused_effect_ends_in_quarantine_with_a_sentence(flow: Flow, world: World) -> None:
    with flow.acting(world.a):
        services.request_subscription(actor=flow.actor(world.a), now=flow.now, card="pm_unknown")
    flow.work(world.a, fails=True)
    flow.work(world.a, fails=True)
    assert any("attach_card" in sentence for sentence in flow.failed)
    [row] = flow.stage.rows(
        "SELECT state, error FROM outbox WHERE tenant_id = :t AND verb = 'attach_card'",
        t=world.a.id,
    )
    assert row.state == "dead"
