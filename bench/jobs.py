"""Jobs with one query each, alone and fifty in one, and how soon one starts on an idle system.
Floor: RQ alone with the same work and the same class of worker, one process each."""

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
STARTS = 40


def measure(stage: Stage) -> list[Result]:
    [tenant] = make_tenants(stage, 1, prefix="jobs")
    watch = Watch(stage)
    # what other parts promised is not for these workers
    watch.run("DELETE FROM jobs")
    single, batched, starts = _ours(stage, tenant, watch)
    low_single, low_batched, low_starts = _plain(stage, tenant)
    watch.close()
    return [
        Result("jobs: queries per worker, fifty in a job", batched, 500, 700, low_batched,
               unit="per s CPU", better="high", by_value=True,
               note="CPU of worker, dispatcher, PostgreSQL and Valkey together"),
        Result("jobs: queries per worker, one in a job", single, 0.2, 0.5, low_single,
               unit="per s CPU", better="high"),
        Result("interactive job begins after commit, median", statistics.median(starts), 100, 20,
               statistics.median(low_starts), unit="ms", by_value=True,
               note=f"wall time: only a quiet machine tells; p95 {_p95(starts):.0f} ms"),
    ]  # fmt: skip


def _rates(spent: Callable[[int, int], float]) -> tuple[float, float]:
    """Queries in a second of CPU: one in a job, many in a job."""
    return 1000 * SINGLE / spent(SINGLE, 1), 1000 * BATCHES * BATCH / spent(BATCHES, BATCH)


def _ours(stage: Stage, tenant: BenchTenant, watch: Watch) -> tuple[float, float, list[float]]:
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
    return *rates, starts


def _plain(stage: Stage, tenant: BenchTenant) -> tuple[float, float, list[float]]:
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
    return *rates, starts


def _so_many(redis: Any, count: int) -> bool:
    return bool(redis.hlen(plain_jobs.LOG) == count)


def _begun(redis: Any) -> dict[str, str]:
    found = redis.hgetall(plain_jobs.LOG)
    return {name.decode(): at.decode() for name, at in found.items()}


def _p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95) - 1]
