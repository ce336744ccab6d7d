"""What a job answers, what the client reads when it can't, and how much it may write."""

import pytest

from tenants.jobs import COULD_NOT_FINISH, TOOK_TOO_LONG, get_status


def status(house, tenant, job_id):
    with house.acting(tenant):
        return get_status(tenant_id=tenant, job_id=job_id)


@pytest.mark.parametrize("chunks", [0, 2])
def test_what_a_job_returns_is_kept(running, chunks):
    tenant = running.tenant()
    job_id = running.enqueue(tenant, "answer", value={"lines": 3}, chunks=chunks)
    running.wait_for(job_id)

    assert status(running, tenant, job_id).result == {"lines": 3}


def test_a_result_is_small(running):
    tenant = running.tenant()
    big = running.enqueue(tenant, "answer", value="x" * 17_000)
    fits = running.enqueue(tenant, "answer", value="x" * 16_000)
    job = running.wait_for(big, "quarantined")
    running.wait_for(fits)

    assert (job["error"], job["attempt"]) == ("The result of the job is larger than 16 KB.", 1)


def test_chunks_count_together_and_what_was_saved_stays(running):
    tenant = running.tenant()
    job_id = running.enqueue(tenant, "talk", length=4000, chunks=5)
    job = running.wait_for(job_id, "quarantined")

    assert job["error"] == "The job wrote more than its limit."
    assert job["position"]["number"] == 1
    assert status(running, tenant, job_id).client_error == COULD_NOT_FINISH


@pytest.mark.parametrize(
    ("verb", "given", "sentence"),
    [
        ("apologise", {}, "The bank %(bank)s has no such account."),
        ("refuse", {}, "This file is not a bank statement."),
        ("fail", {"times": 9}, COULD_NOT_FINISH),
        ("give_up", {}, COULD_NOT_FINISH),
        ("nothing", {}, COULD_NOT_FINISH),
    ],
)
def test_the_client_reads_a_sentence_meant_for_people(running, verb, given, sentence):
    tenant = running.tenant()
    job_id = running.enqueue(tenant, verb, max_attempts=1, **given)
    running.wait_for(job_id, "quarantined")
    found = status(running, tenant, job_id)

    assert found.client_error == sentence
    assert found.client_error_params == ({"bank": "BNP"} if verb == "apologise" else {})


def test_while_it_is_tried_again_the_client_reads_no_error(running):
    tenant = running.tenant()
    job_id = running.enqueue(tenant, "fail", times=1)
    running.wait_for(job_id)

    assert status(running, tenant, job_id).client_error == ""


def test_time_has_a_sentence_of_its_own():
    from workers.execution import _for_client
    from workers.run import TimeLimitReached

    assert _for_client(TimeLimitReached()) == (TOOK_TOO_LONG, {})


def test_memory_is_limited_for_each_job_and_the_worker_is_replaced(house):
    """Beside what the process holds already; the process has room for more."""
    house.spawn("dispatcher")
    house.spawn("worker", "--processes", "1", "--memory-mb", "800")
    tenant = house.tenant()
    before = house.wait_for(house.enqueue(tenant, "mark", tag="before"))
    fits = house.enqueue(tenant, "need_memory", megabytes=40, max_attempts=1)
    house.wait_for(fits)
    much = house.enqueue(tenant, "need_memory", megabytes=200, max_attempts=1)
    job = house.wait_for(much, "quarantined")
    after = house.wait_for(house.enqueue(tenant, "mark", tag="after"))

    assert job["error"] == "The job needed more memory than its limit."
    assert before["state"] == after["state"] == "succeeded"
    house.close()
