"""Which process runs a job: forked for each (RQ's Worker), one for all (RQ's SimpleWorker), and ours
that give way after 25. CPU of the workers with all that they fork, start and end taken
off. ADR 8 draws from it: `python -m bench worker_kinds`."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from functools import partial

from bench import plain_jobs, staff
from bench.measure import Result, Stage
from bench.people import BenchTenant, make_tenants
from bench.staff import Watch

FEW, MANY = 10, 110
PLAIN = (
    "import sys; from bench.plain_jobs import connect, queue; import rq;"
    " from rq.serializers import JSONSerializer;"
    " getattr(rq, sys.argv[1])([queue()], connection=connect(), serializer=JSONSerializer)"
    ".work(burst=True, logging_level='ERROR')"
)


def measure(stage: Stage) -> list[Result]:
    [tenant] = make_tenants(stage, 1, prefix="kinds")
    watch = Watch(stage)
    watch.run("DELETE FROM jobs")
    simple = _each(lambda count: _plain("SimpleWorker", str(tenant.id), count))
    rows = [("RQ: a fork for each job", _each(lambda n: _plain("Worker", str(tenant.id), n)))]
    for verb, after, name in (
        ("query", 0, "ours: short ones, one process"),
        ("heavy", 25, "ours: heavy ones, a fresh process after 25"),
    ):
        ours = partial(_ours, stage, watch, tenant, verb, after)
        rows.append((name, _each(ours)))
    watch.close()
    return [
        Result(name, value, 100, 100, simple, note="floor: RQ's SimpleWorker; no goal")
        for name, value in rows
    ]


def _each(run: Callable[[int], float]) -> float:
    """Milliseconds for one job."""
    return (run(MANY) - run(FEW)) / (MANY - FEW)


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (used.ru_utime + used.ru_stime)


def _plain(worker: str, tenant: str, count: int) -> float:
    queue, before = plain_jobs.queue(), _spent()
    queue.enqueue_many(
        [
            queue.prepare_data("bench.plain_jobs.query", args=(tenant, 1), result_ttl=0)
            for _ in range(count)
        ]
    )
    subprocess.run(
        [sys.executable, "-c", PLAIN, worker], check=True, cwd=staff.ROOT, env=os.environ
    )
    return _spent() - before


def _ours(
    stage: Stage, watch: Watch, tenant: BenchTenant, verb: str, after: int, count: int
) -> float:
    before = _spent()
    with staff.ours(stage, workers=1, options=["--recycle-jobs", str(after)]):
        staff.add(stage, tenant.id, verb, [{"tenant": str(tenant.id), "items": 1}] * count)
        watch.all_done()
    return _spent() - before
