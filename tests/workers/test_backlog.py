"""A backlog that came faster than the database looked: its statistics are of the few jobs that were
there before, all of them ended, and plans of that time are still in use."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest

from tenants.core.db import db
from tenants.jobs import COULD_NOT_FINISH
from tests.workers.house import House
from tests.workers.test_turns import add_many
from workers import claims
from workers.dispatcher import ALONG_INDEXES
from workers.execution import Runner
from workers.queues import RULES, HandOver
from workers.timing import Timing

FEW, BACKLOG, SMALL = 40, 3000, 12
NAMED = {
    "queues": list(RULES), "limits": [rules.in_flight for rules in RULES.values()],
    "lease": 20, "access": [], "all": False, "base": 2, "ceiling": 3600,
    "told": COULD_NOT_FINISH,
}  # fmt: skip
STATEMENTS = ("CLAIM", "HOLD", "UNANSWERED", "KILLED", "SETTLE")


@pytest.fixture
def few(house: House) -> Iterator[House]:
    house.rows("TRUNCATE jobs CASCADE")
    house.rows("ALTER TABLE jobs SET (autovacuum_enabled = false)")
    add_many(house, house.tenant(), FEW)
    house.rows("UPDATE jobs SET state = 'succeeded', finished_at = now()")
    house.rows("ANALYZE jobs")
    yield house
    house.rows("TRUNCATE jobs CASCADE")


def _touched(plan: dict[str, Any]) -> int:
    """Rows that were read, over all turns of its nodes."""
    read = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
    read += plan.get("Rows Removed by Join Filter", 0)
    here = read * plan["Actual Loops"]
    return int(here + sum(_touched(one) for one in plan.get("Plans", ())))


def _dispatchers(house: House) -> psycopg.Connection[Any]:
    raw = psycopg.connect(house.urls.dispatcher.replace("+psycopg", ""), autocommit=True)
    raw.execute(ALONG_INDEXES)
    return raw


@pytest.mark.parametrize("name", STATEMENTS)
def test_the_dispatcher_reads_no_more_than_is_its_turn(few: House, name: str) -> None:
    add_many(few, few.tenant(), BACKLOG)
    for _ in range(SMALL):
        add_many(few, few.tenant(), 1)
    # no company whose access is away but this one, which has nothing to do
    few.rows("UPDATE tenants SET access_state = 'suspended' WHERE id = %(t)s", t=few.tenant())
    with _dispatchers(few) as raw:
        statement = f"EXPLAIN (ANALYZE, FORMAT JSON) {getattr(claims, name)}"
        [[[found]]] = raw.execute(statement, NAMED).fetchall()

    assert _touched(found["Plan"]) < BACKLOG / 2


def test_many_companies_are_claimed_row_by_row(few: House) -> None:
    add_many(few, few.tenant(), BACKLOG)
    for _ in range(60):
        add_many(few, few.tenant(), 1)
    with _dispatchers(few) as raw:
        statement = f"EXPLAIN (ANALYZE, FORMAT JSON) {claims.CLAIM}"
        [[[found]]] = raw.execute(statement, NAMED).fetchall()

    assert _touched(found["Plan"]) < BACKLOG


def test_a_worker_whose_plans_are_old_reads_its_own_job(few: House) -> None:
    tenant = few.tenant()
    runner = Runner(few.app, timing=Timing(), jobs_package="tests.workers.jobs")
    with _dispatchers(few) as raw:
        before = _read_whole(few)
        # the driver prepares what it was asked five times; the database plans that once for all
        add_many(few, tenant, 10)
        _run(raw, runner, 10)
        add_many(few, tenant, BACKLOG)
        _run(raw, runner, 5)
        assert _read_whole(few) == before

    assert few.effects(tenant)[9:11] == [10, 1]


def _run(raw: psycopg.Connection[Any], runner: Runner, count: int) -> None:
    given: list[HandOver] = []
    for _ in range(count):
        given = given or claims.claim(raw, Timing())
        one = given.pop(0)
        runner.execute(str(one.tenant_id), str(one.job_id), one.attempt)


def _read_whole(house: House) -> int:
    """Rows of `jobs` that were read by looking at all of them."""
    with house.app.app_context(), ExitStack() as pool:
        for _ in range(3):
            connection = pool.enter_context(db.engine.connect())
            connection.exec_driver_sql("SELECT pg_stat_force_next_flush()")
            connection.commit()
    [(read,)] = house.rows("SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'jobs'")
    return int(read)
