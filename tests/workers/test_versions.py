"""Dispatchers of two versions of ours lead by turns, as while a new one comes: each with its table."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.calendars.recurrence import Every, NthBusinessDay
from tests.workers.house import House
from tests.workers.plan import Plan
from tests.workers.sample_tasks import JOB, at
from workers.schedule import Periodic

KEPT = Periodic("kept", NthBusinessDay(at("08:00"), 3), JOB)
GONE = Periodic("gone", NthBusinessDay(at("08:00"), 3), JOB)
NEW = Periodic("new", NthBusinessDay(at("08:00"), 3), JOB, catch_up="skip")
NEW_HOURS = Periodic("new-hours", Every(timedelta(hours=1)), "sample_jobs.mark", queue="billing")
OLD, NEXT = (KEPT, GONE), (KEPT, NEW, NEW_HOURS)
BEFORE = datetime(2026, 11, 2, 9, tzinfo=UTC)
DUE = datetime(2026, 11, 4, 7, tzinfo=UTC)


@pytest.fixture
def plan(house: House, time_is: Any) -> Plan:
    found = Plan(house, time_is)
    time_is(BEFORE)
    return found


def entries(plan: Plan) -> set[str]:
    return {name for (name,) in plan.house.rows("SELECT name FROM periodic_tasks")}


def own(plan: Plan) -> set[str]:
    return {name for (name,) in plan.house.rows("SELECT DISTINCT name FROM tenant_schedules")}


def test_an_older_dispatcher_retires_nothing_that_it_does_not_know(plan):
    plan.begin(*OLD, version=1)
    plan.begin(*NEXT, version=2)
    plan.look(BEFORE)
    assert entries(plan) == {"kept", "new", "new-hours"}, "a newer one retires at once"
    assert own(plan) == {"kept", "new"}
    plan.house.rows("UPDATE periodic_tasks SET since = since - interval '9 days'")
    moments = plan.house.rows("SELECT name, since, version FROM periodic_tasks ORDER BY name")
    before = plan.row("new")

    plan.begin(*OLD, version=1)
    plan.tend()
    assert entries(plan) == {"kept", "gone", "new", "new-hours"}
    assert own(plan) == {"kept", "gone", "new"}
    kept = plan.house.rows(
        "SELECT name, since, version FROM periodic_tasks WHERE name <> 'gone' ORDER BY name"
    )
    assert (kept, plan.row("new")) == (moments, before)

    plan.begin(*NEXT, version=2)
    assert entries(plan) == {"kept", "new", "new-hours"}
    assert own(plan) == {"kept", "new"}


def test_what_an_older_one_does_not_know_it_leaves_to_the_newer(plan):
    """Neither told nor put off: the newer one does it when it leads again, once."""
    plan.begin(*NEXT, version=2)
    plan.look(BEFORE)
    plan.begin(*OLD, version=1)
    # it runs what both know, and what only it knows
    assert plan.look(DUE + timedelta(minutes=1)) == ["2026-11", "2026-11"]
    looked = plan.row("new")[1]
    assert looked <= DUE + timedelta(minutes=8)
    plan.begin(*NEXT, version=2)
    assert len(plan.look(looked + timedelta(seconds=1))) == 3
    keys = plan.house.rows("SELECT idempotency_key FROM jobs WHERE name = %(n)s", n=JOB)
    assert sorted(key.split(":")[1] for (key,) in keys) == ["gone", "kept", "new"]


def test_the_same_version_retires_and_after_a_step_back_it_is_planned_again(plan):
    plan.begin(*NEXT, version=2)
    plan.begin(KEPT, version=2)
    assert entries(plan) == {"kept"}
    plan.begin(*OLD, version=1)
    assert entries(plan) == {"kept", "gone"}, "an older one plans what it knows"
    assert own(plan) == {"kept", "gone"}
