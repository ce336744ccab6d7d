"""How long small tenants wait behind 10,000 jobs of a big one, with two workers: beside an idle
system, and beside RQ alone, first in, first out. And how many jobs get done meanwhile."""

import time
from collections.abc import Callable
from typing import Any

from bench import plain_jobs, staff
from bench.measure import Result, Stage
from bench.people import BenchTenant, make_tenants
from bench.staff import Watch

BACKLOG, SECONDS = 10_000, 0.05
SMALL, EACH, ROUNDS = 10, 2, 3
WINDOW = 12.0
# A statement has room for 65,535 values.
AT_ONCE = 2000


def measure(stage: Stage) -> list[Result]:
    big, *small = make_tenants(stage, 1 + SMALL, prefix="fair")
    watch = Watch(stage)
    # what other parts promised is not for these workers
    watch.run("DELETE FROM jobs")
    idle, behind, done = _ours(stage, big, small, watch)
    watch.run("DELETE FROM jobs")
    watch.close()
    plain = _plain(stage)
    # the last of these jobs but one in twenty begins when all before have
    first_in = 1000 * (BACKLOG + 0.95 * SMALL * EACH) / plain
    return [
        Result(f"small tenants' p95 wait behind {BACKLOG} jobs of 50 ms", behind, 0.20, 0.10,
               first_in, unit="ms",
               note=f"floor: RQ first in, first out, from its rate of {plain:.1f} per s"),
        Result("the same beside their wait on an idle system", behind, 4, 2, idle, unit="ms"),
        Result("jobs of 50 ms done meanwhile, two workers", done, 0.75, 0.9, plain,
               unit="per s", better="high", note="wall time; 40 per s is all there is"),
    ]  # fmt: skip


def _ours(
    stage: Stage, big: BenchTenant, small: list[BenchTenant], watch: Watch
) -> tuple[float, float, float]:
    """p95 of the small ones' wait on an idle system and behind the backlog; rate behind it."""
    wait = [{"seconds": SECONDS}]
    with staff.ours(stage, workers=2):
        staff.add(stage, big.id, "wait", wait * 4)
        watch.all_done()
        idle = _p95([_waited(stage, small, watch) for _ in range(ROUNDS)])
        # what the database knows is of few jobs, all of them ended: the worst before it looks again
        watch.run("ANALYZE jobs")
        for _ in range(BACKLOG // AT_ONCE):
            staff.add(stage, big.id, "wait", wait * AT_ONCE)
        behind = _p95([_waited(stage, small, watch) for _ in range(ROUNDS)])
        count = "SELECT count(*) FROM jobs WHERE state = 'succeeded'"
        rate = _rate(lambda: int(watch.rows(count)[0][0]))
    return idle, behind, rate


def _waited(stage: Stage, small: list[BenchTenant], watch: Watch) -> list[float]:
    before = time.time()
    committed = {
        one.id: staff.add(stage, one.id, "wait", [{"seconds": SECONDS}] * EACH) for one in small
    }

    def rows() -> list[Any]:
        return watch.rows(
            "SELECT tenant_id, started_at FROM jobs WHERE tenant_id = ANY (%s)"
            " AND created_at > to_timestamp(%s) AND started_at IS NOT NULL",
            list(committed), before,
        )  # fmt: skip

    staff.until(lambda: len(rows()) == SMALL * EACH)
    return [began.timestamp() - committed[who] for who, began in rows()]


def _plain(stage: Stage) -> float:
    queue = plain_jobs.queue()
    with staff.plain(stage, workers=2):
        for _ in range(BACKLOG // AT_ONCE):
            queue.enqueue_many(
                [
                    queue.prepare_data("bench.plain_jobs.wait", args=("big", SECONDS), result_ttl=0)
                    for _ in range(AT_ONCE)
                ]
            )
        # so that both workers are there
        staff.until(lambda: queue.count < BACKLOG - 20)
        rate = _rate(lambda: -queue.count)
    queue.empty()
    return rate


def _rate(done: Callable[[], int]) -> float:
    first, began = done(), time.monotonic()
    time.sleep(WINDOW)
    return (done() - first) / (time.monotonic() - began)


def _p95(rounds: list[list[float]]) -> float:
    seconds = sorted(wait for one in rounds for wait in one)
    return 1000 * seconds[int(len(seconds) * 0.95) - 1]
