from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tenants.core.pagination import PAGE_SIZE, encode_cursor
from tests.billing.flow.house import Flow
from tests.factories import Company, Person, World

SignIn = Callable[[Person], FlaskClient]


def test_before_a_subscription_the_page_says_so(world: World, sign_in_as: SignIn) -> None:
    answer = sign_in_as(world.a.admin).get(world.a.url("subscription"))
    assert answer.status_code == 200
    assert "No subscription yet" in answer.text


@pytest.mark.parametrize("path", ["subscription", "subscription/usage?meter=operator_minutes"])
def test_only_the_clients_administrator_reads_it(
    world: World, sign_in_as: SignIn, path: str
) -> None:
    others = [world.a.user, world.a.approver, world.operator_a, world.supervisor]
    for person in others:
        assert sign_in_as(person).get(world.a.url(path)).status_code == 403, person.name
    for stranger in (world.b.admin, world.operator_none):
        assert sign_in_as(stranger).get(world.a.url(path)).status_code == 404, stranger.name
    assert sign_in_as(world.a.admin).get(world.a.url(path)).status_code == 200


def test_an_unknown_meter_or_invoice_is_not_found(
    flow: Flow, company: Company, sign_in_as: SignIn
) -> None:
    browser = sign_in_as(company.admin)
    for query in ("meter=seats", "meter=operator_minutes&invoice=X-1"):
        assert browser.get(company.url(f"subscription/usage?{query}")).status_code == 404


def test_the_records_behind_a_figure_are_all_there(
    flow: Flow, company: Company, sign_in_as: SignIn
) -> None:
    """Page by page; the sum stands on every page."""
    quantities = range(1, PAGE_SIZE + 8)
    for quantity in quantities:
        flow.use(company, "operator_minutes", quantity)
    browser = sign_in_as(company.admin)
    first = browser.get(company.url("subscription/usage?meter=operator_minutes"))
    assert f"{sum(quantities):,}" in first.text
    assert first.text.count('<td class="lead">') == PAGE_SIZE
    link = first.text.split('rel="next"')[0].rpartition('href="')[2].split('"')[0]
    second = browser.get(link.replace("&amp;", "&"))
    assert second.text.count('<td class="lead">') == 7


def test_a_cursor_that_is_none_is_refused(flow: Flow, company: Company, sign_in_as: SignIn) -> None:
    for cursor in ("x", encode_cursor("never", "nobody"), encode_cursor(1, 2)):
        path = f"subscription/usage?meter=operator_minutes&cursor={cursor}"
        assert sign_in_as(company.admin).get(company.url(path)).status_code == 422


def test_another_clients_records_stay_theirs(
    flow: Flow, company: Company, world: World, sign_in_as: SignIn
) -> None:
    flow.subscribe(world.b)
    flow.use(world.b, "operator_minutes", 4711)
    page = sign_in_as(company.admin).get(company.url("subscription/usage?meter=operator_minutes"))
    assert "4,711" not in page.text


def test_without_a_card_invoices_are_sent_and_paid_by_transfer(
    flow: Flow, world: World, sign_in_as: SignIn
) -> None:
    a = world.a
    flow.subscribe(a, card=None)
    flow.deliver(a)
    admin = sign_in_as(a.admin)
    first = admin.get(a.url("subscription")).text
    assert "By invoice" in first
    assert "It becomes final on" in first
    assert not flow.sim.look("state")["counts"]["payment_methods"]

    flow.advance(a, days=1)
    [invoice] = flow.stage.rows("SELECT * FROM stripe_invoices WHERE tenant_id = :t", t=a.id)
    assert (invoice.status, invoice.amount_paid, invoice.attempt_count) == ("open", 0, 0)
    assert 13 <= (invoice.due_at - flow.now).days < 14
    assert "To be paid by" in admin.get(a.url("subscription")).text
    status = "SELECT status FROM subscriptions WHERE tenant_id = :t"
    assert flow.stage.value(status, t=a.id) == "active"

    flow.sim.control("mark_paid", invoice=invoice.number)
    flow.deliver(a)
    [invoice] = flow.stage.rows("SELECT * FROM stripe_invoices WHERE tenant_id = :t", t=a.id)
    assert (invoice.status, invoice.amount_remaining) == ("paid", 0)
    assert "To be paid by" not in admin.get(a.url("subscription")).text


def test_an_invoice_nobody_paid_in_time_is_overdue(
    flow: Flow, world: World, sign_in_as: SignIn
) -> None:
    a = world.a
    flow.subscribe(a, card=None)
    flow.deliver(a)
    flow.into_next_period(a)
    flow.advance(a, days=15)
    page = sign_in_as(a.admin).get(a.url("subscription")).text
    assert "An invoice is overdue" in page
    rows = flow.stage.rows("SELECT number FROM stripe_invoices WHERE tenant_id = :t"
                           " AND status = 'open'", t=a.id)  # fmt: skip
    for row in rows:
        flow.sim.control("mark_paid", invoice=row.number)
    flow.deliver(a)
    assert flow.stage.value("SELECT status FROM subscriptions WHERE tenant_id = :t", t=a.id) == (
        "active"
    )


def test_an_open_invoice_says_so(flow: Flow, company: Company, sign_in_as: SignIn) -> None:
    flow.sim.control("fail_next_charge", count=1)
    flow.into_next_period(company)
    page = sign_in_as(company.admin).get(company.url("subscription")).text
    assert "Payment overdue" in page
    assert "Open at Stripe" in page
