"""PostgreSQL remembers the jobs: Valkey may forget everything, or be away."""

import pytest
from redis import Redis


def spread(house, tenants, each):
    for number in range(each):
        for tenant in tenants:
            house.enqueue(tenant, "mark", tag=number)


def each_once(house, tenants, each):
    for tenant in tenants:
        house.all_succeeded(tenant)
        assert sorted(house.effects(tenant)) == list(range(each))


def test_flushed_while_jobs_wait_in_it(house):
    tenants = [house.tenant() for _ in range(3)]
    dispatcher = house.spawn("dispatcher")
    spread(house, tenants, 6)
    house.until(lambda: house.rows("SELECT 1 FROM jobs WHERE state = 'dispatched' LIMIT 1"))
    Redis.from_url(house.redis_url).flushall()
    worker = house.spawn("worker")

    each_once(house, tenants, 6)
    house.stop(worker)
    house.stop(dispatcher)


def test_flushed_again_and_again_while_jobs_run(running):
    tenants = [running.tenant() for _ in range(2)]
    redis = Redis.from_url(running.redis_url)
    for number in range(20):
        for tenant in tenants:
            running.enqueue(tenant, "mark", tag=number)
        if number % 4 == 0:
            redis.flushall()

    each_once(running, tenants, 20)
    assert running.rows("SELECT count(*) FROM jobs WHERE failures > 0") == [(0,)]


def test_away_for_a_while(running):
    tenants = [running.tenant() for _ in range(2)]
    spread(running, tenants, 3)
    running.valkey.stop()
    spread(running, tenants, 3)
    with pytest.raises(AssertionError, match="not within"):
        running.until(
            lambda: not running.rows("SELECT 1 FROM jobs WHERE state <> 'succeeded'"), seconds=0.7
        )
    running.valkey.up()

    for tenant in tenants:
        running.all_succeeded(tenant)
        assert sorted(running.effects(tenant)) == [0, 0, 1, 1, 2, 2]
