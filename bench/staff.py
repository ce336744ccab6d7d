"""Processes beside this one: the product's dispatcher and workers, or workers of RQ alone. Their
meter counts them, PostgreSQL, Valkey and this process."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from redis import Redis
from sqlalchemy import make_url

from bench.cpu import Meter, postgres
from bench.measure import Stage
from tenants.core.db import db, unit_of_work
from tenants.jobs import enqueue_many
from tenants.scoping import Scope, enter, leave

# The product's own processes, with jobs to measure by.
OURS = (
    "import sys; from workers.__main__ import main;"
    " main(sys.argv[1:], jobs_package='bench.measured', tasks=())"
)
ROOT = Path(__file__).parents[1]
PATIENCE = 90.0


@contextmanager
def ours(stage: Stage, *, workers: int, options: Sequence[str] = ()) -> Iterator[Meter]:
    roles = (["dispatcher"], ["worker", "--processes", str(workers), *options])
    with _running(stage, [["-c", OURS, *role] for role in roles]) as meter:
        yield meter


@contextmanager
def plain(stage: Stage, *, workers: int) -> Iterator[Meter]:
    with _running(stage, [["-m", "bench.plain_jobs"]] * workers) as meter:
        yield meter


@contextmanager
def _running(stage: Stage, commands: list[list[str]]) -> Iterator[Meter]:
    server: Any = Redis.from_url(stage.urls.redis).info("server")
    started = [subprocess.Popen([sys.executable, *command], cwd=ROOT) for command in commands]
    try:
        pids = [process.pid for process in started]
        yield Meter(postgres(stage.root / "pg"), int(server["process_id"]), *pids)
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(30)


class Watch:
    """One connection that sees every job."""

    def __init__(self, stage: Stage) -> None:
        url = make_url(stage.urls.superuser).set(drivername="postgresql")
        self._connection = psycopg.connect(
            url.render_as_string(hide_password=False), autocommit=True
        )

    def rows(self, statement: str, *values: Any) -> list[Any]:
        return self._connection.execute(statement, values).fetchall()

    def run(self, statement: str) -> None:
        self._connection.execute(statement)

    def all_done(self) -> None:
        left = "SELECT 1 FROM jobs WHERE state <> 'succeeded' LIMIT 1"
        until(lambda: not self.rows(left))

    def close(self) -> None:
        self._connection.close()


def add(
    stage: Stage, tenant_id: UUID, verb: str, args: Sequence[dict[str, Any]], queue: str = "default"
) -> float:
    """When it was committed."""
    with stage.app.app_context():
        enter(Scope(tenant_id=tenant_id, side="provider"))
        with unit_of_work():
            enqueue_many(f"samples.{verb}", args=args, queue=queue)
        committed = time.time()
        leave()
        db.session.remove()
    return committed


def until(reached: Callable[[], bool], every: float = 0.02) -> None:
    end = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < end, "the jobs did not end"
        time.sleep(every)
