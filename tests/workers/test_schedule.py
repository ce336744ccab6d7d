"""What is due everywhere at once: whole multiples of an hour, in UTC."""

import threading
from datetime import timedelta
from typing import Any

import pytest

from app.calendars.recurrence import Every
from tests.workers.house import House, connection
from workers import schedule, scheduler
from workers.metrics import Backlog
from workers.registry import all_declared
from workers.schedule import Periodic

HOURLY = Periodic("usage", Every(timedelta(hours=1)), "sample_jobs.mark", queue="billing")
OWN = Periodic("tidy", Every(timedelta(minutes=15)), "sample_jobs.mark", each="provider")
SKIPPING = Periodic("skips", Every(timedelta(hours=1)), "sample_jobs.mark", catch_up="skip")
WAITING = Periodic("waits", Every(timedelta(hours=1)), "sample_jobs.mark", held="wait")


@pytest.fixture
def planned(house: House) -> House:
    house.rows("DELETE FROM jobs")
    house.rows("DELETE FROM periodic_tasks")
    house.rows("UPDATE tenants SET state = 'closed'")
    return house


def make_due(house: House) -> None:
    house.rows("UPDATE periodic_tasks SET next_run_at = next_run_at - interval '5 hours'")


def added(house: House) -> list[tuple[Any, ...]]:
    return house.rows("SELECT tenant_id, name, queue, idempotency_key FROM jobs ORDER BY 4, 1")


def test_the_table_is_reconciled(planned):
    with connection(planned.urls.dispatcher) as raw:
        scheduler.reconcile(raw, [HOURLY, OWN])
        scheduler.reconcile(raw, [HOURLY])
    [(name, ahead, whole)] = planned.rows(
        "SELECT name, next_run_at - now(), extract(epoch FROM next_run_at)::int %% 3600"
        " FROM periodic_tasks"
    )

    assert (name, whole) == ("usage", 0)
    assert timedelta() < ahead <= timedelta(hours=1)


@pytest.mark.parametrize("before", [timedelta(days=300), timedelta(minutes=10)])
def test_a_changed_period_counts_from_now_on(planned, before):
    with connection(planned.urls.dispatcher) as raw:
        scheduler.reconcile(raw, [Periodic("usage", Every(before), "sample_jobs.mark")])
        scheduler.reconcile(raw, [HOURLY])
    [(ahead, whole)] = planned.rows(
        "SELECT next_run_at - now(), extract(epoch FROM next_run_at)::int %% 3600"
        " FROM periodic_tasks"
    )

    assert ahead <= timedelta(hours=1)
    assert whole == 0


def test_what_was_missed_before_a_restart_is_not_forgotten(planned):
    planned.tenant()
    with connection(planned.urls.dispatcher) as raw:
        scheduler.reconcile(raw, [HOURLY])
        make_due(planned)
        scheduler.reconcile(raw, [HOURLY])

        assert scheduler.add_due(raw, [HOURLY]) == ["usage"]


def test_a_due_task_adds_one_job_for_each_active_tenant(planned):
    clients = {planned.tenant(), planned.tenant()}
    planned.tenant(state="suspended")
    provider = planned.tenant(kind="provider")
    with connection(planned.urls.dispatcher) as raw:
        scheduler.reconcile(raw, [HOURLY, OWN])
        before = scheduler.add_due(raw, [HOURLY, OWN])
        make_due(planned)
        now_due = scheduler.add_due(raw, [HOURLY, OWN])
        afterwards = scheduler.add_due(raw, [HOURLY, OWN])

    assert (before, now_due, afterwards) == ([], ["usage", "tidy"], [])
    jobs = added(planned)
    assert {tenant for tenant, _, queue, _ in jobs if queue == "billing"} == clients
    assert [tenant for tenant, _, queue, _ in jobs if queue == "default"] == [provider]
    assert all(key.startswith("schedule:") for _, _, _, key in jobs)


def test_the_company_reads_of_it_as_its_job_declares(planned):
    planned.tenant()
    keeping = Periodic("keeps", Every(timedelta(hours=1)), "sample_jobs.keep_period")
    declared = all_declared("tests.workers.jobs")
    with connection(planned.urls.dispatcher) as raw:
        scheduler.reconcile(raw, [HOURLY, keeping])
        make_due(planned)
        scheduler.add_due(raw, [HOURLY, keeping], declared)
    told = planned.rows("SELECT name, title, for_client FROM jobs ORDER BY name")
    assert told == [
        ("sample_jobs.keep_period", "Keeping a period", True), ("sample_jobs.mark", "", False),
    ]  # fmt: skip


def test_missed_times_are_made_up_for_once(planned):
    planned.tenant()
    with connection(planned.urls.dispatcher) as raw:
        scheduler.reconcile(raw, [HOURLY])
        make_due(planned)  # five of them
        scheduler.add_due(raw, [HOURLY])
    [(ahead,)] = planned.rows("SELECT next_run_at - now() FROM periodic_tasks")

    assert len(added(planned)) == 1
    assert timedelta() < ahead <= timedelta(hours=1)


