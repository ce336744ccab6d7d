"""What jobs leave behind in Redis: nothing, whatever became of them."""

from uuid import uuid4

import pytest
from redis import Redis

from tenants import keys
from tests.workers.house import House
from tests.workers.process import MASTER_KEY
from workers import queues
from workers.queues import HandOver


def found(house: House, pattern: str) -> set[str]:
    return set(map(str, Redis.from_url(house.redis_url, decode_responses=True).keys(pattern)))


# RQ takes from a single list in another way than from several.
@pytest.mark.parametrize("lists", ["interactive", "default,interactive"])
def test_an_ended_job_leaves_no_message(house: House, lists: str) -> None:
    dispatcher = house.spawn("dispatcher")
    # of two processes the first looks at the short list only
    worker = house.spawn("worker", "--queues", lists, "--processes", "2")
    tenant = house.tenant()
    good = house.enqueue(tenant, "mark", tag="good", queue="interactive")
    bad = house.enqueue(tenant, "fail", queue="interactive", max_attempts=2, times=9)
    house.wait_for(good)
    house.wait_for(bad, "quarantined")
    house.until(lambda: not found(house, "rq:job:*"))
    house.stop(worker)
    house.stop(dispatcher)

    # Whoever cleans up notes what it sees on its way to a worker; Redis forgets that by itself.
    assert not {name for name in found(house, "rq:queue:*") if ":first_seen:" not in name}
    assert not found(house, "rq:executions*")
    assert not found(house, "rq:wip:*")
    assert not found(house, "rq:failed:*")


def test_a_message_that_nobody_forgets_expires(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "_ring", None)
    keys.use(MASTER_KEY)
    redis = Redis.from_url(house.redis_url)
    one = HandOver(uuid4(), uuid4(), "interactive", 1)
    queues.push(redis, [one])

    assert 0 < redis.ttl(f"rq:job:{one.rq_id}") <= queues.KEPT
