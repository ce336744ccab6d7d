"""A negotiated price, from its proposal to the cent on the invoice and back to the plan's."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.billing.flow.house import Flow
from tests.factories import Company, Person, World
from tests.factories.people import make_staff
from tests.factories.plans import BASE, OPERATOR_MINUTES, STATEMENT_LINES
from tests.factories.prices import make_price, next_month

SignIn = Callable[[Person], FlaskClient]
LINES, MINUTES = STATEMENT_LINES.lookup_key, OPERATOR_MINUTES.lookup_key


@pytest.fixture
def maker(world: World, sign_in_as: SignIn) -> FlaskClient:
    return sign_in_as(world.provider_admin)


@pytest.fixture
def checker(flow: Flow, sign_in_as: SignIn) -> FlaskClient:
    return sign_in_as(make_staff(flow.stage, role="provider_admin", name="Second admin"))


def prices(company: Company, path: str = "") -> str:
    return f"/provider/companies/{company.slug}/prices{path}"


def propose(browser: FlaskClient, company: Company, starts_on: date, **changes: Any) -> None:
    given = {"price": LINES, "amount": "0,30", "starts_on": starts_on.isoformat(),
             "last_month": "", "reason": "volume", **changes}  # fmt: skip
    answer = browser.post(prices(company, "/new"), data=given)
    assert answer.status_code == 303, answer.text


def approve(flow: Flow, browser: FlaskClient, company: Company) -> None:
    price = flow.stage.value(
        "SELECT id FROM price_overrides WHERE tenant_id = :t ORDER BY id DESC LIMIT 1",
        t=company.id,
    )
    answer = browser.post(prices(company, f"/{price}/approve"))
    assert answer.status_code == 303, answer.text
    flow.work(company)


def renewals(flow: Flow, company: Company) -> list[dict[str, tuple[int, int]]]:
    """(quantity, amount) by part of the plan of each renewal, oldest first."""
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for row in flow.stage.rows(
        "SELECT i.number, l.lookup_key, l.quantity, l.amount FROM stripe_invoices i"
        " JOIN stripe_invoice_lines l USING (tenant_id, stripe_invoice_id)"
        " WHERE i.tenant_id = :t AND i.billing_reason = 'subscription_cycle'"
        " ORDER BY i.invoiced_at, l.place", t=company.id,
    ):  # fmt: skip
        assert row.lookup_key not in found.setdefault(row.number, {}), "one price for one period"
        found[row.number][row.lookup_key] = (int(row.quantity), row.amount)
    return list(found.values())


def schedules(flow: Flow) -> list[Any]:
    return list(flow.sim.store.table("subscription_schedules").values())


def agreed_at_stripe(flow: Flow) -> list[Any]:
    rows = flow.sim.store.table("prices").values()
    return [row for row in rows if "_agreed_" in (row["lookup_key"] or "")]


def test_agreed_for_a_month_and_back(
    flow: Flow, company: Company, maker: FlaskClient, checker: FlaskClient, sign_in_as: SignIn
) -> None:
    first = next_month(flow.now)
    propose(maker, company, first, last_month=first.isoformat())
    flow.work(company)
    assert agreed_at_stripe(flow) == [], "a proposal is no price yet"
    approve(flow, checker, company)
    [price] = agreed_at_stripe(flow)
    assert price["product"] == STATEMENT_LINES.product
    assert price["nickname"].startswith(f"Agreed from {first}")
    assert len(schedules(flow)) == 1

    flow.use(company, "statement_lines", 101)
    flow.into_next_period(company)
    browser = sign_in_as(company.admin)
    flow.use(company, "statement_lines", 101)
    page = html.unescape(browser.get(company.url("subscription")).text)
    assert "€30.30 before VAT, at €0.30 each" in page
    assert "approved by Second admin" in page
    assert "the plan's price is €0.325" in page
    assert "€30.30" in browser.get(company.url("subscription/usage?meter=statement_lines")).text
    for told in (company.url("contract"), f"/provider/companies/{company.slug}/contract"):
        reader = browser if told.startswith("/c/") else maker
        text = html.unescape(reader.get(told).text)
        assert "€0.30" in text
        assert "approved by Second admin" in text

    flow.into_next_period(company)
    flow.use(company, "statement_lines", 101)
    assert "at €0.325 each" in browser.get(company.url("subscription")).text
    flow.into_next_period(company)
    assert [one[LINES] for one in renewals(flow, company)] == [
        (101, 3283), (101, 3030), (101, 3283),
    ]  # fmt: skip
    assert all(one[BASE.lookup_key] == (1, 49000) for one in renewals(flow, company))
    assert [row["status"] for row in schedules(flow)] == ["released"]
    # Each line of usage still leads to its records, which sum up to it.
    number = flow.stage.value(
        "SELECT i.number FROM stripe_invoices i JOIN stripe_invoice_lines l"
        " USING (tenant_id, stripe_invoice_id) WHERE l.tenant_id = :t AND l.amount = 3030",
        t=company.id,
    )
    bill = html.unescape(browser.get(company.url(f"subscription/invoices/{number}")).text)
    assert bill.count("€30.30") >= 1
    records = browser.get(company.url(f"subscription/usage?meter=statement_lines&invoice={number}"))
    assert "€30.30" in records.text
    assert "101" in records.text


def test_the_base_fee_and_minutes_without_end(
    flow: Flow, company: Company, maker: FlaskClient, checker: FlaskClient
) -> None:
    first = next_month(flow.now)
    propose(maker, company, first, price=BASE.lookup_key, amount="400")
    approve(flow, checker, company)
    propose(maker, company, next_month(flow.now, 2), price=MINUTES, amount="0.8125")
    approve(flow, checker, company)
    for _ in range(3):
        flow.use(company, "operator_minutes", 10)
        flow.into_next_period(company)
    found = renewals(flow, company)
    assert [one[BASE.lookup_key][1] for one in found] == [40000] * 3
    assert [one[MINUTES][1] for one in found] == [950, 950, 813]
    assert [one[LINES][1] for one in found] == [0, 0, 0]


def test_agreed_anew_the_later_agreement_counts(
    flow: Flow, company: Company, maker: FlaskClient, checker: FlaskClient
) -> None:
    propose(maker, company, next_month(flow.now), amount="0.30")
    approve(flow, checker, company)
    # From the second month on at the plan's price again.
    propose(maker, company, next_month(flow.now, 2), amount="0.325")
    approve(flow, checker, company)
    for _ in range(3):
        flow.use(company, "statement_lines", 100)
        flow.into_next_period(company)
    assert [one[LINES][1] for one in renewals(flow, company)] == [3250, 3000, 3250]


def test_a_new_subscription_begins_with_it(flow: Flow, world: World) -> None:
    company = world.a
    make_price(
        flow.stage, company, unit_amount=Decimal(30), approved=True,
        starts_on=flow.now.date().replace(day=1),
    )  # fmt: skip
    flow.enqueue(company, "arrange_prices")
    flow.work(company)
    assert len(agreed_at_stripe(flow)) == 1
    flow.subscribe(company)
    flow.deliver(company)
    flow.use(company, "statement_lines", 100)
    flow.into_next_period(company)
    assert [one[LINES] for one in renewals(flow, company)] == [(100, 3000)]
    assert schedules(flow) == []


def test_agreed_before_there_is_a_subscription(
    flow: Flow, world: World, maker: FlaskClient, checker: FlaskClient
) -> None:
    propose(maker, world.a, next_month(flow.now))
    approve(flow, checker, world.a)
    assert schedules(flow) == []
    flow.subscribe(world.a)
    flow.deliver(world.a)
    assert len(schedules(flow)) == 1
    for _ in range(2):
        flow.use(world.a, "statement_lines", 100)
        flow.into_next_period(world.a)
    assert [one[LINES][1] for one in renewals(flow, world.a)] == [3250, 3000]


def test_applied_twice_it_is_one_price_and_one_schedule(
    flow: Flow, company: Company, maker: FlaskClient, checker: FlaskClient
) -> None:
    propose(maker, company, next_month(flow.now))
    approve(flow, checker, company)
    before = [dict(row) for row in schedules(flow)]
    # Workers died between Stripe's answers and their notes of them.
    flow.stage.run(
        "UPDATE outbox SET state = 'sending' WHERE tenant_id = :t"
        " AND verb IN ('open_agreed_price', 'change_prices')", t=company.id,
    )  # fmt: skip
    flow.stage.run(
        "UPDATE jobs SET state = 'queued' WHERE tenant_id = :t AND (name = 'billing.arrange_prices'"
        " OR name = 'outbox.deliver_stripe' AND args->>'effect_id' IN (SELECT id::text FROM outbox"
        " WHERE tenant_id = :t AND state = 'sending'))", t=company.id,
    )  # fmt: skip
    assert flow.work(company) >= 3
    assert [dict(row) for row in schedules(flow)] == before
    assert len(agreed_at_stripe(flow)) == 1


def test_an_earlier_course_that_comes_late_is_overtaken(
    flow: Flow, company: Company, maker: FlaskClient, checker: FlaskClient
) -> None:
    propose(maker, company, next_month(flow.now))
    approve(flow, checker, company)
    propose(maker, company, next_month(flow.now, 2), price=MINUTES, amount="0.80")
    approve(flow, checker, company)
    [held] = schedules(flow)
    course = [(one["start_date"], [i["price"] for i in one["items"]]) for one in held["phases"]]
    assert len(course) == 3
    # The first approval's effect, as if it had never reached Stripe before.
    effect = flow.stage.value(
        "UPDATE outbox SET state = 'sending', idempotency_key = 'late' WHERE id = (SELECT id FROM"
        " outbox WHERE tenant_id = :t AND verb = 'change_prices' ORDER BY id LIMIT 1) RETURNING id",
        t=company.id,
    )
    flow.stage.run(
        "UPDATE jobs SET state = 'queued' WHERE tenant_id = :t AND args->>'effect_id' = :e",
        t=company.id, e=str(effect),
    )  # fmt: skip
    assert flow.work(company) >= 2
    [held] = schedules(flow)
    assert course == [
        (one["start_date"], [i["price"] for i in one["items"]]) for one in held["phases"]
    ]


def test_another_company_keeps_its_prices(
    flow: Flow, company: Company, world: World, maker: FlaskClient, checker: FlaskClient,
    sign_in_as: SignIn,
) -> None:  # fmt: skip
    flow.subscribe(world.b)
    flow.deliver(world.b)
    propose(maker, company, next_month(flow.now))
    approve(flow, checker, company)
    flow.into_next_period(company, world.b)
    for one in (company, world.b):
        flow.use(one, "statement_lines", 100)
    flow.into_next_period(company, world.b)
    assert renewals(flow, company)[-1][LINES] == (100, 3000)
    assert renewals(flow, world.b)[-1][LINES] == (100, 3250)
    assert "Second admin" not in sign_in_as(world.b.admin).get(world.b.url("subscription")).text
