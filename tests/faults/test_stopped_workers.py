"""SIGTERM: nothing is lost, nothing counts as a failure."""

import pytest


@pytest.fixture
def dispatched(house):
    if not house.processes:
        house.spawn("dispatcher")
    return house


def test_between_chunks_the_job_is_handed_back(dispatched, tmp_path):
    tenant = dispatched.tenant()
    worker = dispatched.spawn("worker", "--processes", "1")
    job_id = dispatched.enqueue(tenant, "count", folder=str(tmp_path), total=4, hold_at=1)
    dispatched.held(tmp_path, "count", 1)
    worker.terminate()
    dispatched.until((tmp_path / "stopping").exists)
    (tmp_path / "go").touch()
    dispatched.stop(worker)
    job = dispatched.job(job_id)
    assert (job["state"] in ("queued", "dispatched"), job["position"], job["failures"]) == (
        True, 2, 0,
    )  # fmt: skip

    worker = dispatched.spawn("worker", "--processes", "1")
    job = dispatched.wait_for(job_id)
    dispatched.stop(worker)
    assert dispatched.effects(tenant) == [0, 1, 2, 3, "end"]
    assert job["failures"] == 0


def test_one_transaction_may_end_within_the_grace_time(dispatched, tmp_path):
    tenant = dispatched.tenant()
    worker = dispatched.spawn("worker", "--processes", "1")
    job_id = dispatched.enqueue(tenant, "hold", folder=str(tmp_path), tag="ending")
    dispatched.held(tmp_path, "ending", 1)
    worker.terminate()
    dispatched.until((tmp_path / "stopping").exists)
    (tmp_path / "go").touch()
    dispatched.stop(worker)

    assert dispatched.job(job_id)["state"] == "succeeded"
    assert dispatched.effects(tenant) == ["ending"]


def test_after_the_grace_time_it_is_rolled_back_and_handed_back(dispatched, tmp_path):
    tenant = dispatched.tenant()
    worker = dispatched.spawn("worker", "--processes", "1", COULISSE_JOBS_STOP_GRACE="0.3")
    job_id = dispatched.enqueue(tenant, "hold", folder=str(tmp_path), tag="slow")
    dispatched.held(tmp_path, "slow", 1)
    dispatched.stop(worker)
    job = dispatched.job(job_id)
    assert job["state"] in ("queued", "dispatched")
    assert job["failures"] == 0
    assert dispatched.effects(tenant) == []

    (tmp_path / "go").touch()
    worker = dispatched.spawn("worker", "--processes", "1")
    dispatched.wait_for(job_id)
    dispatched.stop(worker)
    assert dispatched.effects(tenant) == ["slow"]
