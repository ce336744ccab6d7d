"""An agreed price becomes exactly one item on the client's next invoice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.service_requests.queries import get_request
from app.service_requests.services import decisions, ending
from tests.billing.flow.house import Flow
from tests.factories import Company, Person, World, acting
from tests.factories.lifecycle import Made, go_on
from tests.factories.offers import accept, make_offer, make_outside

PRICE = 123_45


def agreed(flow: Flow, world: World, company: Company) -> Made:
    made = make_outside(flow.stage, company, at=flow.now)
    make_offer(flow.stage, made, world.operator_a, price=PRICE, at=flow.now)
    accept(flow.stage, made, company.approver, at=flow.now)
    return made


def deliver(flow: Flow, world: World, made: Made) -> None:
    go_on(
        flow.stage, made, "delivered", operator=world.operator_a, reviewer=world.supervisor,
        at=flow.now,
    )  # fmt: skip


def at_stripe(flow: Flow) -> list[dict[str, Any]]:
    return list(flow.sim.store.table("invoiceitems").values())


def records(flow: Flow, company: Company) -> list[Any]:
    return flow.stage.rows("SELECT * FROM invoice_items WHERE tenant_id = :t", t=company.id)


def test_delivered_work_stands_on_the_next_invoice_with_vat(
    flow: Flow, company: Company, world: World
) -> None:
    made = agreed(flow, world, company)
    flow.work(company)
    assert at_stripe(flow) == []
    deliver(flow, world, made)
    [record] = records(flow, company)
    assert (record.amount, record.currency, record.stripe_item_id) == (PRICE, "EUR", None)
    flow.work(company)
    [item] = at_stripe(flow)
    [record] = records(flow, company)
    assert record.stripe_item_id == item["id"]
    assert item["metadata"] == {"tenant_id": str(company.id), "item_id": str(record.id)}
    assert item["description"] == f"Request {made.number}, agreed price"
    assert item["invoice"] is None

    flow.into_next_period(company)
    [line] = flow.stage.rows(
        "SELECT l.amount, l.currency, l.description, i.total_tax, i.subtotal"
        " FROM stripe_invoice_lines l JOIN stripe_invoices i USING (tenant_id, stripe_invoice_id)"
        " WHERE l.tenant_id = :t AND l.stripe_item_id = :i", t=company.id, i=item["id"],
    )  # fmt: skip
    assert (line.amount, line.currency) == (PRICE, "EUR")
    taxed = flow.stage.value("SELECT country FROM tenants WHERE id = :t", t=company.id) == "FR"
    assert taxed
    assert abs(line.total_tax - line.subtotal * 20 // 100) <= 3


def test_the_page_tells_what_an_agreed_price_was_for(
    flow: Flow, company: Company, world: World, sign_in_as: Callable[[Person], FlaskClient]
) -> None:
    made = agreed(flow, world, company)
    deliver(flow, world, made)
    flow.work(company)
    browser = sign_in_as(company.admin)
    page = browser.get(company.url("subscription")).text
    assert "Agreed prices on the next invoice" in page
    assert f"{made.url}/evidence" in page
    assert "Waits for the next invoice." in browser.get(f"{made.url}/evidence").text
    flow.into_next_period(company)
    assert "Agreed prices on the next invoice" not in browser.get(company.url("subscription")).text
    number = flow.stage.value(
        "SELECT i.number FROM stripe_invoices i JOIN stripe_invoice_lines l"
        " USING (tenant_id, stripe_invoice_id) WHERE l.tenant_id = :t AND l.stripe_item_id <> ''",
        t=company.id,
    )
    page = browser.get(company.url(f"subscription/invoices/{number}")).text
    assert f'{made.url}/evidence">Request {made.number}, agreed price' in page
    assert "123.45" in page
    chain = browser.get(f"{made.url}/evidence").text
    assert f"subscription/invoices/{number}" in chain
    assert company.approver.name in chain


def test_a_job_that_runs_again_makes_no_second_item(
    flow: Flow, company: Company, world: World
) -> None:
    made = agreed(flow, world, company)
    deliver(flow, world, made)
    flow.work(company)
    # The worker died between Stripe's answer and its note of it.
    flow.stage.run(
        "UPDATE outbox SET state = 'sending' WHERE tenant_id = :t"
        " AND verb = 'create_invoice_item'", t=company.id,
    )  # fmt: skip
    flow.stage.run("UPDATE invoice_items SET stripe_item_id = NULL WHERE tenant_id = :t",
                   t=company.id)  # fmt: skip
    flow.stage.run(
        "UPDATE jobs SET state = 'queued' WHERE tenant_id = :t AND name = 'outbox.deliver_stripe'"
        " AND args->>'effect_id' = (SELECT id::text FROM outbox WHERE tenant_id = :t"
        " AND verb = 'create_invoice_item')", t=company.id,
    )  # fmt: skip
    assert flow.work(company) >= 1
    [item] = at_stripe(flow)
    [record] = records(flow, company)
    assert record.stripe_item_id == item["id"]


def test_delivered_again_after_a_reopening_is_no_second_item(
    flow: Flow, company: Company, world: World
) -> None:
    made = agreed(flow, world, company)
    deliver(flow, world, made)
    # Back in progress, as a reopening leaves it.
    flow.stage.run(
        "UPDATE requests SET state = 'in_progress', delivered_at = NULL WHERE id = :i", i=made.id
    )
    deliver(flow, world, made)
    flow.work(company)
    assert len(records(flow, company)) == len(at_stripe(flow)) == 1


def test_cancelled_before_delivery_costs_nothing(
    flow: Flow, company: Company, world: World
) -> None:
    made = agreed(flow, world, company)
    with acting(flow.stage, company.user.scope()):
        actor = company.user.actor()
        ending.cancel_request(
            request=get_request(actor=actor, number=made.number), actor=actor, now=flow.now,
            reason="not needed",
        )  # fmt: skip
    flow.into_next_period(company)
    assert records(flow, company) == at_stripe(flow) == []


def pass_and_fail(flow: Flow, world: World, made: Made) -> None:
    actor = world.supervisor.actor(made.company, level="review")
    with acting(flow.stage, world.supervisor.scope(made.company)):
        decisions.pass_review(
            request=get_request(actor=actor, number=made.number), actor=actor, now=flow.now
        )
        raise ZeroDivisionError


def test_a_delivery_that_fails_leaves_no_item(flow: Flow, company: Company, world: World) -> None:
    made = agreed(flow, world, company)
    go_on(
        flow.stage, made, "in_review", operator=world.operator_a, reviewer=world.supervisor,
        at=flow.now,
    )  # fmt: skip
    with pytest.raises(ZeroDivisionError):
        pass_and_fail(flow, world, made)
    assert records(flow, company) == []


def test_what_is_delivered_before_the_customer_exists_waits_for_it(
    flow: Flow, world: World
) -> None:
    company = world.a
    made = agreed(flow, world, company)
    deliver(flow, world, made)
    assert [row.stripe_item_id for row in records(flow, company)] == [None]
    flow.subscribe(company)
    flow.deliver(company)
    [item] = at_stripe(flow)
    assert [row.stripe_item_id for row in records(flow, company)] == [item["id"]]


def test_the_price_covers_the_minutes(flow: Flow, company: Company, world: World) -> None:
    deliver(flow, world, agreed(flow, world, company))
    assert flow.stage.rows(
        "SELECT DISTINCT billable FROM time_entries WHERE tenant_id = :t", t=company.id
    ) == [(False,)]
    assert flow.buckets(company) == []
