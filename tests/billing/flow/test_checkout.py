"""A company that chooses a plan and pays it at Stripe's page."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient

from billing.plans import BY_KEY, STANDARD
from billing.services import request_subscription
from tests.billing.flow.house import Flow
from tests.factories import Company, Person, World

SignIn = Callable[[Person], FlaskClient]


@pytest.fixture
def admin(sign_in_as: SignIn, world: World) -> FlaskClient:
    return sign_in_as(world.a.admin)


def choose(
    flow: Flow, admin: FlaskClient, company: Company, plan: str = "standard", **more: str
) -> Any:
    """Answers with the attempt as it stands once the workers have been."""
    said = admin.post(company.url("subscription/checkout"), data={"plan": plan, **more})
    assert said.status_code == 303, said.text
    flow.work(company)
    return attempts(flow, company)[-1]


def attempts(flow: Flow, company: Company) -> list[Any]:
    return list(
        flow.stage.rows(
            "SELECT * FROM checkout_attempts WHERE tenant_id = :t ORDER BY begun_at, id",
            t=company.id,
        )
    )


def press(url: str, action: str = "pay", **more: str) -> requests.Response:
    given = {"action": action, "card": "pm_card_visa", **more}
    return requests.post(url, data=given, allow_redirects=False, timeout=10)


def subscriptions(flow: Flow, company: Company) -> list[Any]:
    return list(
        flow.stage.rows(
            "SELECT * FROM subscriptions WHERE tenant_id = :t ORDER BY started_at", t=company.id
        )
    )


def test_chosen_paid_and_on_trial(flow: Flow, world: World, admin: FlaskClient) -> None:
    company = world.a
    attempt = choose(flow, admin, company)
    page = admin.get(company.url("subscription/checkout"))
    assert attempt.url in page.text
    back = press(attempt.url)
    assert back.headers["Location"].startswith("http://localhost/c/")
    assert "session=cs_test_" in back.headers["Location"]
    flow.deliver(company)
    [subscription] = subscriptions(flow, company)
    assert (subscription.plan_key, subscription.status) == ("standard", "trialing")
    assert (subscription.trial_end.day, subscription.trial_end.hour) == (1, 0)
    assert (subscription.trial_end - flow.now).days >= 13
    assert attempts(flow, company)[-1].state == "completed"
    assert flow.stage.value(
        "SELECT access_state FROM tenants WHERE id = :t", t=company.id
    ) == "trialing"  # fmt: skip
    page = admin.get(company.url("subscription"))
    assert "Standard" in page.text
    assert admin.get(company.url("subscription/checkout")).status_code == 303


def test_after_the_trial_quotas_count_and_the_base_is_charged(
    flow: Flow, world: World, admin: FlaskClient
) -> None:
    company = world.a
    press(choose(flow, admin, company).url)
    flow.deliver(company)
    end = subscriptions(flow, company)[0].trial_end
    flow.advance(company, days=(end - flow.now).days + 2)
    flow.use(company, "operator_minutes", 500)
    flow.into_next_period(company)
    minutes = BY_KEY["standard_v1_operator_minutes"]
    amounts = flow.stage.rows(
        "SELECT lookup_key, quantity, amount FROM stripe_invoice_lines WHERE tenant_id = :t"
        " AND lookup_key = :k AND quantity > 0 ORDER BY place",
        t=company.id, k=minutes.lookup_key,
    )  # fmt: skip
    assert [(int(row.quantity), row.amount) for row in amounts] == [
        (minutes.included, 0), (20, 20 * int(minutes.unit_amount)),
    ]  # fmt: skip
    base = STANDARD.bases["month"]
    charged = flow.stage.value(
        "SELECT max(amount) FROM stripe_invoice_lines WHERE tenant_id = :t AND lookup_key = :k",
        t=company.id, k=base.lookup_key,
    )  # fmt: skip
    assert charged == base.unit_amount
    number = flow.stage.value(
        "SELECT number FROM stripe_invoices WHERE tenant_id = :t ORDER BY invoiced_at DESC LIMIT 1",
        t=company.id,
    )
    page = admin.get(company.url(f"subscription/invoices/{number}"))
    assert page.status_code == 200
    assert "1 of 1 complete" in page.text or "0 of 1 complete" in page.text


def test_the_same_choice_twice_is_one_page(flow: Flow, world: World, admin: FlaskClient) -> None:
    first = choose(flow, admin, world.a)
    again = choose(flow, admin, world.a)
    assert (first.id, first.url) == (again.id, again.url)
    assert len(attempts(flow, world.a)) == 1


def test_another_choice_takes_the_place_of_the_first(
    flow: Flow, world: World, admin: FlaskClient
) -> None:
    first = choose(flow, admin, world.a)
    second = choose(flow, admin, world.a, "extended", interval="year")
    assert [row.state for row in attempts(flow, world.a)] == ["superseded", "open"]
    # the old page can't be paid any more
    assert "Nothing can be paid" in press(first.url).text
    press(second.url)
    flow.deliver(world.a)
    [subscription] = subscriptions(flow, world.a)
    assert subscription.plan_key == "extended"
    [row] = flow.stage.rows(
        "SELECT plan_key, interval FROM billing_accounts WHERE tenant_id = :t", t=world.a.id
    )
    assert tuple(row) == ("extended", "year")


def test_two_choices_before_stripe_answers_leave_one_page(
    flow: Flow, world: World, admin: FlaskClient
) -> None:
    url = world.a.url("subscription/checkout")
    assert admin.post(url, data={"plan": "essential"}).status_code == 303
    choose(flow, admin, world.a, "standard")
    flow.work(world.a)
    first, second = attempts(flow, world.a)
    assert (first.state, second.state) == ("superseded", "open")
    if first.url:
        assert "Nothing can be paid" in press(first.url).text
    assert second.url


def test_a_declined_card_and_a_way_back_change_nothing(
    flow: Flow, world: World, admin: FlaskClient
) -> None:
    attempt = choose(flow, admin, world.a)
    assert press(attempt.url, "cancel").headers["Location"].endswith("/subscription/plans")
    assert admin.post(world.a.url("subscription/checkout/look")).status_code == 303
    flow.deliver(world.a)
    assert subscriptions(flow, world.a) == []
    assert attempts(flow, world.a)[-1].state == "open"


def test_who_has_a_subscription_begins_no_second_one(
    flow: Flow, company: Company, sign_in_as: SignIn
) -> None:
    admin = sign_in_as(company.admin)
    said = admin.post(company.url("subscription/checkout"), data={"plan": "standard"})
    assert said.status_code == 409
    assert attempts(flow, company) == []


def test_what_is_not_offered_cannot_be_chosen(
    flow: Flow, world: World, admin: FlaskClient, sign_in_as: SignIn
) -> None:
    for plan in ("coulisse", "nothing", ""):
        said = admin.post(world.a.url("subscription/checkout"), data={"plan": plan})
        assert said.status_code == 422
    user = sign_in_as(world.a.user)
    assert user.post(world.a.url("subscription/checkout"), data={"plan": "standard"}).status_code == 403  # fmt: skip
    assert attempts(flow, world.a) == []


def test_webhooks_that_never_come_are_made_up_for(
    flow: Flow, world: World, admin: FlaskClient
) -> None:
    attempt = choose(flow, admin, world.a)
    flow.sim.control("webhooks", drop=100)
    press(attempt.url)
    assert admin.post(world.a.url("subscription/checkout/look")).status_code == 303
    flow.work(world.a)
    assert [row.status for row in subscriptions(flow, world.a)] == ["trialing"]


def test_while_the_agreed_subscription_begins_nothing_is_chosen(
    flow: Flow, world: World, admin: FlaskClient
) -> None:
    with flow.acting(world.a):
        request_subscription(actor=flow.actor(world.a), now=flow.now, card="pm_card_visa")
    said = admin.post(world.a.url("subscription/checkout"), data={"plan": "standard"})
    assert said.status_code == 409
    flow.work(world.a)
    assert attempts(flow, world.a) == []


def test_the_customer_portal_and_a_cancellation_there(
    flow: Flow, company: Company, sign_in_as: SignIn
) -> None:
    admin = sign_in_as(company.admin)
    page = admin.post(company.url("subscription/portal"))
    assert page.status_code == 200
    [url] = re.findall(rf'href="({re.escape(flow.sim.base)}[^"]+)"', page.text)
    [subscription] = subscriptions(flow, company)
    said = press(url, "cancel", subscription=subscription.stripe_subscription_id)
    assert said.status_code == 303
    flow.deliver(company)
    assert "This subscription ends" in admin.get(company.url("subscription")).text
    press(url, "resume", subscription=subscription.stripe_subscription_id)
    flow.deliver(company)
    assert "This subscription ends" not in admin.get(company.url("subscription")).text


def test_the_portal_is_for_who_manages_a_customer(
    flow: Flow, world: World, sign_in_as: SignIn
) -> None:
    assert sign_in_as(world.a.admin).post(world.a.url("subscription/portal")).status_code == 409
    flow.subscribe(world.a)
    assert sign_in_as(world.a.user).post(world.a.url("subscription/portal")).status_code == 403
    assert sign_in_as(world.operator_a).post(world.a.url("subscription/portal")).status_code == 403
    flow.sim.control("faults", status=500, count=20)
    away = sign_in_as(world.a.admin).post(world.a.url("subscription/portal"))
    assert away.status_code == 503
