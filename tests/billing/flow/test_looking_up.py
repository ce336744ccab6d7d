"""An answer that got lost, and a day later: Stripe has forgotten the key, so it is asked first."""

from __future__ import annotations

from typing import Any

import pytest

from billing import effects, looking_up, services
from tests.billing.flow.house import Flow
from tests.billing.flow.test_invoice_items import agreed, at_stripe, deliver
from tests.factories import Company, World

AGE = (
    "UPDATE outbox SET state = 'sending', first_attempt_at = now() - interval '25 hours'"
    " WHERE tenant_id = :t AND verb = :v"
)
LOSE = {
    "create_customer": "/v1/customers",
    "create_subscription": "/v1/subscriptions",
    "create_invoice_item": "/v1/invoiceitems",
    "invoice_remaining": "/v1/invoices",
}


def lose(flow: Flow, verb: str, *, arrives: bool) -> None:
    """All tries of one delivery."""
    fault: dict[str, Any] = {"lost": True} if arrives else {"status": 500}
    flow.sim.control("faults", path=LOSE[verb], count=3, **fault)


def a_day_later(flow: Flow, company: Company, verb: str) -> None:
    [row] = flow.stage.rows(
        "SELECT state FROM outbox WHERE tenant_id = :t AND verb = :v", t=company.id, v=verb
    )
    assert row.state == "sending"
    flow.sim.control("faults", clear=True)
    flow.sim.control("advance", seconds=25 * 3600)
    flow.follow()
    with flow.sim.store.lock:
        flow.sim.store.data["idempotency"].clear()
    flow.stage.run(AGE, t=company.id, v=verb)
    flow.work(company)
    assert flow.stage.value(
        "SELECT state FROM outbox WHERE tenant_id = :t AND verb = :v", t=company.id, v=verb
    ) == "done"  # fmt: skip


def test_every_verb_is_looked_up_or_may_be_repeated() -> None:
    assert {*looking_up.REPEATABLE, *looking_up.LOOKED_UP} == set(effects.PERFORMED)
    assert not {*looking_up.REPEATABLE} & {*looking_up.LOOKED_UP}


@pytest.mark.parametrize("arrives", [True, False])
@pytest.mark.parametrize("verb", ["create_customer", "create_subscription"])
def test_a_lost_start_is_one_start(flow: Flow, world: World, verb: str, arrives: bool) -> None:
    lose(flow, verb, arrives=arrives)
    with flow.acting(world.a):
        services.request_subscription(actor=flow.actor(world.a), now=flow.now, card="pm_card_visa")
    flow.work(world.a, fails=True)
    a_day_later(flow, world.a, verb)
    flow.deliver(world.a)
    counts = flow.sim.look("state")["counts"]
    assert (counts["customers"], counts["subscriptions"]) == (1, 1)
    [sub] = flow.mirror(world.a)["subscriptions"]
    assert sub[1] == "active"


@pytest.mark.parametrize("arrives", [True, False])
def test_a_lost_item_is_one_item(flow: Flow, company: Company, world: World, arrives: bool) -> None:
    lose(flow, "create_invoice_item", arrives=arrives)
    deliver(flow, world, agreed(flow, world, company))
    flow.work(company, fails=True)
    a_day_later(flow, company, "create_invoice_item")
    assert len(at_stripe(flow)) == 1
