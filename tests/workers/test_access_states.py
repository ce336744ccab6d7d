"""A company whose subscription ended or hasn't begun: its jobs wait, except those that must not."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from app.calendars.recurrence import Every
from tenants.access import ACCESS_STATES, WORKING
from tenants.core.errors import Forbidden
from tenants.permissions import Actor, system_actor
from tenants.services.access import set_access_state
from tests.workers.house import House, connection
from workers import claims, schedule, scheduler
from workers.registry import all_declared
from workers.timing import Timing

DECLARED = all_declared("tests.workers.jobs")
ACCESS = claims.Access(DECLARED)


def let(house: House, tenant, state: str) -> None:
    house.rows(
        "UPDATE tenants SET access_state = %(s)s WHERE id = %(t)s RETURNING id", s=state, t=tenant
    )


def claimed(house: House) -> set[UUID]:
    with connection(house.urls.dispatcher) as raw:
        return {one.job_id for one in claims.claim(raw, Timing(), ACCESS)}


@pytest.mark.parametrize("state", ACCESS_STATES)
def test_which_jobs_run(house, state):
    tenant = house.tenant()
    let(house, tenant, state)
    usual = house.enqueue(tenant, "mark", tag="usual")
    always = house.enqueue(tenant, "always", tag="always")

    assert (claimed(house) >= {always}, house.job(usual)["state"]) == (
        True, "dispatched" if state in WORKING else "queued",
    )  # fmt: skip


def test_what_waits_is_marked_and_runs_when_the_state_changes(running):
    tenant = running.tenant()
    let(running, tenant, "suspended")
    held = running.enqueue(tenant, "mark", tag="held")
    running.wait_for(running.enqueue(tenant, "always", tag="paid"))
    running.until(lambda: running.job(held)["held_since"])
    assert running.job(held)["state"] == "queued"

    let(running, tenant, "active")
    job = running.wait_for(held)
    assert job["held_since"] is None
    assert running.effects(tenant) == ["paid", "held"]


def test_the_one_who_sets_it_is_heard_at_once(running):
    tenant = running.tenant()
    assert said(running, tenant, "suspended")
    held = running.enqueue(tenant, "mark", tag="held")
    running.until(lambda: running.job(held)["held_since"])
    assert said(running, tenant, "grace")
    running.wait_for(held)
    assert not said(running, tenant, "grace")
    noted = running.rows(
        "SELECT facts::jsonb -> 'state' FROM audit_events WHERE tenant_id = %(t)s"
        " AND name = 'tenants.access.changed' ORDER BY id", t=tenant,
    )  # fmt: skip
    assert noted == [(["active", "suspended"],), (["suspended", "grace"],)]


def test_only_the_system_sets_it(house):
    tenant = house.tenant()
    person = Actor(
        user_id=uuid4(), name="x", side="provider", role="provider_admin", tenant_id=tenant
    )
    with pytest.raises(Forbidden):
        said(house, tenant, "suspended", person)
    with pytest.raises(ValueError, match="no access state"):
        said(house, tenant, "asleep")


def said(house, tenant, state, actor=None):
    with house.acting(tenant):
        return set_access_state(
            state=state, actor=actor or system_actor(tenant), now=datetime.now(UTC)
        )


def test_a_held_backlog_takes_nobodys_place(running):
    tenant = running.tenant()
    let(running, tenant, "paused")
    for number in range(10):
        running.enqueue(tenant, "mark", tag=number)
    running.wait_for(running.enqueue(tenant, "always", tag="always"))

    assert running.effects(tenant) == ["always"]


def test_periodic_work_does_not_pile_up(house):
    working, paused = house.tenant(), house.tenant()
    let(house, paused, "paused")
    hourly = [
        schedule.Periodic("hourly", Every(timedelta(hours=1)), "sample_jobs.mark"),
        schedule.Periodic("billing", Every(timedelta(hours=1)), "sample_jobs.always"),
    ]
    with connection(house.urls.dispatcher) as raw:
        scheduler.reconcile(raw, hourly)
        house.rows("UPDATE periodic_tasks SET next_run_at = now()")
        scheduler.add_due(raw, hourly, DECLARED)
    added = set(
        house.rows(
            "SELECT tenant_id, name FROM jobs WHERE tenant_id IN (%(w)s, %(p)s)",
            w=working,
            p=paused,
        )
    )
    assert added == {
        (working, "sample_jobs.mark"), (working, "sample_jobs.always"),
        (paused, "sample_jobs.always"),
    }  # fmt: skip
