"""A company that chose its plan itself, and what it may ask for then."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import requests
from flask.testing import FlaskClient

from tests.billing.flow.house import Flow
from tests.factories import Company


def press(url: str, action: str = "pay", **more: str) -> requests.Response:
    given = {"action": action, "card": "pm_card_visa", **more}
    return requests.post(url, data=given, allow_redirects=False, timeout=10)


def choose(
    flow: Flow,
    admin: FlaskClient,
    company: Company,
    plan: str,
    interval: str = "month",
    **card: str,
) -> None:
    """Chosen and paid at Stripe's page."""
    said = admin.post(
        company.url("subscription/checkout"), data={"plan": plan, "interval": interval}
    )
    assert said.status_code == 303, said.text
    flow.work(company)
    url = flow.stage.value(
        "SELECT url FROM checkout_attempts WHERE tenant_id = :t AND state = 'open'", t=company.id
    )
    assert press(url, **card).status_code in (302, 303)
    flow.deliver(company)


def past_trial(flow: Flow, company: Company) -> None:
    """A few days into the first month that is paid."""
    end = subscription(flow, company).trial_end
    flow.advance(company, days=(end - flow.now).days + 6)


def ask(admin: FlaskClient, company: Company, plan: str, interval: str = "month") -> Any:
    return admin.post(
        company.url("subscription/change"), data={"plan": plan, "interval": interval}
    )  # fmt: skip


def act(admin: FlaskClient, company: Company, verb: str, change: Any) -> Any:
    return admin.post(
        company.url(f"subscription/change/{verb}"), data={"change": str(change.id)}
    )  # fmt: skip


def changes(flow: Flow, company: Company) -> Sequence[Any]:
    return flow.stage.rows(
        "SELECT * FROM plan_changes WHERE tenant_id = :t ORDER BY asked_at, id", t=company.id
    )


def changed(
    flow: Flow, admin: FlaskClient, company: Company, plan: str, interval: str = "month"
) -> Any:
    """Asked and confirmed, with the workers' part done."""
    said = ask(admin, company, plan, interval)
    if said.status_code == 202:
        flow.work(company)
        said = ask(admin, company, plan, interval)
    assert said.status_code == 303, said.text
    assert act(admin, company, "confirm", changes(flow, company)[-1]).status_code == 303
    flow.work(company)
    flow.deliver(company)
    return changes(flow, company)[-1]


def subscription(flow: Flow, company: Company) -> Any:
    """The one that began last."""
    return flow.stage.rows(
        "SELECT * FROM subscriptions WHERE tenant_id = :t ORDER BY started_at DESC, id DESC LIMIT 1",
        t=company.id,
    )[0]


def items(flow: Flow, company: Company) -> set[str]:
    rows = flow.stage.rows(
        "SELECT lookup_key FROM subscription_items WHERE tenant_id = :t"
        " AND stripe_subscription_id = :s",
        t=company.id, s=subscription(flow, company).stripe_subscription_id,
    )  # fmt: skip
    return {row.lookup_key for row in rows}


def plan_now(flow: Flow, company: Company) -> tuple[str, str]:
    [row] = flow.stage.rows(
        "SELECT plan_key, interval FROM billing_accounts WHERE tenant_id = :t", t=company.id
    )
    return row.plan_key, row.interval


def access(flow: Flow, company: Company) -> str:
    return str(flow.stage.value("SELECT access_state FROM tenants WHERE id = :t", t=company.id))


def words(page: str) -> str:
    return re.sub(r"\s+", " ", page)
