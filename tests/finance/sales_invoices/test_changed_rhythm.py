"""A recurring invoice whose rhythm changes goes on where it was."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from app.finance.sales_invoices.schedules import queries, services
from app.finance.sales_invoices.schedules.recurrence import ABOUT, EVERY, day_about, span_of
from app.finance.sales_invoices.services import drafting
from tests.factories import acting
from tests.factories.sales_invoices import line, set_up, wish
from tests.finance.sales_invoices.test_schedules import (
    at,
    begin,
    change,
    queries_invoice,
    run_day,
    schedule,
)


@pytest.fixture
def desk(stage: Any, world: Any) -> Any:
    set_up(stage, world.a, world.operator_a)
    return stage, world.a, world.operator_a


def periods(desk: Any, schedule_id: Any) -> list[tuple[date, date]]:
    stage, company, operator = desk
    with acting(stage, operator.scope(company)):
        found = [
            drafting.content_of(queries_invoice(row.id))
            for row in queries.list_made(schedule_id=schedule_id, limit=1000)
        ]
    return sorted(
        (one.period_start, one.period_end) for one in found if one.period_start and one.period_end
    )


@pytest.mark.parametrize("seed", range(3))
def test_whatever_its_rhythm_becomes_no_day_is_left_out_and_none_comes_twice(
    desk: Any, seed: int
) -> None:
    chance = Random(seed)
    today = date(2027, 1, 10)
    rhythm: dict[str, Any] = {"months": 1, "day": 31, "about": "begins", "starts_on": today}
    made = begin(desk, wish(desk[1], line("Contrat")), **rhythm)
    for version in range(1, 13):
        today += timedelta(days=chance.randint(1, 120))
        run_day(desk, made, today.isoformat())
        rhythm |= {"months": chance.choice(list(EVERY)), "about": chance.choice(list(ABOUT)),
                   "day": chance.randint(1, 31)}  # fmt: skip
        change(desk, made, today=today.isoformat(), version=version, **rhythm)
    run_day(desk, made, (today + timedelta(days=2000)).isoformat())
    found = periods(desk, made)
    assert len(found) > 5
    for (_, last), (first, _) in pairwise(found):
        assert first == last + timedelta(days=1), found


def test_a_later_first_day_leaves_out_what_lies_before_it(desk: Any) -> None:
    made = begin(desk, day=1, today="2027-10-20")
    run_day(desk, made, "2027-11-01")
    change(desk, made, today="2027-11-10", day=1, months=3, starts_on=date(2028, 1, 1))
    assert schedule(desk, made).next_on == "2028-01-01"
    # An earlier one says nothing: October was before its first day, November is made.
    change(desk, made, today="2027-11-10", version=2, day=1, months=3, starts_on=date(2027, 10, 1))
    assert schedule(desk, made).next_on == "2028-01-01"


def test_what_a_pause_left_out_stays_so_when_the_rhythm_changes(desk: Any) -> None:
    stage, company, operator = desk
    made = begin(desk, day=1, today="2027-10-20")
    run_day(desk, made, "2027-11-01")
    who = {"schedule_id": made, "actor": operator.actor(company)}
    with acting(stage, operator.scope(company)):
        services.pause(**who, expected_version=1, now=at("2027-11-10"))
        services.resume(**who, expected_version=2, now=at("2028-01-10"))
    change(desk, made, today="2028-01-10", version=3, day=1, months=3, starts_on=date(2027, 10, 20))
    assert schedule(desk, made).next_on == "2028-02-01"


@pytest.mark.parametrize("about", ABOUT)
def test_the_way_back_from_a_period_to_its_day(about: str) -> None:
    for months in EVERY:
        found = day_about(date(2027, 3, 1), months=months, day=31, about=about)
        assert span_of(found, months=months, about=about).first == date(2027, 3, 1)


def test_the_page_says_where_the_new_rhythm_begins_and_what_is_left_out(
    desk: Any, world: Any, sign_in_as: Any
) -> None:
    browser = sign_in_as(world.operator_a)

    def shown() -> str:
        return str(browser.get(page).text.replace("\u00a0", " "))

    made = begin(desk, day=1, today="2027-10-20")
    run_day(desk, made, "2027-11-01")
    page = world.a.url(f"sales-invoices/recurring/{made}")
    assert "new rhythm" not in shown()
    change(desk, made, today="2027-11-10", day=1, months=3, starts_on=date(2027, 10, 20))
    said = "The new rhythm begins with 1 Dec 2027 to 29 Feb 2028"
    assert said in shown()
    run_day(desk, made, "2027-12-01")
    assert "new rhythm" not in shown()
    change(desk, made, today="2027-12-10", version=2, day=1, starts_on=date(2028, 6, 1))
    assert "No invoice is about 1 Mar 2028 to 31 May 2028" in shown()
