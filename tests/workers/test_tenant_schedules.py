"""What follows a company's own calendar: the dispatcher says when to look, the company what is due."""

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app.calendars.recurrence import Every, NthBusinessDay, Weekday
from tenants.jobs import handling
from tests.workers.house import House, connection
from tests.workers.plan import DECLARED, Plan
from tests.workers.sample_tasks import JOB, at
from workers import planning, scheduler
from workers.schedule import Periodic
from workers.timetable import timetable

THIRD = Periodic("third", NthBusinessDay(at("08:00"), 3), JOB)
EACH = Periodic("each", NthBusinessDay(at("08:00"), 3), JOB, catch_up="each")
SKIP = Periodic("skip", NthBusinessDay(at("08:00"), 3), JOB, catch_up="skip")
WAIT = Periodic("wait", NthBusinessDay(at("08:00"), 3), JOB, held="wait")
NIGHT = Periodic("night", Weekday(at("02:30"), 6), JOB, catch_up="each")
# Paris, without a contract: 4 and 5 November are business days, 1 November a holiday on a Sunday
BEFORE = datetime(2026, 11, 2, 9, tzinfo=UTC)
DUE = datetime(2026, 11, 4, 7, tzinfo=UTC)


@pytest.fixture
def plan(house: House, time_is: Any) -> Plan:
    return Plan(house, time_is)


def test_it_runs_once_when_its_moment_has_come(plan):
    plan.time_is(BEFORE)
    plan.begin(THIRD)
    assert plan.look(BEFORE) == []
    assert plan.row("third")[0] == DUE
    assert plan.look(DUE - timedelta(seconds=30)) == []
    assert plan.look(DUE + timedelta(seconds=1)) == ["2026-11"]
    assert plan.look(DUE + timedelta(days=3)) == ["2026-11"]
    assert plan.row("third")[0] == datetime(2026, 12, 3, 7, tzinfo=UTC)
    told = plan.house.rows("SELECT title, for_client FROM jobs WHERE name = %(n)s", n=JOB)
    assert told == [("Keeping a period", True)]


def test_the_dispatcher_says_it_once(plan):
    plan.time_is(BEFORE)
    plan.begin(THIRD)
    assert plan.told() == ["third"]
    assert plan.told() == []
    [(name, queue, args, key)] = plan.house.rows(
        "SELECT name, queue, args, idempotency_key FROM jobs"
    )
    assert (name, queue, args, key) == ("schedule.turn", "default", {}, None)


