"""The nightly note of what a company brings, and the page that is made from it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from flask.testing import FlaskClient

from billing.figures.noting import months_until, note_revenue
from tenants.scoping import Scope
from tests.billing.figures.making import make_account, month_of
from tests.factories import Company, Person, Stage, World, acting
from tests.factories.people import now
from tests.factories.prices import make_price

NOW = now()


def noted(stage: Stage, company: Company) -> list[tuple[date, int]]:
    with acting(stage, Scope(tenant_id=company.id, side="provider")):
        note_revenue(now=NOW)
    rows = stage.rows("SELECT month, mrr_minor FROM billing_figures WHERE tenant_id = :t"
                      " ORDER BY month", t=company.id)  # fmt: skip
    return [tuple(row) for row in rows]


def test_months_before_the_first_note_are_made_up(stage: Stage, world: World) -> None:
    make_account(stage, world.a, NOW)
    make_price(
        stage, world.a, lookup_key="essential_v1_base_month", unit_amount=Decimal(20_000),
        starts_on=month_of(NOW, -1).date(), ends_on=month_of(NOW).date(), approved=True,
    )  # fmt: skip
    months = [month_of(NOW, ahead).date() for ahead in (-2, -1, 0)]
    assert noted(stage, world.a) == list(zip(months, (29_000, 20_000, 29_000), strict=True))
    stage.run("UPDATE subscriptions SET status = 'canceled' WHERE tenant_id = :t", t=world.a.id)
    assert noted(stage, world.a) == list(zip(months, (29_000, 20_000, 0), strict=True))
    assert noted(stage, world.b) == []


def test_a_trial_of_then_brought_nothing(stage: Stage, world: World) -> None:
    make_account(stage, world.a, NOW)
    stage.run("UPDATE subscriptions SET trial_end = :m WHERE tenant_id = :t",
              m=month_of(NOW, -1), t=world.a.id)  # fmt: skip
    assert [minor for _, minor in noted(stage, world.a)] == [0, 29_000, 29_000]


def test_not_for_ever_back() -> None:
    assert len(months_until(date(2026, 11, 1), date(2010, 3, 4))) == 24
    assert months_until(date(2026, 1, 1), date(2025, 12, 31)) == [
        date(2025, 12, 1),
        date(2026, 1, 1),
    ]


def test_the_page(stage: Stage, world: World, sign_in_as: Callable[[Person], FlaskClient]) -> None:
    admin = sign_in_as(world.provider_admin)
    assert admin.get("/provider/billing/revenue").status_code == 200
    make_account(stage, world.a, NOW)
    noted(stage, world.a)
    month = f"{month_of(NOW, -2):%Y-%m}"
    behind = admin.get(f"/provider/billing/revenue?month={month}&kind=new").text
    assert f"/provider/billing/companies/{world.a.slug}" in behind
    assert "€290.00" in behind
    gone = admin.get(f"/provider/billing/revenue?month={month}&kind=churn").text
    assert f"/provider/billing/companies/{world.a.slug}" not in gone
    sheet = admin.get("/provider/billing/revenue?as=csv").get_data().decode("utf-8-sig")
    assert len(sheet.splitlines()) == 13
    for person in (world.supervisor, world.a.admin):
        assert sign_in_as(person).get("/provider/billing/revenue").status_code == 403
