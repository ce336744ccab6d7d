"""Jobs with one query each, alone and fifty in one; how soon one starts on an idle system; and how
long small tenants wait behind a big one. Floor: RQ alone with the same work, first in, first out."""

import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from bench import plain_jobs, staff
from bench.measure import Result, Stage
from bench.people import BenchTenant, make_tenants
from bench.staff import Watch

SINGLE, BATCHES, BATCH = 300, 80, 50
STARTS = 25
BACKLOG, SECONDS = 400, 0.05
SMALL, EACH = 10, 2


def measure(stage: Stage) -> list[Result]:
    big, *small = make_tenants(stage, 1 + SMALL, prefix="jobs")
    watch = Watch(stage)
    # what other parts promised is not for these workers
    watch.run("DELETE FROM jobs")
    single, batched, start = _ours(stage, big, watch)
    low_single, low_batched, low_start = _plain(stage, big)
    idle, waited = _waits(stage, big, small, watch)
    first_in = _first_in_first_out(stage, small)
    watch.close()
    return [
        Result("jobs: queries per worker, fifty in a job", batched, 500, 700, low_batched,
               unit="per s CPU", better="high", by_value=True,
               note="CPU of worker, dispatcher, PostgreSQL and Valkey together"),
        Result("jobs: queries per worker, one in a job", single, 0.2, 0.5, low_single,
               unit="per s CPU", better="high"),
        Result("interactive job begins after commit, median", start, 100, 20, low_start,
               unit="ms", by_value=True, note="wall time: only a quiet machine tells"),
        Result(f"small tenants' p95 wait behind {BACKLOG} jobs of 50 ms (not 10,000)", waited,
               0.20, 0.10, first_in, unit="ms", note=f"on an idle system {idle:.0f} ms"),
    ]  # fmt: skip


def _rates(spent: Callable[[int, int], float]) -> tuple[float, float]:
    """Queries in a second of CPU: one in a job, many in a job."""
    return 1000 * SINGLE / spent(SINGLE, 1), 1000 * BATCHES * BATCH / spent(BATCHES, BATCH)


def _ours(stage: Stage, tenant: BenchTenant, watch: Watch) -> tuple[float, float, float]:
    def work(count: int, items: int) -> None:
        staff.add(stage, tenant.id, "query", [{"tenant": str(tenant.id), "items": items}] * count)
        watch.all_done()

    with staff.ours(stage, workers=1) as meter:
        work(5, 1)
        rates = _rates(lambda count, items: meter.of(lambda: work(count, items)))
        starts = []
        for _ in range(STARTS):
            args = [{"tenant": str(tenant.id), "items": 1}]
            committed = staff.add(stage, tenant.id, "query", args, "interactive")
            watch.all_done()
            [(began,)] = watch.rows(
                "SELECT started_at FROM jobs WHERE queue = 'interactive' ORDER BY id DESC LIMIT 1"
            )
            starts.append((began.timestamp() - committed) * 1000)
    return *rates, statistics.median(starts)


def _plain(stage: Stage, tenant: BenchTenant) -> tuple[float, float, float]:
    queue, redis = plain_jobs.queue(), plain_jobs.connect()
    redis.delete(plain_jobs.LOG)
    who = str(tenant.id)

    def work(count: int, items: int) -> None:
        queue.enqueue_many(
            [
                queue.prepare_data("bench.plain_jobs.query", args=(who, items), result_ttl=0)
                for _ in range(count)
            ]
        )
        staff.until(lambda: not queue.count and not queue.started_job_registry.count)

    with staff.plain(stage, workers=1) as meter:
        work(5, 1)
        rates = _rates(lambda count, items: meter.of(lambda: work(count, items)))
        starts = []
        for number in range(1, STARTS + 1):
            queue.enqueue("bench.plain_jobs.wait", f"start-{number}", 0, result_ttl=0)
            sent = time.time()
            staff.until(partial(_so_many, redis, number))
            starts.append((float(_begun(redis)[f"start-{number}"]) - sent) * 1000)
    return *rates, statistics.median(starts)


def _waits(
    stage: Stage, big: BenchTenant, small: list[BenchTenant], watch: Watch
) -> tuple[float, float]:
    """Of the small tenants: on an idle system, and behind the big one's backlog."""
    wait = [{"seconds": SECONDS}]

    def waited() -> float:
        before = time.time()
        committed = {one.id: staff.add(stage, one.id, "wait", wait * EACH) for one in small}
        ids = list(committed)

        def rows() -> list[Any]:
            return watch.rows(
                "SELECT tenant_id, started_at FROM jobs WHERE tenant_id = ANY (%s)"
                " AND started_at > to_timestamp(%s)", ids, before,
            )  # fmt: skip

        staff.until(lambda: len(rows()) == SMALL * EACH)
        return _p95([began.timestamp() - committed[who] for who, began in rows()])

    with staff.ours(stage, workers=2):
        staff.add(stage, big.id, "wait", wait * 2)
        watch.all_done()
        idle = waited()
        watch.all_done()
        staff.add(stage, big.id, "wait", wait * BACKLOG)
        behind = waited()
        watch.all_done()
    return idle, behind


def _first_in_first_out(stage: Stage, small: list[BenchTenant]) -> float:
    queue, redis = plain_jobs.queue(), plain_jobs.connect()

    def data(names: list[str]) -> list[Any]:
        return [
            queue.prepare_data("bench.plain_jobs.wait", args=(name, SECONDS), result_ttl=0)
            for name in names
        ]

    names = [f"{one.slug}-{number}" for one in small for number in range(EACH)]
    with staff.plain(stage, workers=2):
        queue.enqueue_many(data(["big"] * BACKLOG))
        queue.enqueue_many(data(names))
        sent = time.time()
        staff.until(lambda: set(names) <= set(_begun(redis)))
    begun = _begun(redis)
    return _p95([float(begun[name]) - sent for name in names])


def _so_many(redis: Any, count: int) -> bool:
    return bool(redis.hlen(plain_jobs.LOG) == count)


def _begun(redis: Any) -> dict[str, str]:
    found = redis.hgetall(plain_jobs.LOG)
    return {name.decode(): at.decode() for name, at in found.items()}


def _p95(seconds: list[float]) -> float:
    return 1000 * sorted(seconds)[int(len(seconds) * 0.95) - 1]
