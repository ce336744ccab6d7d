"""Poison jobs: each ends alone, and the others go on."""

import pytest

from tests.workers.house import House


@pytest.fixture(scope="module")
def limited(house: House) -> House:
    house.spawn("dispatcher")
    house.spawn(
        *("worker", "--processes", "1", "--memory-mb", "400"),
        COULISSE_JOBS_TIME_LIMIT="0.8",
        COULISSE_JOBS_RUN_LEASE="1",
        COULISSE_JOBS_HANG_MARGIN="0.4",
    )
    return house


@pytest.mark.parametrize(
    ("verb", "sentence"),
    [
        ("loop", "The job took longer than its time limit."),
        ("sleep_in_database", "The job took longer than its time limit."),
        ("eat_memory", "The job needed more memory than its limit."),
        ("hang", "The worker of this job died 2 times in the middle of it"),
    ],
)
def test_a_poison_job_is_quarantined_and_others_go_on(limited, verb, sentence):
    tenant = limited.tenant()
    poison = limited.enqueue(tenant, verb, max_attempts=2)
    good = limited.enqueue(tenant, "mark", tag="good")

    job = limited.wait_for(poison, "quarantined")
    assert job["error"].startswith(sentence)
    assert job["failures"] == 2
    limited.wait_for(good)
    assert limited.effects(tenant) == ["good"]
