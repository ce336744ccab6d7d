import threading
import time

import pytest

from tenants.core.errors import Conflict
from tenants.jobs import enqueue, get_status, replay


def test_a_job_runs_after_the_commit(running):
    tenant = running.tenant()
    job = running.wait_for(running.enqueue(tenant, "mark", tag="once"))

    assert running.effects(tenant) == ["once"]
    assert (job["attempt"], job["failures"], job["lease_until"]) == (1, 0, None)
    assert job["created_at"] <= job["started_at"] <= job["finished_at"]


def test_a_rollback_sends_nothing(running):
    tenant = running.tenant()

    def enqueue_and_fail():
        with running.acting(tenant):
            enqueue("sample_jobs.mark", tag="never")
            raise LookupError

    with pytest.raises(LookupError):
        enqueue_and_fail()
    running.wait_for(running.enqueue(tenant, "mark", tag="after"))

    assert running.effects(tenant) == ["after"]


def test_a_key_adds_one_job(running):
    tenant, other = running.tenant(), running.tenant()
    first = running.enqueue(tenant, "mark", tag="keyed", key="same")
    again = running.enqueue(tenant, "mark", tag="keyed", key="same")
    elsewhere = running.enqueue(other, "mark", tag="keyed", key="same")
    running.wait_for(first)
    running.wait_for(elsewhere)

    assert first == again != elsewhere
    assert running.effects(tenant) == running.effects(other) == ["keyed"]


def test_simultaneous_callers_with_one_key_add_one_job(running):
    tenant = running.tenant()
    ids = []
    threads = [
        threading.Thread(
            target=lambda: ids.append(running.enqueue(tenant, "mark", tag="raced", key="race"))
        )
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    running.wait_for(ids[0])

    assert len(set(ids)) == 1
    assert running.effects(tenant) == ["raced"]


def test_a_job_waits_for_its_time(running):
    tenant = running.tenant()
    later = running.rows("SELECT now() + interval '0.5 second'")[0][0]
    job = running.wait_for(running.enqueue(tenant, "mark", tag="later", run_at=later))

    assert job["started_at"] >= later


def test_a_failed_job_is_tried_again_and_its_effect_is_once(running):
    tenant = running.tenant()
    job = running.wait_for(running.enqueue(tenant, "fail", times=2))

    assert running.effects(tenant) == ["tried"]
    assert (job["attempt"], job["failures"], job["error"]) == (3, 2, "")


def test_after_all_tries_a_job_is_quarantined_with_its_trace_and_can_be_replayed(running):
    tenant = running.tenant()
    job_id = running.enqueue(tenant, "fail", times=3, max_attempts=3)
    job = running.wait_for(job_id, "quarantined")

    assert running.effects(tenant) == []
    assert job["failures"] == 3
    assert job["error"] == "The job ended with an error of our program (ValueError)."
    assert "no luck" in job["trace"]

    with running.acting(tenant):
        replay(job_id=job_id)
    running.wait_for(job_id)
    assert running.effects(tenant) == ["tried"]
    with pytest.raises(Conflict), running.acting(tenant):
        replay(job_id=job_id)


def test_a_final_failure_is_quarantined_at_once_without_its_effect(running):
    tenant = running.tenant()
    job = running.wait_for(running.enqueue(tenant, "refuse"), "quarantined")

    assert (job["attempt"], job["error"]) == (1, "This file is not a bank statement.")
    assert running.effects(tenant) == []


def test_giving_up_keeps_what_was_written(running):
    tenant = running.tenant()
    job = running.wait_for(running.enqueue(tenant, "give_up"), "quarantined")

    assert job["error"] == "The receiver does not exist."
    assert running.effects(tenant) == ["kept"]


@pytest.mark.parametrize(
    "verb", ["nothing", "_effect", "enqueue", "Path", "PATIENCE", "undeclared"]
)
def test_only_functions_of_the_lines_own_file_are_jobs(running, verb):
    tenant = running.tenant()
    job = running.wait_for(running.enqueue(tenant, verb), "quarantined")

    assert job["error"] == f"There is no job called “sample_jobs.{verb}”."


def test_chunks_are_committed_one_by_one_and_their_progress_is_visible(running, tmp_path):
    tenant = running.tenant()
    job_id = running.enqueue(tenant, "count", folder=str(tmp_path), total=4, hold_at=2)
    running.held(tmp_path, "count", 1)
    with running.acting(tenant):
        status = get_status(tenant_id=tenant, job_id=job_id)

    assert running.effects(tenant) == [0, 1]
    assert (status.state, status.total, status.message) == ("running", 4, "counting")
    (tmp_path / "go").touch()
    job = running.wait_for(job_id)
    assert running.effects(tenant) == [0, 1, 2, 3, "end"]
    assert job["position"] == 4


def test_a_long_job_keeps_its_lease(running, tmp_path):
    tenant = running.tenant()
    job_id = running.enqueue(tenant, "hold", folder=str(tmp_path), tag="long")
    running.held(tmp_path, "long", 1)
    time.sleep(2.4)  # the lease is two seconds
    (tmp_path / "go").touch()
    job = running.wait_for(job_id)

    assert job["attempt"] == 1
    assert running.effects(tenant) == ["long"]


def test_a_cancelled_run_keeps_nothing(running, tmp_path):
    tenant = running.tenant()
    job_id = running.enqueue(tenant, "hold", folder=str(tmp_path), tag="cancelled")
    running.held(tmp_path, "cancelled", 1)
    running.rows("UPDATE jobs SET state = 'cancelled' WHERE id = %(id)s", id=job_id)
    (tmp_path / "go").touch()
    running.wait_for(running.enqueue(tenant, "mark", tag="next"))
    time.sleep(0.2)

    assert running.job(job_id)["state"] == "cancelled"
    assert running.effects(tenant) == ["next"]


def test_jobs_of_two_tenants_in_turn_with_failures_never_see_each_other(running):
    ours, theirs = running.tenant(), running.tenant()
    failures = ("", "python", "sql")
    for number in range(12):
        for tenant in (ours, theirs, ours):
            running.enqueue(tenant, "look_around", fails=failures[number % 3])
    running.all_succeeded(ours)
    running.all_succeeded(theirs)

    assert running.effects(ours) == [[0, True]] * 24
    assert running.effects(theirs) == [[0, True]] * 12


def test_a_job_adds_jobs_in_its_own_tenant(running):
    tenant = running.tenant()
    running.wait_for(running.enqueue(tenant, "pass_on"))
    running.all_succeeded(tenant)

    assert running.effects(tenant) == ["passed on"]
