import threading
from datetime import timedelta
from typing import Any

import pytest

from tests.workers.house import House, connection
from workers import schedule
from workers.schedule import Periodic

HOURLY = Periodic("usage", timedelta(hours=1), "sample_jobs.mark", queue="billing")
OWN = Periodic("tidy", timedelta(minutes=15), "sample_jobs.mark", each="provider")


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
        schedule.reconcile(raw, [HOURLY, OWN])
        schedule.reconcile(raw, [HOURLY])
    [(name, ahead, whole)] = planned.rows(
        "SELECT name, next_run_at - now(), extract(epoch FROM next_run_at)::int %% 3600"
        " FROM periodic_tasks"
    )

    assert (name, whole) == ("usage", 0)
    assert timedelta() < ahead <= timedelta(hours=1)


def test_a_shorter_period_counts_at_once(planned):
    with connection(planned.urls.dispatcher) as raw:
        schedule.reconcile(raw, [Periodic("usage", timedelta(days=300), "sample_jobs.mark")])
        schedule.reconcile(raw, [HOURLY])
    [(ahead,)] = planned.rows("SELECT next_run_at - now() FROM periodic_tasks")

    assert ahead <= timedelta(hours=1)


def test_a_due_task_adds_one_job_for_each_active_tenant(planned):
    clients = {planned.tenant(), planned.tenant()}
    planned.tenant(state="suspended")
    provider = planned.tenant(kind="provider")
    with connection(planned.urls.dispatcher) as raw:
        schedule.reconcile(raw, [HOURLY, OWN])
        before = schedule.add_due(raw, [HOURLY, OWN])
        make_due(planned)
        now_due = schedule.add_due(raw, [HOURLY, OWN])
        afterwards = schedule.add_due(raw, [HOURLY, OWN])

    assert (before, now_due, afterwards) == ([], ["usage", "tidy"], [])
    jobs = added(planned)
    assert {tenant for tenant, _, queue, _ in jobs if queue == "billing"} == clients
    assert [tenant for tenant, _, queue, _ in jobs if queue == "default"] == [provider]
    assert all(key.startswith("schedule:") for _, _, _, key in jobs)


def test_missed_times_are_made_up_for_once(planned):
    planned.tenant()
    with connection(planned.urls.dispatcher) as raw:
        schedule.reconcile(raw, [HOURLY])
        make_due(planned)  # five of them
        schedule.add_due(raw, [HOURLY])
    [(ahead,)] = planned.rows("SELECT next_run_at - now() FROM periodic_tasks")

    assert len(added(planned)) == 1
    assert timedelta() < ahead <= timedelta(hours=1)


def test_two_leaders_add_each_job_once(planned):
    planned.tenant()
    with connection(planned.urls.dispatcher) as raw:
        schedule.reconcile(raw, [HOURLY])
    make_due(planned)
    [(due,)] = planned.rows("SELECT next_run_at FROM periodic_tasks")

    def lead() -> None:
        with connection(planned.urls.dispatcher) as raw:
            schedule.add_due(raw, [HOURLY])

    leaders = [threading.Thread(target=lead) for _ in range(2)]
    for leader in leaders:
        leader.start()
    for leader in leaders:
        leader.join()
    # a leader that was stopped before it moved on, and wakes up late
    planned.rows("UPDATE periodic_tasks SET next_run_at = %(due)s", due=due)
    lead()

    assert len(added(planned)) == 1


def test_every_task_of_the_product_resolves():
    from workers.registry import all_declared

    assert {task.job for task in schedule.TASKS} <= set(all_declared())
    assert len({task.name for task in schedule.TASKS}) == len(schedule.TASKS)
