"""What stands on the accounts' page is what the lists behind it add up to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from billing.figures import queries
from billing.figures.accounts import Account, list_accounts
from tests.billing.figures.making import make_account, make_hour, make_invoice, month_of, provider
from tests.factories import Company, Stage, World, acting
from tests.factories.people import now
from tests.factories.prices import make_price

NOW = now()


def accounts(stage: Stage, world: World) -> dict[Any, Account]:
    with acting(stage, provider(world.provider_admin)):
        return {one.tenant_id: one for one in list_accounts(now=NOW)}


def account(stage: Stage, world: World, company: Company) -> Account:
    return accounts(stage, world)[company.id]


def test_a_company_without_an_account_owes_nothing(stage: Stage, world: World) -> None:
    found = account(stage, world, world.a)
    assert (found.plan, found.mrr_minor, found.exposure_minor) == (None, 0, 0)
    assert found.next_invoice is None


def test_usage_beyond_the_included_at_the_prices_in_force(stage: Stage, world: World) -> None:
    make_account(stage, world.a, NOW)
    make_hour(stage, world.a, "payslips", month_of(NOW), 4)
    make_hour(stage, world.a, "payslips", month_of(NOW) + timedelta(hours=1), 3)
    found = account(stage, world, world.a)
    assert (found.mrr_minor, found.work.overage_minor) == (29_000, 2 * 1_400)
    assert found.work.unbilled_minor == 2 * 1_400
    make_price(
        stage, world.a, lookup_key="essential_v1_payslips", unit_amount=Decimal(1_000),
        starts_on=month_of(NOW).date(), approved=True,
    )  # fmt: skip
    make_price(
        stage, world.a, lookup_key="essential_v1_base_month", unit_amount=Decimal(20_000),
        starts_on=month_of(NOW).date(), approved=True,
    )  # fmt: skip
    found = account(stage, world, world.a)
    assert (found.mrr_minor, found.work.overage_minor) == (20_000, 2 * 1_000)


def test_last_month_is_unbilled_until_its_invoice_is_final(stage: Stage, world: World) -> None:
    make_account(stage, world.a, NOW, invoiced_until=month_of(NOW, -1))
    make_hour(stage, world.a, "payslips", month_of(NOW, -1), 7)
    make_hour(stage, world.a, "payslips", month_of(NOW), 6)
    found = account(stage, world, world.a)
    assert found.work.overage_minor == 1_400
    assert found.work.usage_minor == 3 * 1_400


def test_a_trial_owes_nothing_and_a_year_counts_by_twelve(stage: Stage, world: World) -> None:
    make_account(stage, world.a, NOW, status="trialing")
    make_account(stage, world.b, NOW, plan="standard", interval="year")
    make_hour(stage, world.a, "payslips", month_of(NOW), 50)
    found = accounts(stage, world)
    assert (found[world.a.id].mrr_minor, found[world.a.id].exposure_minor) == (0, 0)
    assert found[world.b.id].mrr_minor == 65_833
    stage.run("UPDATE subscriptions SET status = 'unpaid' WHERE tenant_id = :t", t=world.b.id)
    assert account(stage, world, world.b).mrr_minor == 0
    stage.run("UPDATE subscriptions SET status = 'past_due' WHERE tenant_id = :t", t=world.b.id)
    assert account(stage, world, world.b).mrr_minor == 65_833


def test_open_and_overdue_are_the_sum_of_their_invoices(stage: Stage, world: World) -> None:
    make_account(stage, world.a, NOW)
    make_invoice(stage, world.a, NOW, 10_000)
    make_invoice(
        stage, world.a, NOW, 20_000, remaining=15_000, status="open", due_at=NOW + timedelta(days=3)
    )
    make_invoice(
        stage, world.a, NOW, 5_000, remaining=5_000, status="open", due_at=NOW - timedelta(days=3)
    )
    make_invoice(
        stage, world.b, NOW, 7_000, remaining=7_000, status="open", due_at=NOW - timedelta(days=3)
    )
    found = account(stage, world, world.a)
    with acting(stage, provider(world.provider_admin)):
        behind = queries.list_invoices(now=NOW, tenant_id=world.a.id, unpaid=True)
    assert found.open_minor == sum(row["amount_remaining"] for row in behind) == 20_000
    late = [row for row in behind if row["overdue"]]
    assert found.overdue_minor == sum(row["amount_remaining"] for row in late) == 5_000
    assert (found.facts["open_count"], found.facts["overdue_count"]) == (2, 1)
    assert found.exposure_minor == 20_000


def test_few_statements_whatever_the_number_of_companies(
    stage: Stage, world: World, count_statements: Callable[..., Any]
) -> None:
    for company in (world.a, world.b):
        make_account(stage, company, NOW)
    with acting(stage, provider(world.provider_admin)), count_statements() as found:
        list_accounts(now=NOW)
    assert len(found) == 4


def test_only_administrators_are_answered(stage: Stage, world: World) -> None:
    make_account(stage, world.a, NOW)
    make_invoice(stage, world.a, NOW, 5_000, remaining=5_000, status="open")
    for person in (world.supervisor, world.operator_a, world.a.admin):
        with acting(stage, provider(person)):
            assert list_accounts(now=NOW) == []
            assert not queries.list_invoices(now=NOW)
            assert not queries.month_ends(start=date(2020, 1, 1), until=date(2030, 1, 1))
            assert not queries.list_time(start=date(2020, 1, 1), until=date(2030, 1, 1))
