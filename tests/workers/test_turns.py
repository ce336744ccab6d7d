from collections import Counter

import pytest

from tests.workers.house import House, connection
from workers import claims
from workers.queues import RULES
from workers.timing import Timing


@pytest.fixture
def empty(house: House) -> House:
    house.rows("DELETE FROM jobs")
    return house


def add_many(house: House, tenant, count: int, queue: str = "default") -> None:
    house.rows(
        "INSERT INTO jobs (tenant_id, name, queue, args)"
        " SELECT %(t)s, 'sample_jobs.mark', %(q)s, jsonb_build_object('tag', n)"
        " FROM generate_series(1, %(n)s) n",
        t=tenant, q=queue, n=count,
    )  # fmt: skip


def test_each_tenant_gets_its_places_and_their_turns_alternate(empty):
    big, small, tiny = (empty.tenant() for _ in range(3))
    add_many(empty, big, 500)
    add_many(empty, small, 3)
    add_many(empty, tiny, 1)
    with connection(empty.urls.dispatcher) as raw:
        first = claims.claim(raw, Timing())
        second = claims.claim(raw, Timing())

    free = RULES["default"].in_flight
    assert Counter(one.tenant_id for one in first) == {big: free, small: 3, tiny: 1}
    assert {one.tenant_id for one in first[:3]} == {big, small, tiny}
    assert {one.tenant_id for one in first[3:5]} == {big, small}
    assert second == []


def test_queues_count_apart_and_an_ended_job_frees_its_place(empty):
    tenant = empty.tenant()
    add_many(empty, tenant, 10)
    add_many(empty, tenant, 10, queue="interactive")
    with connection(empty.urls.dispatcher) as raw:
        first = claims.claim(raw, Timing())
        empty.rows("UPDATE jobs SET state = 'succeeded' WHERE id = %(id)s", id=first[0].job_id)
        second = claims.claim(raw, Timing())

    assert Counter(one.queue for one in first) == {
        "default": RULES["default"].in_flight,
        "interactive": RULES["interactive"].in_flight,
    }
    assert [one.queue for one in second] == [first[0].queue]


def test_two_dispatchers_at_once_never_claim_the_same_job(empty):
    for _ in range(5):
        add_many(empty, empty.tenant(), 5)
    with connection(empty.urls.dispatcher) as one, connection(empty.urls.dispatcher) as other:
        with one.transaction():
            held = claims.claim(one, Timing())
            meanwhile = claims.claim(other, Timing())
        after = claims.claim(other, Timing())

    ids = [claim.job_id for claim in (*held, *meanwhile, *after)]
    assert len(ids) == len(set(ids))
    assert held
    assert after == []


def test_the_dispatcher_sees_no_content(empty):
    import psycopg

    with connection(empty.urls.dispatcher) as raw:
        for column in ("args", "trace", "position", "actor_id"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                raw.execute(f"SELECT {column} FROM jobs")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            raw.execute("SELECT 1 FROM outbox")


def test_a_backlog_does_not_delay_another_tenant(empty):
    big, small = empty.tenant(), empty.tenant()
    add_many(empty, big, 500)
    add_many(empty, small, 5)
    empty.spawn("worker", "--processes", "1")
    empty.spawn("dispatcher")
    empty.all_succeeded(small)
    empty.close()

    order = [
        tenant
        for (tenant,) in empty.rows(
            "SELECT tenant_id FROM jobs WHERE state = 'succeeded' ORDER BY finished_at, tenant_id"
        )
    ]
    last_of_small = max(place for place, tenant in enumerate(order) if tenant == small)
    # first in, first out would finish the small one's at place 500 and later
    assert last_of_small < 60
    assert sorted(empty.effects(small)) == [1, 2, 3, 4, 5]