def test_one_that_has_not_begun_does_what_became_due_since_too(planned):
    planned.tenant()
    with connection(planned.urls.dispatcher) as raw:
        scheduler.reconcile(raw, [HOURLY])
        make_due(planned)
        scheduler.add_due(raw, [HOURLY])
        make_due(planned)
        planned.rows("UPDATE periodic_tasks SET next_run_at = next_run_at + interval '1 minute'")
        scheduler.add_due(raw, [HOURLY])
        assert len(added(planned)) == 1

        planned.rows("UPDATE jobs SET state = 'running', attempt = 1")
        make_due(planned)
        planned.rows("UPDATE periodic_tasks SET next_run_at = next_run_at + interval '2 minutes'")
        scheduler.add_due(raw, [HOURLY])
        assert len(added(planned)) == 2


def test_what_skips_lets_go_what_is_late(planned, ahead):
    planned.tenant()
    with connection(planned.urls.dispatcher) as raw:
        ahead(minute=40)
        scheduler.reconcile(raw, [SKIPPING])
        make_due(planned)
        assert scheduler.add_due(raw, [SKIPPING]) == []
        assert added(planned) == []

        ahead(minute=65)
        assert scheduler.add_due(raw, [SKIPPING]) == ["skips"]
        assert len(added(planned)) == 1


def test_a_job_that_waits_for_its_companys_access_is_added_once(planned):
    tenant = planned.tenant()
    declared = all_declared("tests.workers.jobs")
    planned.rows("UPDATE tenants SET access_state = 'paused' WHERE id = %(t)s", t=tenant)
    with connection(planned.urls.dispatcher) as raw:
        scheduler.reconcile(raw, [HOURLY, WAITING])
        for _ in range(3):
            make_due(planned)
            scheduler.add_due(raw, [HOURLY, WAITING], declared)

    assert [key.split(":")[1] for *_, key in added(planned)] == ["waits"]


def test_two_leaders_add_each_job_once(planned):
    planned.tenant()
    with connection(planned.urls.dispatcher) as raw:
        scheduler.reconcile(raw, [HOURLY])
    make_due(planned)
    [(due,)] = planned.rows("SELECT next_run_at FROM periodic_tasks")

    def lead() -> None:
        with connection(planned.urls.dispatcher) as raw:
            scheduler.add_due(raw, [HOURLY])

    leaders = [threading.Thread(target=lead) for _ in range(2)]
    for leader in leaders:
        leader.start()
    for leader in leaders:
        leader.join()
    # a leader that was stopped before it moved on, and wakes up late
    planned.rows("UPDATE jobs SET state = 'succeeded'")
    planned.rows("UPDATE periodic_tasks SET next_run_at = %(due)s", due=due)
    lead()

    assert len(added(planned)) == 1


def test_a_clock_that_jumps_doubles_and_loses_nothing(planned, ahead):
    planned.tenant()
    ahead(minute=5)
    with connection(planned.urls.dispatcher) as raw:
        scheduler.reconcile(raw, [HOURLY])

        def pass_through(*minutes: int) -> list[str]:
            found = []
            for minute in minutes:
                ahead(minute=minute)
                found += scheduler.add_due(raw, [HOURLY])
                planned.rows("UPDATE jobs SET state = 'succeeded'")
            return found

        assert pass_through(10, 65, 70) == ["usage"]
        # an hour back, and another leader: the same hour comes again
        ahead(minute=5)
        scheduler.reconcile(raw, [HOURLY])
        pass_through(50, 61, 62)
        assert len(added(planned)) == 1
        # and on, an hour at once
        assert pass_through(121, 122, 185) == ["usage", "usage"]
        assert len(added(planned)) == 3


def test_the_lag_is_that_of_the_slowest(planned):
    with connection(planned.urls.dispatcher) as raw:
        scheduler.reconcile(raw, [HOURLY, OWN])
        assert scheduler.lags(raw) == [("tidy", 0.0), ("usage", 0.0)]
        planned.rows("UPDATE periodic_tasks SET next_run_at = now() - interval '90 s' WHERE name = 'usage'")  # fmt: skip
        found = dict(scheduler.lags(raw))
    assert found["tidy"] == 0
    assert 90 <= found["usage"] < 100
    dispatcher = Backlog(
        database_url=planned.urls.dispatcher.replace("+psycopg", ""), leads=lambda: True
    )
    [told] = [one for one in dispatcher.collect() if one.name == "coulisse_schedule_lag_seconds"]
    assert {one.labels["task"] for one in told.samples} == {"tidy", "usage"}


def test_every_task_of_the_product_resolves():
    from workers.registry import resolve

    for task in schedule.TASKS:
        assert callable(resolve(task.job)[0])
    assert len({task.name for task in schedule.TASKS}) == len(schedule.TASKS)
