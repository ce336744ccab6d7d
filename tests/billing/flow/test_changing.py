"""Another plan: what was shown is what is charged, or what is planned."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import requests
from flask.testing import FlaskClient

from billing.plans import EXTENDED, STANDARD
from tests.billing.flow.house import Flow
from tests.billing.flow.plans import (
    access,
    act,
    ask,
    changed,
    changes,
    choose,
    items,
    plan_now,
    subscription,
)
from tests.factories import Company, Person, World

SignIn = Callable[[Person], FlaskClient]


def page(admin: FlaskClient, company: Company, path: str = "subscription/change") -> str:
    return html.unescape(admin.get(company.url(path)).text)


def invoices(flow: Flow, company: Company, reason: str = "subscription_update") -> list[Any]:
    return list(
        flow.stage.rows(
            "SELECT * FROM stripe_invoices WHERE tenant_id = :t AND billing_reason = :r"
            " ORDER BY invoiced_at",
            t=company.id, r=reason,
        )
    )  # fmt: skip


def test_an_upgrade_costs_what_was_shown_and_keeps_the_usage(
    flow: Flow, paying: Company, admin: FlaskClient
) -> None:
    flow.use(paying, "operator_minutes", 700)
    flow.flush(paying)
    assert ask(admin, paying, "extended").status_code == 202
    flow.work(paying)
    assert ask(admin, paying, "extended").status_code == 303
    [asked] = changes(flow, paying)
    assert (asked.kind, asked.state) == ("upgrade", "asked")
    shown = page(admin, paying)
    assert "Credit for what is left of Standard" in shown
    assert "Extended for the rest of the period" in shown
    before = flow.sim.look("state")["counts"]["invoices"]
    assert act(admin, paying, "confirm", asked).status_code == 303
    assert act(admin, paying, "confirm", asked).status_code == 303, "twice is once"
    flow.work(paying)
    flow.deliver(paying)
    [done] = changes(flow, paying)
    assert done.state == "done"
    assert plan_now(flow, paying) == ("extended", "month")
    assert items(flow, paying) == {part.lookup_key for part in EXTENDED.priced("month")}
    [charged] = invoices(flow, paying)
    assert flow.sim.look("state")["counts"]["invoices"] == before + 1
    assert (charged.status, charged.amount_due) == ("paid", asked.figures["due"])
    assert charged.total == asked.figures["total"] > 0
    assert "Your plan is Extended now" in page(admin, paying)
    # the whole month's usage at the new plan's quota and price, on one invoice
    flow.use(paying, "operator_minutes", 900)
    flow.into_next_period(paying)
    minutes = EXTENDED.part_of("operator_minutes")
    assert minutes is not None
    rows = flow.stage.rows(
        "SELECT quantity, amount FROM stripe_invoice_lines WHERE tenant_id = :t AND lookup_key = :k"
        " AND quantity > 0 ORDER BY place",
        t=paying.id, k=minutes.lookup_key,
    )  # fmt: skip
    assert [(int(row.quantity), row.amount) for row in rows] == [(1500, 0), (100, 8500)]
    flow.enqueue(paying, "reconcile")
    flow.work(paying)
    findings = flow.stage.rows(
        "SELECT kind, subject FROM reconcile_findings WHERE tenant_id = :t", t=paying.id
    )
    assert findings == []


def test_a_charge_that_fails_leaves_the_plan_until_it_is_paid(
    flow: Flow, paying: Company, admin: FlaskClient
) -> None:
    flow.sim.control("fail_next_charge", customer=flow.customer(paying))
    waiting = changed(flow, admin, paying, "extended")
    assert (waiting.state, waiting.problem) == ("sent", "unpaid")
    assert plan_now(flow, paying) == ("standard", "month")
    assert access(flow, paying) == "active", "nothing is owed for a plan that nobody has"
    told = flow.stage.rows(
        "SELECT args ->> 'link' AS link FROM jobs WHERE tenant_id = :t"
        " AND name = 'notifications.tell' AND args ->> 'event' = 'billing.change_unpaid'",
        t=paying.id,
    )  # fmt: skip
    assert [row.link for row in told] == ["subscription/change"]
    shown = page(admin, paying)
    assert "You stay on Standard" in shown
    [invoice] = invoices(flow, paying)
    assert invoice.hosted_url in shown
    assert "waits for its payment" in page(admin, paying, "subscription")
    assert ask(admin, paying, "essential").status_code == 409
    requests.post(invoice.hosted_url, data={"action": "pay"}, timeout=10)
    flow.deliver(paying)
    assert changes(flow, paying)[-1].state == "done"
    assert items(flow, paying) == {part.lookup_key for part in EXTENDED.priced("month")}


def test_one_that_is_never_paid_is_over_and_can_be_dropped_before(
    flow: Flow, paying: Company, admin: FlaskClient
) -> None:
    flow.sim.control("fail_next_charge", customer=flow.customer(paying))
    changed(flow, admin, paying, "extended")
    flow.advance(paying, days=1)
    assert changes(flow, paying)[-1].problem == "never_paid"
    assert "did not come" in page(admin, paying)
    flow.sim.control("fail_next_charge", customer=flow.customer(paying))
    waiting = changed(flow, admin, paying, "extended")
    assert act(admin, paying, "withdraw", waiting).status_code == 303
    flow.work(paying)
    flow.deliver(paying)
    assert [row.status for row in invoices(flow, paying)] == ["void", "void"]
    assert items(flow, paying) == {part.lookup_key for part in STANDARD.priced("month")}
    assert ask(admin, paying, "essential").status_code in (202, 303)


def test_a_downgrade_comes_with_the_next_period(
    flow: Flow, paying: Company, admin: FlaskClient
) -> None:
    planned = changed(flow, admin, paying, "essential")
    assert (planned.kind, planned.state) == ("downgrade", "planned")
    assert planned.effective_at.day == 1
    assert "Stay on Standard" in page(admin, paying)
    assert "Essential from" in page(admin, paying, "subscription")
    assert plan_now(flow, paying) == ("standard", "month")
    flow.use(paying, "operator_minutes", 500)
    flow.into_next_period(paying)
    assert changes(flow, paying)[-1].state == "done"
    assert plan_now(flow, paying) == ("essential", "month")
    renewal = invoices(flow, paying, "subscription_cycle")[-1]
    lines = flow.stage.rows(
        "SELECT lookup_key, sum(amount) AS amount FROM stripe_invoice_lines WHERE tenant_id = :t"
        " AND stripe_invoice_id = :i AND amount > 0 GROUP BY 1",
        t=paying.id, i=renewal.stripe_invoice_id,
    )  # fmt: skip
    # what was used is at the old price, what begins at the new
    assert {row.lookup_key: int(row.amount) for row in lines} == {
        "essential_v1_base_month": 29_000, "standard_v1_operator_minutes": 20 * 92,
    }  # fmt: skip


def test_withdrawn_everything_stays(flow: Flow, paying: Company, admin: FlaskClient) -> None:
    planned = changed(flow, admin, paying, "essential")
    assert ask(admin, paying, "extended").status_code == 409
    assert act(admin, paying, "withdraw", planned).status_code == 303
    busy = ask(admin, paying, "essential")
    assert busy.status_code == 409
    assert "still on its way" in busy.text
    flow.work(paying)
    flow.deliver(paying)
    flow.into_next_period(paying)
    assert plan_now(flow, paying) == ("standard", "month")
    assert changes(flow, paying)[-1].state == "withdrawn"
    assert [row["status"] for row in flow.sim.store.table("subscription_schedules").values()] == [
        "released"
    ]


def test_on_trial_any_plan_is_free_and_at_once(
    flow: Flow, world: World, admin: FlaskClient
) -> None:
    choose(flow, admin, world.a, "extended")
    done = changed(flow, admin, world.a, "essential")
    assert (done.kind, done.state) == ("downgrade", "done")
    assert plan_now(flow, world.a) == ("essential", "month")
    assert invoices(flow, world.a) == []
    assert subscription(flow, world.a).status == "trialing"


def test_from_the_month_to_the_year_and_back(
    flow: Flow, paying: Company, admin: FlaskClient
) -> None:
    done = changed(flow, admin, paying, "standard", "year")
    assert (done.kind, done.state) == ("upgrade", "done")
    assert plan_now(flow, paying) == ("standard", "year")
    back = changed(flow, admin, paying, "standard")
    assert (back.kind, back.state) == ("downgrade", "planned")
    assert (back.effective_at - flow.now).days > 300
    flow.into_next_period(paying)
    assert changes(flow, paying)[-1].state == "planned"


def test_figures_that_are_too_old_are_not_charged(
    flow: Flow, paying: Company, admin: FlaskClient
) -> None:
    if ask(admin, paying, "extended").status_code == 202:
        flow.work(paying)
        ask(admin, paying, "extended")
    [asked] = changes(flow, paying)
    flow.stage.run(
        "UPDATE plan_changes SET asked_at = asked_at - interval '31 minutes' WHERE id = :i",
        i=asked.id,
    )
    said = act(admin, paying, "confirm", asked)
    assert said.status_code == 409
    assert "too old" in said.text
    assert "Look again" in page(admin, paying)
    ask(admin, paying, "extended")
    first, second = changes(flow, paying)
    assert (first.state, second.state) == ("withdrawn", "asked")
    assert act(admin, paying, "confirm", first).status_code == 409, "not the one that was shown"
    flow.into_next_period(paying)
    assert act(admin, paying, "confirm", second).status_code == 409, "the period turned"
    assert invoices(flow, paying) == []


def test_a_plan_that_is_too_small_says_by_how_much(
    flow: Flow, paying: Company, admin: FlaskClient
) -> None:
    for number in range(6):
        flow.stage.run(
            "INSERT INTO files (tenant_id, id, name, content_type, size, sha256)"
            " VALUES (:t, uuidv7(), 'x.pdf', 'application/pdf', 1000000000, :h)",
            t=paying.id, h=f"{number:064x}",
        )  # fmt: skip
    said = ask(admin, paying, "essential")
    assert said.status_code == 409
    assert "5 GB" in html.unescape(said.text)
    assert "6.0 GB" in html.unescape(said.text)
    assert changes(flow, paying) == []


def test_who_may_and_when(
    flow: Flow, world: World, paying: Company, admin: FlaskClient, sign_in_as: SignIn
) -> None:
    user = sign_in_as(paying.user)
    assert ask(user, paying, "extended").status_code == 403
    assert ask(admin, paying, "coulisse").status_code == 422
    assert ask(admin, paying, "standard").status_code == 409, "the one they have"
    changed(flow, admin, paying, "essential")
    row = changes(flow, paying)[-1]
    stranger = sign_in_as(world.b.admin)
    assert act(stranger, world.b, "withdraw", row).status_code == 404
    flow.sim.control("fail_next_charge", count=50)
    act(admin, paying, "withdraw", row)
    flow.work(paying)
    flow.into_next_period(paying)
    assert access(flow, paying) == "grace"
    said = ask(admin, paying, "extended")
    assert said.status_code == 409
    assert "Pay what is open first" in said.text


def test_a_plan_by_agreement_is_talked_about(
    flow: Flow, company: Company, admin: FlaskClient
) -> None:
    said = ask(admin, company, "standard")
    assert said.status_code == 409
    assert "Talk to us" in said.text


def test_stripe_away_nothing_is_asked(flow: Flow, paying: Company, admin: FlaskClient) -> None:
    ask(admin, paying, "extended")
    flow.work(paying)
    flow.sim.control("faults", status=500, count=20)
    assert ask(admin, paying, "extended").status_code == 503
    assert changes(flow, paying) == []