def test_two_dispatchers_say_it_once(plan):
    plan.time_is(BEFORE)
    others = [plan.house.tenant() for _ in range(3)]
    plan.begin(THIRD, EACH)
    both = [threading.Thread(target=plan.told) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    told = plan.house.rows("SELECT tenant_id FROM jobs WHERE name = 'schedule.turn'")
    assert sorted(told) == sorted((one,) for one in (plan.tenant, *others))


def test_many_companies_are_told_by_and_by(plan, monkeypatch):
    """Nobody's own work waits behind a thousand calendars."""
    plan.time_is(BEFORE)
    monkeypatch.setattr(scheduler, "TELL", scheduler.TELL.replace("LIMIT 200", "LIMIT 3"))
    for _ in range(4):
        plan.house.tenant()
    plan.begin(THIRD)
    assert [len(plan.told()) for _ in range(3)] == [1, 1, 0]
    told = plan.house.rows("SELECT count(*), count(DISTINCT tenant_id) FROM jobs")
    assert told == [(5, 5)]


def test_the_company_looks_at_least_once_a_day(plan):
    plan.time_is(BEFORE)
    plan.begin(THIRD)
    plan.look(BEFORE)
    _, look_at, _ = plan.row("third")
    assert timedelta(hours=17) < look_at - BEFORE < timedelta(days=1, minutes=1)


def test_a_company_that_came_while_nobody_scheduled_missed_nothing(plan):
    plan.begin(THIRD)
    plan.house.rows("UPDATE periodic_tasks SET since = '2026-01-01'")
    late = plan.house.tenant()
    plan.house.rows("UPDATE tenants SET created_at = %(b)s WHERE id = %(t)s", b=BEFORE, t=late)
    plan.time_is(DUE + timedelta(days=2))
    plan.tend()
    plan.turn(late)
    assert plan.periods(late) == ["2026-11"]


def test_periods_from_before_the_entry_do_not_count(plan):
    plan.house.rows("UPDATE tenants SET created_at = '2025-01-01'")
    plan.time_is(BEFORE)
    plan.begin(EACH)
    assert plan.look(BEFORE) == []


def test_missed_periods_are_made_up_for_as_declared(plan):
    plan.time_is(BEFORE)
    plan.begin(THIRD, EACH, SKIP)
    plan.look(BEFORE)
    plan.look(datetime(2027, 2, 20, tzinfo=UTC))
    names = plan.house.rows(
        "SELECT split_part(idempotency_key, ':', 2), args ->> 'period' FROM jobs"
        " WHERE args ? 'period' ORDER BY id"
    )
    assert [period for name, period in names if name == "third"] == ["2027-02"]
    assert [period for name, period in names if name == "skip"] == []
    assert [period for name, period in names if name == "each"] == [
        "2026-11", "2026-12", "2027-01", "2027-02",
    ]  # fmt: skip


def test_each_begins_only_after_the_one_before_has_ended(plan):
    plan.time_is(BEFORE)
    plan.begin(EACH)
    plan.look(BEFORE)
    plan.time_is(datetime(2026, 12, 20, tzinfo=UTC))
    plan.turn()
    plan.turn()
    assert plan.periods() == ["2026-11"]
    assert plan.row("each")[1] > datetime(2026, 12, 20, tzinfo=UTC)
    # one that failed for good has ended too
    plan.house.rows("UPDATE jobs SET state = 'quarantined'")
    plan.turn()
    assert plan.periods() == ["2026-11", "2026-12"]


def test_what_was_missed_is_made_up_for_without_delay(plan):
    """However long ago the one before was done."""
    plan.time_is(BEFORE)
    plan.begin(EACH)
    plan.look(DUE)
    plan.house.rows("UPDATE jobs SET created_at = created_at - interval '30 days'")
    now = datetime(2027, 2, 20, tzinfo=UTC)
    plan.time_is(now)
    plan.turn()
    assert plan.periods() == ["2026-11", "2026-12"]
    assert now <= plan.row("each")[1] < now + timedelta(seconds=10)


def test_two_looks_at_once_add_one_job(plan):
    plan.time_is(BEFORE)
    plan.begin(THIRD, EACH)
    plan.look(BEFORE)
    plan.time_is(DUE + timedelta(minutes=1))
    both = [threading.Thread(target=plan.turn) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert plan.periods() == ["2026-11", "2026-11"]  # one for each of the entries


def test_a_closure_moves_what_is_not_due_yet(plan):
    plan.time_is(BEFORE)
    plan.begin(THIRD)
    plan.look(BEFORE)
    assert plan.row("third")[0] == DUE
    plan.agree(1, date(2026, 11, 3), client_closures=["2026-11-04"])
    plan.time_is(datetime(2026, 11, 2, 23, tzinfo=UTC))
    plan.turn()
    assert plan.row("third")[0] == DUE + timedelta(days=1)
    assert plan.look(DUE + timedelta(hours=1)) == []
    assert plan.look(DUE + timedelta(days=1, hours=1)) == ["2026-11"]


def test_another_zone_moves_what_is_not_due_yet_and_repeats_nothing(plan):
    plan.time_is(BEFORE)
    plan.begin(THIRD)
    plan.look(BEFORE)
    plan.agree(1, date(2026, 11, 3), zone="America/New_York")
    plan.time_is(datetime(2026, 11, 2, 23, tzinfo=UTC))
    plan.turn()
    assert plan.row("third")[0] == DUE + timedelta(hours=6)
    assert plan.look(DUE + timedelta(hours=7)) == ["2026-11"]
    # back to where it would come once more
    plan.agree(2, date(2026, 11, 5), provider_closures=["2026-11-02", "2026-11-03", "2026-11-04"])
    assert plan.look(datetime(2026, 11, 30, tzinfo=UTC)) == ["2026-11"]


def test_what_another_calendar_makes_due_earlier_is_not_missed(plan):
    plan.agree(1, date(2026, 10, 1), client_closures=["2026-11-02", "2026-11-03"])
    plan.time_is(BEFORE)
    plan.begin(THIRD)
    plan.look(BEFORE)
    assert plan.row("third")[0] == DUE + timedelta(days=2)
    plan.agree(2, date(2026, 11, 5))
    assert plan.look(datetime(2026, 11, 5, 1, tzinfo=UTC)) == ["2026-11"]


def test_another_rule_counts_from_now_on(plan):
    plan.time_is(BEFORE)
    plan.begin(THIRD)
    plan.look(BEFORE)
    plan.time_is(DUE + timedelta(days=1))
    weekly = Periodic("third", Weekday(at("09:00"), 4), JOB, catch_up="each")
    plan.begin(weekly)
    plan.turn()
    assert plan.periods() == []
    assert plan.row("third")[0] == datetime(2026, 11, 6, 8, tzinfo=UTC)
    # and the other way: an entry that had one moment for all
    plan.begin(Periodic("third", Every(timedelta(hours=1)), JOB))
    assert plan.house.rows("SELECT 1 FROM tenant_schedules") == []
    plan.time_is(datetime(2026, 12, 20, tzinfo=UTC))
    plan.begin(EACH, Periodic("third", NthBusinessDay(at("08:00"), 3), JOB, catch_up="each"))
    assert plan.look(datetime(2026, 12, 20, 1, tzinfo=UTC)) == []


def test_what_is_taken_out_of_the_table_vanishes(plan):
    plan.time_is(BEFORE)
    plan.begin(THIRD, EACH)
    plan.begin(EACH)
    assert plan.house.rows("SELECT name FROM tenant_schedules") == [("each",)]
    assert plan.house.rows("SELECT name FROM periodic_tasks") == [("each",)]


def test_without_access_it_is_let_go_or_waits(plan):
    plan.time_is(BEFORE)
    plan.begin(THIRD, WAIT)
    plan.look(BEFORE)
    plan.access("suspended")
    assert plan.look(DUE + timedelta(minutes=1)) == []
    assert plan.row("wait")[0] is None
    assert plan.row("third")[0] > DUE + timedelta(days=20)
    plan.access("active")
    assert plan.look(DUE + timedelta(hours=2)) == ["2026-11"]
    [(key,)] = plan.house.rows("SELECT idempotency_key FROM jobs WHERE name = %(n)s", n=JOB)
    assert key == "schedule:wait:2026-11"


def test_a_company_whose_access_comes_back_looks_at_once(plan):
    """With the commit that sets its state; what waited is made up for."""
    plan.time_is(BEFORE)
    plan.begin(THIRD, WAIT)
    plan.look(BEFORE)
    plan.set_access("suspended")
    assert plan.look(DUE + timedelta(minutes=1)) == []
    later = DUE + timedelta(minutes=9)
    plan.time_is(later)
    assert plan.told() == []
    plan.set_access("active")
    assert plan.told() == ["third", "wait"]
    plan.turn()
    assert plan.periods() == ["2026-11"]
    assert plan.row("wait")[0] == datetime(2026, 12, 3, 7, tzinfo=UTC)


def test_after_a_quarantined_look_ran_again_nothing_is_missed(plan):
    """Meanwhile the calendar stands still; afterwards each entry goes on as it declares."""
    plan.time_is(BEFORE)
    plan.begin(THIRD, EACH, SKIP, WAIT)
    plan.look(BEFORE)
    plan.time_is(DUE + timedelta(seconds=1))
    assert plan.told() == ["each", "skip", "third", "wait"]
    plan.house.rows("UPDATE jobs SET state = 'quarantined' WHERE name = 'schedule.turn'"
                    " AND state = 'queued'")  # fmt: skip
    assert plan.look(datetime(2027, 1, 20, tzinfo=UTC)) == []
    plan.tend()
    assert plan.told() == []
    [(turn,)] = plan.house.rows("SELECT id FROM jobs WHERE state = 'quarantined'")
    with plan.house.acting(plan.tenant):
        handling.replay(job_id=turn)
    assert plan.house.job(turn)["state"] == "queued"
    plan.turn()
    plan.house.rows("UPDATE jobs SET state = 'succeeded'")
    plan.look(datetime(2027, 1, 20, 1, tzinfo=UTC))
    done = plan.house.rows(
        "SELECT split_part(idempotency_key, ':', 2), args ->> 'period' FROM jobs"
        " WHERE name = %(n)s ORDER BY id", n=JOB,
    )  # fmt: skip
    assert [period for name, period in done if name == "each"] == ["2026-11", "2026-12", "2027-01"]
    assert [period for name, period in done if name == "third"] == ["2027-01"]
    assert [period for name, period in done if name == "wait"] == ["2027-01"]
    assert [period for name, period in done if name == "skip"] == []


@pytest.mark.parametrize(
    ("night", "moments"),
    [
        # 02:30 is left out: 03:00; it comes twice: the first
        (date(2026, 3, 29), ["2026-03-22T01:30", "2026-03-29T01:00", "2026-04-05T00:30"]),
        (date(2026, 10, 25), ["2026-10-18T00:30", "2026-10-25T00:30", "2026-11-01T01:30"]),
    ],
)
@pytest.mark.parametrize("jump", [0, 60, -60])
def test_nights_when_the_clocks_change(plan, night, moments, jump):
    """Looked at every few minutes, with a clock that jumps in the middle of the night."""
    begin = datetime.combine(night - timedelta(days=9), datetime.min.time(), UTC)
    plan.time_is(begin)
    plan.begin(NIGHT)
    plan.look(begin)
    minute = timedelta(minutes=1)
    for moment in moments:
        expected = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        assert plan.row("night")[0] == expected
        before = plan.periods()
        assert plan.look(expected - 20 * minute) == before
        for later in (1, jump, jump + 30, 61, 120):
            found = plan.look(expected + later * minute)
        assert len(found) == len(before) + 1
    assert plan.periods() == [str(night + timedelta(days=n)) for n in (-7, 0, 7)]


def test_a_look_that_staff_dropped_is_asked_for_again(plan):
    plan.time_is(BEFORE)
    plan.begin(THIRD)
    assert plan.told() == ["third"]
    plan.tend()
    assert plan.told() == []
    plan.house.rows("UPDATE jobs SET state = 'quarantined'")
    plan.tend()
    assert plan.told() == []
    plan.house.rows("UPDATE jobs SET state = 'cancelled'")
    plan.tend()
    assert plan.told() == ["third"]


def test_a_worker_of_another_version_leaves_entries_alone(plan):
    plan.time_is(BEFORE)
    plan.begin(THIRD, EACH)
    plan.told()
    with plan.house.acting(plan.tenant):
        planning.turn(tasks=[EACH], declared=DECLARED)
    assert plan.row("third")[0] is None
    assert plan.row("third")[1] > BEFORE
    assert plan.row("each")[0] == DUE


def test_the_lag_knows_companies_that_are_behind(plan):
    plan.time_is(BEFORE)
    plan.begin(THIRD)
    plan.look(BEFORE)
    with connection(plan.house.urls.dispatcher) as raw:
        assert scheduler.lags(raw) == [("third", 0.0)]
        plan.time_is(DUE + timedelta(minutes=3))
        [(_, behind)] = scheduler.lags(raw)
    assert 180 <= behind < 200


def test_people_can_list_it(plan):
    plan.time_is(BEFORE)
    tasks = [Periodic("hours", Every(timedelta(hours=1)), "sample_jobs.tick"), THIRD, EACH]
    url = plan.house.urls.dispatcher.replace("+psycopg", "")
    plan.begin(THIRD, tasks[0])
    plan.look(BEFORE)
    told = {line.split("  ")[0]: line for line in timetable(url, tasks).splitlines()}
    assert "3rd business day of the month, 08:00" in told["third"]
    assert "2026-11-04 07:00, 1 company" in told["third"]
    assert "every 1 h" in told["hours"]
    assert told["each"].endswith("not planned yet")
