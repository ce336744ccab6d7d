"""Real processes, killed between Stripe's answer and our note of it: what was asked is there once."""

from __future__ import annotations

import os
import signal

import pytest

from billing import services
from tests import warm
from tests.billing.conftest import KEY, SECRET
from tests.billing.flow.house import Flow
from tests.billing.flow.test_invoice_items import agreed, at_stripe, deliver
from tests.billing.flow.test_sending import MINUTES
from tests.factories import Company, World
from workers.execution import Runner
from workers.timing import Timing


def kill_at(flow: Flow, company: Company, verb: str, *, job: str) -> None:
    """Runs what is due until the job, or the effect, of this name, whose process dies."""
    for _ in range(20):
        taken = flow._take(company)
        assert taken is not None, "the job never came"
        [row] = flow.stage.rows(
            "SELECT j.name, o.verb FROM jobs j LEFT JOIN outbox o ON o.tenant_id = j.tenant_id"
            " AND o.id::text = j.args->>'effect_id' WHERE j.id = :i", i=taken.id,
        )  # fmt: skip
        if job not in (row.name, row.verb):
            Runner(flow.stage.app, timing=Timing()).execute(
                str(company.id), str(taken.id), taken.attempt
            )
            continue
        ended = warm.run(
            "tests.billing.flow.dying", str(company.id), str(taken.id), str(taken.attempt), verb,
            env=os.environ | {"STRIPE_API_BASE": flow.sim.base, "STRIPE_SECRET_KEY": KEY,
                              "STRIPE_WEBHOOK_SECRET": SECRET,
                              "USAGE_SINK": flow.gateway.usage_sink},
            timeout=60,
        )  # fmt: skip
        assert ended.returncode == -signal.SIGKILL, ended.stderr[-2000:]
        # As the dispatcher does it once the lease has run out.
        flow.stage.run("UPDATE jobs SET state = 'queued' WHERE id = :i", i=taken.id)
        return
    raise AssertionError("the job never came")


@pytest.mark.parametrize("usage_sink", ["totals", "deltas"])
def test_usage_counts_once(flow: Flow, company: Company) -> None:
    flow.use(company, "operator_minutes", 30)
    flow.enqueue(company, "send_usage", flush=True)
    kill_at(flow, company, "send_meter_event", job="billing.send_usage")
    assert [row.state for row in flow.buckets(company)] == ["sending"]
    flow.work(company)
    assert [row.state for row in flow.buckets(company)] == ["sent"]
    flow.into_next_period(company)
    assert flow.invoiced(company, MINUTES) == 30


def test_a_subscription_begins_once(flow: Flow, world: World) -> None:
    with flow.acting(world.a):
        services.request_subscription(actor=flow.actor(world.a), now=flow.now, card="pm_card_visa")
    kill_at(flow, world.a, "create_subscription", job="create_subscription")
    flow.work(world.a)
    flow.deliver(world.a)
    assert flow.sim.look("state")["counts"]["subscriptions"] == 1
    assert len(flow.mirror(world.a)["subscriptions"]) == 1


def test_an_item_is_made_once(flow: Flow, company: Company, world: World) -> None:
    deliver(flow, world, agreed(flow, world, company))
    kill_at(flow, company, "create_invoice_item", job="create_invoice_item")
    flow.work(company)
    assert len(at_stripe(flow)) == 1
