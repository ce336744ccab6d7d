"""A job that adds others has ended when they have; meanwhile it holds no worker."""

import pytest

from tenants.core.errors import Conflict, NotFound
from tenants.core.ids import uuid7
from tenants.jobs import cancel, get_status, list_children


@pytest.mark.parametrize("parts", [0, 3])
def test_a_parent_ends_after_its_parts(running, parts):
    tenant = running.tenant()
    parent = running.enqueue(tenant, "spread", parts=parts)
    job = running.wait_for(parent)
    with running.acting(tenant):
        children = list_children(parent_id=parent)

    assert {child.state for child in children} <= {"succeeded"}
    assert job["result"] == {"parts": parts}
    assert sorted(map(str, running.effects(tenant))) == sorted([*map(str, range(parts)), "own"])
    ended = running.rows("SELECT max(finished_at) FROM jobs WHERE parent_id = %(p)s", p=parent)
    assert parts == 0 or job["finished_at"] >= ended[0][0]


def test_a_failed_parts_sentence_is_on_the_parent(running):
    tenant = running.tenant()
    parent = running.enqueue(tenant, "spread", parts=3, refused=[1])
    job = running.wait_for(parent)

    assert job["error"] == "This file is not a bank statement."
    assert job["client_error"] == "This file is not a bank statement."
    with running.acting(tenant):
        states = sorted(child.state for child in list_children(parent_id=parent))
    assert states == ["quarantined", "succeeded", "succeeded"]


def test_parts_of_parts_and_a_waiting_parent_takes_no_place(running, tmp_path):
    tenant = running.tenant()
    parent = running.enqueue(tenant, "spread_deep", folder=str(tmp_path))
    running.wait_for(parent, "waiting")
    running.held(tmp_path, "deep", 1)
    running.wait_for(running.enqueue(tenant, "mark", tag="meanwhile"))
    assert running.job(parent)["state"] == "waiting"
    (tmp_path / "go").touch()
    running.wait_for(parent)


def test_cancelling_goes_down(running, tmp_path):
    tenant = running.tenant()
    parent = running.enqueue(tenant, "spread_deep", folder=str(tmp_path))
    running.wait_for(parent, "waiting")
    running.held(tmp_path, "deep", 1)
    with running.acting(tenant):
        met = cancel(job_id=parent)
    (tmp_path / "go").touch()
    running.wait_for(running.enqueue(tenant, "mark", tag="next"))

    assert parent in met
    assert running.job(parent)["state"] == "cancelled"
    open_ones = running.rows(
        "SELECT count(*) FROM jobs WHERE tenant_id = %(t)s AND state NOT IN"
        " ('succeeded', 'cancelled')", t=tenant,
    )  # fmt: skip
    assert open_ones == [(0,)]
    assert "deep" not in running.effects(tenant)


def test_what_waits_is_cancelled_at_once_and_what_ended_not(house, tmp_path):
    tenant, other = house.tenant(), house.tenant()
    job_id = house.enqueue(tenant, "mark", tag="never", run_at=house.rows(
        "SELECT now() + interval '1 hour'")[0][0])  # fmt: skip
    with house.acting(tenant):
        assert cancel(job_id=job_id) == [job_id]
    with house.acting(tenant):
        assert get_status(tenant_id=tenant, job_id=job_id).state == "cancelled"
    with pytest.raises(Conflict), house.acting(tenant):
        cancel(job_id=job_id)
    for tenant_id, missing in ((other, job_id), (tenant, uuid7())):
        with pytest.raises(NotFound), house.acting(tenant_id):
            cancel(job_id=missing)


def test_a_cancelled_run_ends_soon_and_its_worker_takes_the_next(running):
    """Without waiting for its next write: this one would sleep for a minute."""
    tenant = running.tenant()
    job_id = running.enqueue(tenant, "sleep_in_database")
    running.wait_for(job_id, "running")
    with running.acting(tenant):
        cancel(job_id=job_id)
    [(worker,)] = running.rows("SELECT worker FROM jobs WHERE id = %(i)s", i=job_id)
    pid = int(worker.rpartition(":")[2])
    running.until(
        lambda: running.rows(
            "SELECT 1 FROM job_workers WHERE pid = %(p)s AND job_id IS NULL", p=pid
        ),
        seconds=12,
    )
    assert running.job(job_id)["state"] == "cancelled"
