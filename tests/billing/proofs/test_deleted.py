"""Somebody deletes the customer at Stripe when usage is on its way, a draft waits and a contest is
open: everything comes to an end, nothing is forgotten, and whoever looks finds it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.billing.flow.house import Flow
from tests.billing.flow.test_access import access
from tests.billing.flow.test_backfill import findings
from tests.billing.flow.test_contests import MINUTES, address, contest, decide, row, usage_id
from tests.billing.flow.test_deleted_customer import delete
from tests.effort import PROVE
from tests.factories import Company, Person, World
from tests.factories.lifecycle import make_request

SignIn = Callable[[Person], FlaskClient]


def to_the_draft(flow: Flow) -> None:
    """The renewal's invoice is drafted, and nobody heard of it yet."""
    flow.sim.control("webhooks", drop=10_000)
    assert not flow.sim.control("advance", days=40, stop_at_draft=True)["reached"]
    flow.follow()
    flow.sim.control("webhooks", drop=0)


def settle(flow: Flow, company: Company) -> None:
    """The hour's and the night's jobs until all of them came to an end."""
    flow.deliver()
    for verb in ("sync_customer", "send_usage", "look_at_access", "reconcile"):
        flow.enqueue(company, verb)
    for _ in range(200):
        if not flow.work(company, fails=True):
            return
    raise AssertionError("the jobs never end")


def seen(flow: Flow, company: Company) -> Any:
    return (
        flow.mirror(company),
        findings(flow, company),
        access(flow, company),
        flow.stage.value("SELECT count(*) FROM outbox WHERE tenant_id = :t", t=company.id),
    )


@pytest.mark.parametrize("verdict", ["upheld", "answered"] if PROVE else ["upheld"])
@pytest.mark.parametrize("drafted", [True, False], ids=["a draft waits", "within the month"])
def test_deleted_in_the_midst_of_it_all(
    flow: Flow, company: Company, world: World, sign_in_as: SignIn, verdict: str, drafted: bool
) -> None:
    make_request(
        flow.stage, company, item="payment_control", state="delivered", at=flow.now,
        operator=world.operator_a, reviewer=world.supervisor,
    )  # fmt: skip
    assert contest(
        sign_in_as(company.admin), company, usage_id(flow, company)
    ).status_code == 303  # fmt: skip
    flow.flush(company)
    if drafted:
        to_the_draft(flow)
    # On its way: not sent, and sent in part.
    flow.use(company, MINUTES, 30, occurred_at=flow.now - timedelta(hours=1))
    flow.use(company, "statement_lines", 700)
    delete(flow, company)
    settle(flow, company)
    office = sign_in_as(world.provider_admin)
    assert decide(office, address(flow, company), verdict).status_code == 303
    settle(flow, company)
    settle(flow, company)
    before = seen(flow, company)
    settle(flow, company)
    assert seen(flow, company) == before, "it came to rest"
    assert access(flow, company) == ("cancelled", False)
    open_effects = flow.stage.rows(
        "SELECT verb, state FROM outbox WHERE tenant_id = :t"
        " AND state <> 'done'", t=company.id,
    )  # fmt: skip
    assert open_effects == []
    found = {(kind, actual) for kind, _, _, actual in findings(flow, company)}
    assert ("unbilled", "no customer") in found, found
    assert row(flow, company).outcome in ("reversed", "credited", "nothing")
    kept = flow.stage.value(
        "SELECT sum(quantity) FROM usage_events WHERE tenant_id = :t AND quantity > 0"
        " AND source_type = 'test'", t=company.id,
    )  # fmt: skip
    assert kept == 730, "what was used is still written down"
