"""Workers tell that they live and what they run; processes of heavy work give way to fresh ones."""

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from tests.workers.house import House


@pytest.fixture
def dispatched(house: House) -> Iterator[House]:
    house.rows("DELETE FROM job_workers")
    house.spawn("dispatcher")
    yield house
    house.close()


def known(house: House) -> list[Any]:
    return house.rows(
        "SELECT kind, pid, job_name, job_tenant, queues FROM job_workers ORDER BY 1, 2"
    )


def test_what_lives_and_what_it_runs(dispatched, tmp_path):
    worker = dispatched.spawn("worker", "--processes", "2")
    found = dispatched.until(lambda: len(known(dispatched)) == 2 and known(dispatched))
    assert [kind for kind, *_ in found] == ["heavy", "short"]
    assert "batch" not in found[1][4]
    assert not [name for name in found[1][4] if name.endswith("heavy")]

    tenant = dispatched.tenant()
    job_id = dispatched.enqueue(tenant, "hold", folder=str(tmp_path), tag="seen")
    pid = dispatched.held(tmp_path, "seen", 1)
    running = (pid, "sample_jobs.hold", tenant)
    dispatched.until(lambda: running in [row[1:4] for row in known(dispatched)])
    assert dispatched.job(job_id)["worker"].endswith(f":{pid}")
    (tmp_path / "go").touch()
    dispatched.wait_for(job_id)
    dispatched.until(lambda: not [row for row in known(dispatched) if row[2]])
    dispatched.stop(worker)
    assert known(dispatched) == []


def test_a_killed_one_is_noticed_and_another_takes_its_place(dispatched):
    dispatched.spawn("worker", "--processes", "1")
    [(_, pid, *_)] = dispatched.until(lambda: known(dispatched))
    os.kill(pid, signal.SIGKILL)
    left = dispatched.until(
        lambda: (rows := known(dispatched)) and pid not in {r[1] for r in rows} and rows
    )
    assert len(left) == 1
    log = (dispatched.folder / "processes.log").read_text()
    assert "a worker is not heard of any more" in log
    assert "worker_lost" in log


def test_a_frozen_one_is_forgotten_and_comes_back(dispatched):
    dispatched.spawn("worker", "--processes", "1")
    [(_, pid, *_)] = dispatched.until(lambda: known(dispatched))
    os.kill(pid, signal.SIGSTOP)
    try:
        dispatched.until(lambda: not known(dispatched))
    finally:
        os.kill(pid, signal.SIGCONT)
    assert [row[1] for row in dispatched.until(lambda: known(dispatched))] == [pid]


def test_heavy_jobs_run_apart_and_their_process_gives_way(dispatched):
    dispatched.spawn("worker", "--processes", "2", "--recycle-jobs", "3")
    found = dispatched.until(lambda: len(known(dispatched)) == 2 and known(dispatched))
    short = next(row[1] for row in found if row[0] == "short")
    tenant = dispatched.tenant()
    heavy = [dispatched.enqueue(tenant, "lift", tag=number) for number in range(10)]
    dispatched.all_succeeded(tenant)

    pids = {int(dispatched.job(one)["worker"].rpartition(":")[2]) for one in heavy}
    assert len(pids) >= 3
    assert short not in pids
    assert sorted(dispatched.effects(tenant)) == list(range(10))
    assert {dispatched.job(one)["failures"] for one in heavy} == {0}


def test_a_process_that_grew_gives_way_between_two_jobs(dispatched):
    dispatched.spawn("worker", "--processes", "1", "--recycle-mb", "300")
    tenant = dispatched.tenant()
    grown = dispatched.wait_for(dispatched.enqueue(tenant, "keep_memory", megabytes=200))
    after = dispatched.wait_for(dispatched.enqueue(tenant, "mark", tag="after"))

    assert grown["worker"] != after["worker"]
    assert (grown["failures"], after["failures"]) == (0, 0)
