import os
import signal
from datetime import datetime

from tenants.jobs import get_status
from tests.workers.house import House


def test_killed_in_the_middle_of_one_transaction(running, tmp_path):
    tenant = running.tenant()
    job_id = running.enqueue(tenant, "hold", folder=str(tmp_path), tag="held")
    first, process = running.held_run(tmp_path, "held")
    os.kill(process, signal.SIGKILL)
    running.held_run(tmp_path, "held", after=first)
    with running.acting(tenant):
        restarted = get_status(tenant_id=tenant, job_id=job_id).restarted
    (tmp_path / "go").touch()
    job = running.wait_for(job_id)

    assert running.effects(tenant) == ["held"]
    assert restarted
    assert job["attempt"] > first
    assert job["failures"] >= 1


def test_killed_in_the_middle_of_chunks_goes_on_from_the_saved_one(running, tmp_path):
    tenant = running.tenant()
    job_id = running.enqueue(tenant, "count", folder=str(tmp_path), total=5, hold_at=3)
    first, process = running.held_run(tmp_path, "count")
    os.kill(process, signal.SIGKILL)
    running.held_run(tmp_path, "count", after=first)
    assert running.job(job_id)["position"] == 3
    (tmp_path / "go").touch()
    running.wait_for(job_id)

    assert running.effects(tenant) == [0, 1, 2, 3, 4, "end"]


def test_a_frozen_worker_that_wakes_up_late_writes_nothing(running, tmp_path):
    tenant = running.tenant()
    job_id = running.enqueue(tenant, "hold", folder=str(tmp_path), tag="frozen")
    first, process = running.held_run(tmp_path, "frozen")
    os.kill(process, signal.SIGSTOP)
    running.held_run(tmp_path, "frozen", after=first)
    (tmp_path / "go").touch()
    running.wait_for(job_id)
    [(woken,)] = running.rows("SELECT clock_timestamp()")
    os.kill(process, signal.SIGCONT)
    running.until(lambda: _is_free(running, process, woken))

    assert running.effects(tenant) == ["frozen"]
    assert running.job(job_id)["attempt"] > first


def _is_free(house: House, process: int, since: datetime) -> bool:
    """It has told since then that it runs nothing."""
    return bool(
        house.rows(
            "SELECT 1 FROM job_workers WHERE pid = %(p)s AND heartbeat_at > %(s)s"
            " AND job_id IS NULL", p=process, s=since,
        )
    )  # fmt: skip


def test_a_job_that_kills_its_workers_is_quarantined(running, tmp_path):
    tenant = running.tenant()
    job_id = running.enqueue(tenant, "hold", folder=str(tmp_path), tag="deadly", max_attempts=2)
    last = 0

    def run_or_quarantine():
        runs = running.runs(tmp_path, "deadly", after=last)
        return runs[-1:] or running.job(job_id)["state"] == "quarantined"

    while (found := running.until(run_or_quarantine)) is not True:
        [(last, process)] = found
        os.kill(process, signal.SIGKILL)
    job = running.job(job_id)

    assert job["error"].startswith("The worker of this job died 2 times")
    assert running.effects(tenant) == []
