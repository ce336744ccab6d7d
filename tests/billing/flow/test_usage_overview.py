"""Usage against what is included, with its forecast: the page, the file and the API say the same."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient

from billing.forecast import forecast
from billing.plans import STANDARD
from tests.billing.flow.house import Flow
from tests.billing.flow.test_checkout import choose, press, subscriptions
from tests.factories import Company, Person, World
from tests.factories.tokens import make_token

SignIn = Callable[[Person], FlaskClient]


def on_standard(flow: Flow, company: Company, admin: FlaskClient) -> None:
    """Its trial just over."""
    press(choose(flow, admin, company).url)
    flow.deliver(company)
    end = subscriptions(flow, company)[0].trial_end
    flow.advance(company, days=(end - flow.now).days + 2)


def read(admin: FlaskClient, company: Company) -> list[dict[str, str]]:
    said = admin.get(company.url("subscription/usage-overview.csv"))
    assert said.mimetype == "text/csv"
    return list(csv.DictReader(io.StringIO(said.get_data(True).lstrip("\ufeff")), delimiter=";"))


def test_what_goes_beyond_and_where_it_leads(flow: Flow, world: World, sign_in_as: SignIn) -> None:
    company, admin = world.a, sign_in_as(world.a.admin)
    on_standard(flow, company, admin)
    flow.advance(company, days=8)
    flow.use(company, "operator_minutes", 500)
    flow.use(company, "payslips", 10)
    minutes = next(row for row in read(admin, company) if row["Usage"] == "Operator minutes")
    assert (minutes["Used"], minutes["Included"], minutes["Beyond"]) == ("500", "480", "20")
    assert minutes["So far"] == f"{20 * 0.92:.2f}"
    start = flow.now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    end = (start + timedelta(days=32)).replace(day=1)
    ahead = forecast(500, start=start, end=end, now=flow.now)
    assert ahead is not None
    assert abs(int(minutes["Forecast"]) - ahead) <= 1
    beyond = int(minutes["Forecast"]) - 480
    assert minutes["Beyond, forecast"] == str(beyond)
    assert minutes["Amount, forecast"] == f"{beyond * 92 / 100:.2f}"
    payslips = next(row for row in read(admin, company) if row["Usage"] == "Payslips")
    assert (payslips["Used"], payslips["So far"]) == ("10", "0.00")
    page = admin.get(company.url("subscription/usage-overview")).text
    for shown in ("500 of 480", "10 of 25", "€18.40", "Day by day"):
        assert shown in page, shown
    assert f"{STANDARD.seats}" in page


def test_the_first_days_have_no_forecast(flow: Flow, world: World, sign_in_as: SignIn) -> None:
    company, admin = world.a, sign_in_as(world.a.admin)
    on_standard(flow, company, admin)
    flow.use(company, "operator_minutes", 5)
    assert {row["Forecast"] for row in read(admin, company)} == {""}
    assert "There is none yet" in admin.get(company.url("subscription/usage-overview")).text


def test_a_trial_is_free(flow: Flow, world: World, sign_in_as: SignIn) -> None:
    company, admin = world.a, sign_in_as(world.a.admin)
    press(choose(flow, admin, company, "essential").url)
    flow.deliver(company)
    flow.use(company, "operator_minutes", 200)
    page = admin.get(company.url("subscription/usage-overview")).text
    assert "The trial is free" in page
    assert "200 of 120" in page
    assert {row["So far"] for row in read(admin, company)} == {"0.00"}


def test_programs_read_it(flow: Flow, company: Company, sign_in_as: SignIn, client: Callable[[], FlaskClient]) -> None:  # fmt: skip
    flow.use(company, "statement_lines", 30)
    token = make_token(flow.stage, company, company.admin, scopes=["usage:read"])
    said = client().get("/api/v1/usage/summary", headers={"Authorization": f"Bearer {token}"})
    assert said.status_code == 200, said.text
    found: Any = said.json
    lines = next(one for one in found["meters"] if one["meter"] == "statement_lines")
    assert (lines["used"], lines["included"], lines["beyond"]) == (30, 0, 30)
    assert lines["amount"] == {"amount": "9.75", "currency": "EUR"}
    assert found["seats"]["limit"] is None
    assert found["seats"]["used"] >= 4


def test_without_a_subscription_nothing_is_counted_and_strangers_see_nothing(
    world: World, sign_in_as: SignIn
) -> None:
    for path in ("subscription/usage-overview", "subscription/usage-overview.csv"):
        assert sign_in_as(world.a.admin).get(world.a.url(path)).status_code == 200
        assert sign_in_as(world.a.user).get(world.a.url(path)).status_code == 403
        assert sign_in_as(world.b.admin).get(world.a.url(path)).status_code == 404
