"""Invoices that come again: a draft on each of their days, none lost and none twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from threading import Barrier
from typing import Any

import pytest

from app.finance.sales_invoices.schedules import making, queries, services
from app.finance.sales_invoices.schedules.services import (
    ScheduleChanged,
    ScheduleEnded,
    Terms,
)
from app.finance.sales_invoices.services import drafting
from tenants.core.errors import Forbidden, Invalid
from tenants.permissions import system_actor
from tests.factories import acting
from tests.factories.sales_invoices import line, make_invoice, set_up, wish
from tests.finance.sales_invoices.test_pages import make_customer


def at(day: str, hour: int = 6) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC).replace(hour=hour)


@pytest.fixture
def desk(stage: Any, world: Any) -> Any:
    set_up(stage, world.a, world.operator_a)
    return stage, world.a, world.operator_a


def begin(desk: Any, asked: Any = None, *, today: str = "2027-01-10", **changes: Any) -> Any:
    stage, company, operator = desk
    terms: dict[str, Any] = {
        "name": "Maintenance", "months": 1, "day": 31, "starts_on": date.fromisoformat(today),
    } | changes  # fmt: skip
    with acting(stage, operator.scope(company)):
        return services.begin(
            terms=Terms(**terms), wish=asked or wish(company, line("Contrat {month} {year}")),
            actor=operator.actor(company), now=at(today),
        ).id  # fmt: skip


def run_day(desk: Any, schedule_id: Any, day: str) -> int:
    stage, company, _ = desk
    with acting(stage, company.scope):
        return making.make_due(schedule_id=schedule_id, actor=system_actor(company.id), now=at(day))


def drafts(desk: Any, schedule_id: Any) -> list[str]:
    stage, company, operator = desk
    with acting(stage, operator.scope(company)):
        return [
            drafting.content_of(queries_invoice(row.id)).lines[0].name
            for row in reversed(queries.list_made(schedule_id=schedule_id))
        ]


def queries_invoice(invoice_id: Any) -> Any:
    from app.finance.sales_invoices.queries import get_invoice

    return get_invoice(invoice_id=invoice_id).invoice


def schedule(desk: Any, schedule_id: Any) -> Any:
    stage, company, _ = desk
    return stage.rows(
        "SELECT next_on::text, made, problem, version, made_until::text, paused FROM invoice_schedules"
        " WHERE tenant_id = :t AND id = :i", t=company.id, i=schedule_id,
    )[0]  # fmt: skip


def change(desk: Any, schedule_id: Any, *, today: str, version: int = 1, asked: Any = None, **terms: Any) -> None:  # fmt: skip
    stage, company, operator = desk
    given: dict[str, Any] = {
        "name": "Maintenance", "months": 1, "day": 31, "starts_on": date(2027, 1, 10),
    } | terms  # fmt: skip
    with acting(stage, operator.scope(company)):
        services.change(
            schedule_id=schedule_id, terms=Terms(**given), expected_version=version,
            wish=asked or wish(company, line("Contrat {month} {year}")),
            actor=operator.actor(company), now=at(today),
        )  # fmt: skip


def told(desk: Any) -> list[str]:
    stage, company, _ = desk
    return [
        row.event for row in stage.rows(
            "SELECT args ->> 'event' AS event FROM jobs WHERE tenant_id = :t"
            " AND args ->> 'event' LIKE 'invoice_schedule.%' ORDER BY id", t=company.id,
        )
    ]  # fmt: skip


def test_a_draft_is_made_on_its_day_however_often_the_job_runs(desk: Any) -> None:
    made = begin(desk)
    assert run_day(desk, made, "2027-01-30") == 0
    assert run_day(desk, made, "2027-01-31") == 1
    assert run_day(desk, made, "2027-01-31") == 0
    assert run_day(desk, made, "2027-02-28") == 1
    assert drafts(desk, made) == ["Contrat janvier 2027", "Contrat février 2027"]
    assert schedule(desk, made)[:3] == ("2027-03-31", 2, "")
    assert told(desk) == []


def test_two_workers_at_one_schedule_make_one_draft(desk: Any) -> None:
    made = begin(desk, day=15)
    together = Barrier(2)

    def work(_: int) -> int:
        together.wait(timeout=30)
        return run_day(desk, made, "2027-01-15")

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(work, range(2))) == [0, 1]
    assert len(drafts(desk, made)) == 1


def test_the_day_begins_by_the_clock_of_the_company(desk: Any) -> None:
    """Paris is an hour ahead."""
    made = begin(desk)
    stage, company, _ = desk
    with acting(stage, company.scope):
        assert making.make_due(
            schedule_id=made, actor=system_actor(company.id), now=at("2027-01-30", 23)
        ) == 1  # fmt: skip


def test_missed_days_are_caught_up_each_with_its_own_period(desk: Any) -> None:
    made = begin(desk, about="before", ends_on=date(2027, 4, 30))
    assert run_day(desk, made, "2027-06-02") == 4
    assert drafts(desk, made) == [
        f"Contrat {one}" for one in
        ("décembre 2026", "janvier 2027", "février 2027", "mars 2027")
    ]  # fmt: skip
    assert schedule(desk, made)[0] is None
    stage, company, operator = desk
    with acting(stage, operator.scope(company)):
        first = queries.list_made(schedule_id=made)[-1]
        content = drafting.content_of(queries_invoice(first.id))
    assert (content.period_start, content.period_end) == (date(2026, 12, 1), date(2026, 12, 31))
    assert (first.issued_on, first.state) == (None, "draft")


def test_a_draft_thrown_away_does_not_come_back(desk: Any) -> None:
    made = begin(desk)
    run_day(desk, made, "2027-01-31")
    stage, company, operator = desk
    with acting(stage, operator.scope(company)):
        [row] = queries.list_made(schedule_id=made)
        drafting.delete_draft(invoice_id=row.id, actor=operator.actor(company), now=at("2027-01-31"))  # fmt: skip
    assert run_day(desk, made, "2027-02-01") == 0
    change(desk, made, today="2027-01-31", day=31)
    assert run_day(desk, made, "2027-02-01") == 0
    assert drafts(desk, made) == []


def test_what_changes_on_its_own_day_is_not_made_again(desk: Any) -> None:
    made = begin(desk)
    run_day(desk, made, "2027-01-31")
    change(desk, made, today="2027-01-31", day=30, asked=wish(desk[1], line("Neuf {month}")))
    assert run_day(desk, made, "2027-02-28") == 1
    assert drafts(desk, made) == ["Contrat janvier 2027", "Neuf février"]


@pytest.mark.parametrize(
    ("terms", "following"),
    [
        ({"day": 15}, "2027-12-15"),
        ({"day": 1, "about": "before"}, "2028-01-01"),
        ({"day": 15, "months": 3}, "2027-12-15"),
        ({"day": 15, "about": "ahead"}, "2027-11-15"),
    ],
)
def test_no_period_comes_twice_whatever_day_it_comes_on(
    desk: Any, terms: Any, following: str
) -> None:
    """November is made on its first; on the tenth it changes."""
    made = begin(desk, day=1, today="2027-10-20")
    assert run_day(desk, made, "2027-11-01") == 1
    given = {"starts_on": date(2027, 10, 20)} | terms
    change(desk, made, today="2027-11-10", **given)
    assert schedule(desk, made).next_on == following
    # Also when it is changed to something else first.
    change(desk, made, today="2027-11-10", version=2, **(given | {"months": 12}))
    change(desk, made, today="2027-11-10", version=3, **given)
    assert schedule(desk, made).next_on == following


def test_a_long_period_that_was_made_stays_so(desk: Any) -> None:
    made = begin(desk, day=1, months=3, today="2027-10-20")
    run_day(desk, made, "2027-11-01")
    for version in (1, 2):
        change(desk, made, today="2027-11-10", version=version, day=15, starts_on=date(2027, 10, 20))  # fmt: skip
        assert schedule(desk, made).next_on == "2028-02-15"


def test_another_customer_gets_it_going_again(desk: Any) -> None:
    stage, company, operator = desk
    first = make_customer(stage, company, operator)
    other = make_customer(stage, company, operator, "Autre", siren="", vat="", endpoint_scheme="", endpoint_value="")  # fmt: skip
    made = begin(desk, wish(company, line("Loyer"), customer_id=first, buyer=None))
    stage.run("UPDATE parties SET archived_at = now() WHERE id = :i", i=first)
    run_day(desk, made, "2027-01-31")
    assert schedule(desk, made).problem == "archived"
    asked = wish(company, line("Loyer"), customer_id=other, buyer=None)
    change(desk, made, today="2027-02-01", asked=asked, day=28)
    assert schedule(desk, made)[:3] == ("2027-01-28", 0, ""), "January still waits for it"


def test_a_pause_leaves_its_days_out(desk: Any) -> None:
    stage, company, operator = desk
    made = begin(desk)
    who = {"schedule_id": made, "actor": operator.actor(company)}
    with acting(stage, operator.scope(company)):
        services.pause(**who, expected_version=1, now=at("2027-01-12"))
    assert run_day(desk, made, "2027-02-03") == 0
    with acting(stage, operator.scope(company)):
        with pytest.raises(ScheduleChanged):
            services.resume(**who, expected_version=1, now=at("2027-02-03"))
        services.resume(**who, expected_version=2, now=at("2027-02-03"))
    assert run_day(desk, made, "2027-02-28") == 1
    assert drafts(desk, made) == ["Contrat février 2027"]


def test_what_has_ended_stays_so(desk: Any) -> None:
    stage, company, operator = desk
    made = begin(desk)
    with acting(stage, operator.scope(company)):
        services.end(
            schedule_id=made, expected_version=1, actor=operator.actor(company), now=at("2027-01-12")
        )  # fmt: skip
    assert run_day(desk, made, "2027-03-03") == 0
    with pytest.raises(ScheduleEnded):
        change(desk, made, today="2027-01-12", version=2)


def test_an_archived_customer_holds_it_up_until_the_file_is_back(desk: Any) -> None:
    stage, company, operator = desk
    customer = make_customer(stage, company, operator)
    asked = wish(company, line("Loyer {month}"), customer_id=customer, buyer=None)
    made = begin(desk, asked)
    stage.run("UPDATE parties SET archived_at = now() WHERE id = :i", i=customer)
    assert run_day(desk, made, "2027-01-31") == 0
    assert run_day(desk, made, "2027-02-01") == 0
    assert schedule(desk, made)[:3] == ("2027-01-31", 0, "archived")
    assert told(desk) == ["invoice_schedule.waits"]
    stage.run("UPDATE parties SET archived_at = NULL WHERE id = :i", i=customer)
    assert run_day(desk, made, "2027-03-02") == 2
    assert drafts(desk, made) == ["Loyer janvier", "Loyer février"]
    assert schedule(desk, made)[:3] == ("2027-03-31", 2, "")


def test_an_incomplete_customer_gets_its_draft_and_somebody_hears_of_it(desk: Any) -> None:
    stage, company, operator = desk
    customer = make_customer(stage, company, operator, siren="", vat="", endpoint_value="", endpoint_scheme="")  # fmt: skip
    made = begin(desk, wish(company, line("Loyer"), customer_id=customer, buyer=None))
    assert run_day(desk, made, "2027-01-31") == 1
    assert schedule(desk, made).problem == "incomplete"
    assert told(desk) == ["invoice_schedule.incomplete"]


def test_terms_are_those_of_the_customers_file_at_the_time(desk: Any) -> None:
    stage, company, operator = desk
    customer = make_customer(stage, company, operator, payment_days=45)
    made = begin(desk, wish(company, line("Loyer"), customer_id=customer, buyer=None))
    stage.run("UPDATE parties SET payment_days = 10 WHERE id = :i", i=customer)
    run_day(desk, made, "2027-01-31")
    with acting(stage, operator.scope(company)):
        [row] = queries.list_made(schedule_id=made)
        assert drafting.content_of(queries_invoice(row.id)).terms_days == 10


def test_the_daily_look_gives_each_due_one_a_job_once(desk: Any) -> None:
    stage, company, _ = desk
    due, _later = begin(desk), begin(desk, starts_on=date(2027, 2, 1))
    paused = begin(desk)
    stage.run("UPDATE invoice_schedules SET paused = true WHERE id = :i", i=paused)
    for _ in range(2):
        with acting(stage, company.scope):
            making.look(period="2027-01-31", actor=system_actor(company.id), now=at("2027-01-31"))
    found = stage.rows(
        "SELECT args ->> 'schedule_id' FROM jobs WHERE tenant_id = :t"
        " AND name = 'sales_invoices.make_scheduled'", t=company.id,
    )  # fmt: skip
    assert found == [(str(due),)]


def test_what_is_due_today_is_made_at_once(desk: Any) -> None:
    stage, company, _ = desk
    made = begin(desk, today="2027-01-31")
    assert stage.value(
        "SELECT count(*) FROM jobs WHERE tenant_id = :t AND name = 'sales_invoices.make_scheduled'",
        t=company.id,
    ) == 1  # fmt: skip
    assert run_day(desk, made, "2027-01-31") == 1


def test_what_lies_before_today_is_not_made_up_for(desk: Any) -> None:
    made = begin(desk, starts_on=date(2026, 1, 1), day=1, months=3)
    assert schedule(desk, made).next_on == "2027-04-01"


@pytest.mark.parametrize(
    ("terms", "texts", "field"),
    [
        ({}, {"note": "{mois}"}, "note"),
        ({}, {"order": "{month"}, "order"),
        ({}, {"name": "Loyer {Month}"}, "lines"),
        ({}, {"name": "x" * 295 + "{year}"}, "lines"),
        ({"ends_on": date(2027, 1, 1)}, {}, "ends_on"),
        ({"ends_on": date(2027, 1, 30)}, {}, "ends_on"),
        ({"name": ""}, {}, "name"),
        ({"starts_on": date(9999, 12, 31)}, {}, "starts_on"),
        ({"starts_on": date(1, 1, 1)}, {}, "starts_on"),
        ({"ends_on": date(9999, 12, 31)}, {}, "ends_on"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(desk: Any, terms: Any, texts: Any, field: str) -> None:
    named = texts.pop("name", "Loyer")
    with pytest.raises(Invalid) as refused:
        begin(desk, wish(desk[1], line(named), **texts), **terms)
    assert list(refused.value.field_errors) == [field]


def test_an_invoice_comes_again_without_its_dates(desk: Any) -> None:
    stage, company, operator = desk
    made = make_invoice(stage, company, operator, wish(company, line("Conseil"), note="Merci", delivered_on=date(2026, 6, 1), reason="x"))  # fmt: skip
    with acting(stage, operator.scope(company)):
        found = services.wish_from(invoice_id=made, actor=operator.actor(company))
    assert (found.type, found.issued_on, found.due_on) == ("380", None, None)
    assert (found.content.delivered_on, found.content.reason, found.content.note) == (None, "", "Merci")  # fmt: skip


def test_only_the_system_makes_them_and_only_operators_begin_them(desk: Any, world: Any) -> None:
    stage, company, operator = desk
    made = begin(desk)
    with acting(stage, operator.scope(company)), pytest.raises(Forbidden):
        making.make_due(schedule_id=made, actor=operator.actor(company), now=at("2027-01-31"))
    with acting(stage, world.a.user.scope()), pytest.raises(Forbidden):
        services.pause(
            schedule_id=made, expected_version=1, actor=world.a.user.actor(),
            now=at("2027-01-31"),
        )  # fmt: skip


def test_a_day_that_came_before_finds_its_draft(desk: Any) -> None:

    made = begin(desk)
    first = run_day(desk, made, "2027-01-31")
    stage = desk[0]
    stage.run("UPDATE invoice_schedules SET next_on = '2027-01-31' WHERE id = :i", i=made)
    assert (first, run_day(desk, made, "2027-01-31")) == (1, 1)
    assert drafts(desk, made) == ["Contrat janvier 2027"]
