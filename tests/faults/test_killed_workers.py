import os
import signal
import time

from tenants.jobs import get_status


def test_killed_in_the_middle_of_one_transaction(running, tmp_path):
    tenant = running.tenant()
    job_id = running.enqueue(tenant, "hold", folder=str(tmp_path), tag="held")
    os.kill(running.held(tmp_path, "held", 1), signal.SIGKILL)
    running.held(tmp_path, "held", 2)
    with running.acting(tenant):
        restarted = get_status(tenant_id=tenant, job_id=job_id).restarted
    (tmp_path / "go").touch()
    job = running.wait_for(job_id)

    assert running.effects(tenant) == ["held"]
    assert (job["attempt"], job["failures"], restarted) == (2, 1, True)


def test_killed_in_the_middle_of_chunks_goes_on_from_the_saved_one(running, tmp_path):
    tenant = running.tenant()
    job_id = running.enqueue(tenant, "count", folder=str(tmp_path), total=5, hold_at=3)
    os.kill(running.held(tmp_path, "count", 1), signal.SIGKILL)
    running.wait_for(job_id, "retrying", "dispatched")
    assert running.job(job_id)["position"] == 3
    running.held(tmp_path, "count", 2)
    (tmp_path / "go").touch()
    running.wait_for(job_id)

    assert running.effects(tenant) == [0, 1, 2, 3, 4, "end"]


def test_a_frozen_worker_that_wakes_up_late_writes_nothing(running, tmp_path):
    tenant = running.tenant()
    job_id = running.enqueue(tenant, "hold", folder=str(tmp_path), tag="frozen")
    first = running.held(tmp_path, "frozen", 1)
    os.kill(first, signal.SIGSTOP)
    running.held(tmp_path, "frozen", 2)
    (tmp_path / "go").touch()
    running.wait_for(job_id)
    os.kill(first, signal.SIGCONT)
    time.sleep(0.5)

    assert running.effects(tenant) == ["frozen"]
    assert running.job(job_id)["attempt"] == 2


def test_a_job_that_kills_its_workers_is_quarantined(running, tmp_path):
    tenant = running.tenant()
    job_id = running.enqueue(tenant, "hold", folder=str(tmp_path), tag="deadly", max_attempts=2)
    for attempt in (1, 2):
        os.kill(running.held(tmp_path, "deadly", attempt), signal.SIGKILL)
    job = running.wait_for(job_id, "quarantined")

    assert job["error"].startswith("The worker of this job died 2 times")
    assert running.effects(tenant) == []
