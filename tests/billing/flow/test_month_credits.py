"""What a signed month gives back reaches its invoice by itself, once nobody can contest it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.service_levels.models import MonthContest, SlaCredit, SlaMonth
from app.service_levels.services.crediting import hand_over_credits
from tenants.core.errors import Forbidden
from tenants.core.ids import uuid7
from tests.billing.flow.house import Flow
from tests.factories import Company, World
from tests.factories.tokens import make_token


def sign(flow: Flow, company: Company, month: date, amount: int, signed_by: Any) -> None:
    flow.stage.add(
        SlaMonth,
        {
            "tenant_id": company.id, "month": month, "line": "finance", "zone": "Europe/Paris",
            "figures": {}, "signed_at": flow.now, "signed_by": signed_by, "signed_by_name": "S",
        },
    )  # fmt: skip
    credit(flow, company, month, amount, 1)


def credit(flow: Flow, company: Company, month: date, amount: int, revision: int) -> None:
    flow.stage.add(
        SlaCredit,
        {
            "tenant_id": company.id, "month": month, "line": "finance", "revision": revision,
            "booked_in": month, "base": 100_000, "cap": 1_500, "rates": 300, "breaches": 1,
            "amount": amount, "change": amount, "currency": "EUR", "computed_at": flow.now,
            "computed_by_name": "S",
        },
    )  # fmt: skip


def hand_over(flow: Flow, company: Company) -> list[tuple[str, str, int]]:
    with flow.acting(company):
        hand_over_credits(actor=flow.actor(company), now=flow.now)
    flow.enqueue(company, "issue_credits")
    flow.work(company)
    return [
        (row.kind, row.state, row.amount)
        for row in flow.stage.rows(
            "SELECT * FROM credits WHERE tenant_id = :t ORDER BY id", t=company.id
        )
    ]


def test_ten_days_after_the_sign_off_it_is_on_the_months_invoice(
    flow: Flow, company: Company, world: World, sign_in_as: Any
) -> None:
    month = flow.now.date().replace(day=1)
    flow.into_next_period(company)
    sign(flow, company, month, 3_000, world.supervisor.id)
    assert hand_over(flow, company) == [], "it can be contested still"
    flow.advance(company, days=11)
    assert hand_over(flow, company) == [("sla", "issued", 3_000)]
    assert hand_over(flow, company) == [("sla", "issued", 3_000)]
    [note] = flow.sim.store.table("credit_notes").values()
    assert note["memo"] == f"Service level credit, finance, {month:%Y-%m}"
    credit(flow, company, month, 4_000, 2)
    assert hand_over(flow, company)[1:] == [("correction", "issued", 1_000)]
    page = sign_in_as(company.admin).get(company.url("subscription/credits")).text
    assert f"month={month:%Y-%m}" in page
    assert note["number"] in page
    token = make_token(flow.stage, company, company.admin, scopes=["invoices:read"])
    browser: FlaskClient = flow.stage.app.test_client()
    answer = browser.get("/api/v1/credits", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    assert [one["kind"] for one in answer.json["items"]] == ["correction", "sla"]


def test_a_contest_that_waits_for_its_answer_holds_it_back(
    flow: Flow, company: Company, world: World
) -> None:
    month = flow.now.date().replace(day=1)
    flow.into_next_period(company)
    sign(flow, company, month, 3_000, world.supervisor.id)
    flow.stage.add(
        MonthContest,
        {
            "tenant_id": company.id, "id": uuid7(), "month": month, "line": "finance",
            "words": "x", "by_name": "x", "at": flow.now + timedelta(days=1),
        },
    )  # fmt: skip
    flow.advance(company, days=11)
    assert hand_over(flow, company) == []
    flow.stage.run(
        "UPDATE sla_month_contests SET upheld = false, answer = 'x', answered_at = now()"
        " WHERE tenant_id = :t", t=company.id,
    )  # fmt: skip
    assert hand_over(flow, company) == [("sla", "issued", 3_000)]


def test_nobody_hands_over_but_who_may(flow: Flow, company: Company, world: World) -> None:
    with pytest.raises(Forbidden), flow.acting(company):
        hand_over_credits(actor=company.admin.actor(company), now=flow.now)
