"""What comes out of Redis is only believed where the database agrees."""

import pytest
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from tenants.core.ids import uuid7
from tests.workers.house import House, connection
from workers import claims
from workers.execution import EnvelopeRefused, Runner
from workers.queues import EXECUTE, HandOver
from workers.timing import Timing


@pytest.fixture
def runner(house: House) -> Runner:
    return Runner(house.app, timing=Timing(backoff=60), jobs_package="tests.workers.jobs")


def hand_over(house: House, tenant) -> HandOver:
    house.enqueue(tenant, "mark", tag="done")
    with connection(house.urls.dispatcher) as raw:
        [given] = [one for one in claims.claim(raw, Timing()) if one.tenant_id == tenant]
    return given


def test_a_whole_envelope_runs_once(house, runner):
    tenant = house.tenant()
    given = hand_over(house, tenant)
    for _ in range(2):
        runner.execute(str(tenant), str(given.job_id), given.attempt)

    assert house.effects(tenant) == ["done"]


@pytest.mark.parametrize("tenant_id", [None, "", "everyone", 7])
def test_an_envelope_without_tenant_is_refused(house, runner, tenant_id):
    given = hand_over(house, house.tenant())
    with pytest.raises(EnvelopeRefused):
        runner.execute(tenant_id, str(given.job_id), given.attempt)


@pytest.mark.parametrize("attempt", [None, 0, "1", True and -1])
def test_an_envelope_without_attempt_is_refused(house, runner, attempt):
    tenant = house.tenant()
    given = hand_over(house, tenant)
    with pytest.raises(EnvelopeRefused):
        runner.execute(str(tenant), str(given.job_id), attempt)


def test_a_foreign_tenant_in_the_envelope_touches_nothing(house, runner):
    ours, theirs = house.tenant(), house.tenant()
    given = hand_over(house, ours)
    before = house.job(given.job_id)
    for stranger in (theirs, uuid7()):
        runner.execute(str(stranger), str(given.job_id), given.attempt)

    assert house.job(given.job_id) == before
    assert house.effects(ours) == house.effects(theirs) == []


def test_an_earlier_attempt_is_superseded(house, runner):
    tenant = house.tenant()
    given = hand_over(house, tenant)
    house.rows("UPDATE jobs SET attempt = attempt + 1 WHERE id = %(id)s", id=given.job_id)
    runner.execute(str(tenant), str(given.job_id), given.attempt)

    assert house.effects(tenant) == []
    runner.execute(str(tenant), str(given.job_id), given.attempt + 1)
    assert house.effects(tenant) == ["done"]


def test_workers_run_nothing_but_our_function(running, tmp_path):
    redis = Redis.from_url(running.redis_url)
    queue = Queue("default", connection=redis, serializer=JSONSerializer)
    queue.enqueue("os.mkdir", str(tmp_path / "made"))
    queue.enqueue(EXECUTE, None, "x", 1)
    tenant = running.tenant()
    running.wait_for(running.enqueue(tenant, "mark", tag="after"))

    assert not (tmp_path / "made").exists()
