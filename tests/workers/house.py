"""A database, a Valkey and processes of one test module's own."""

import itertools
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from flask import Flask
from sqlalchemy import make_url

from dev import database, valkey
from dev.engines import Engines, Urls
from tenants.core.db import db, unit_of_work
from tenants.core.ids import uuid7
from tenants.jobs import enqueue
from tenants.scoping import Scope, enter
from tests import warm
from tests.workers.process import MASTER_KEY, create_app

PROJECT = Path(__file__).resolve().parents[2]
QUICK = {
    "POLL": "0.1",
    "LEADER_LEASE": "1",
    "HAND_OVER_LEASE": "3",
    "RUN_LEASE": "2",
    "HEARTBEAT": "0.5",
    "BACKOFF": "0.05",
    "STOP_GRACE": "5",
    "TIME_LIMIT": "20",
}
# Only what never comes waits so long; a machine may be that busy.
PATIENCE = 90.0
_codes = itertools.count()


def _code() -> str:
    number = next(_codes)
    return "".join(chr(65 + number // 26**place % 26) for place in (2, 1, 0))


@dataclass
class House:
    urls: Urls
    valkey: valkey.Server
    app: Flask
    folder: Path
    processes: list[Any] = field(default_factory=list)

    @property
    def redis_url(self) -> str:
        return f"unix://{self.valkey.socket}?db=0&protocol=3"

    def environment(self, **more: str) -> dict[str, str]:
        quick = {f"COULISSE_JOBS_{name}": value for name, value in QUICK.items()}
        return {
            "COULISSE_MASTER_KEY": MASTER_KEY,
            **os.environ,
            **quick,
            "DATABASE_URL": self.urls.app,
            "DATABASE_DISPATCHER_URL": self.urls.dispatcher,
            "REDIS_URL": self.redis_url,
            "COULISSE_LOG_LEVEL": "WARNING",
            **more,
        }

    def spawn(
        self, *arguments: str, module: str = "tests.workers.process", **more: str
    ) -> warm.Process | subprocess.Popen[bytes]:
        with (self.folder / "processes.log").open("ab") as log:
            process = warm.start(
                module, *arguments, env=self.environment(**more), stdout=log, stderr=log
            )
        self.processes.append(process)
        return process

    def stop(self, process: warm.Process | subprocess.Popen[bytes]) -> None:
        process.terminate()
        process.wait(20)
        self.processes.remove(process)

    def close(self) -> None:
        for process in self.processes:
            process.send_signal(signal.SIGCONT)
            process.terminate()
        for process in self.processes:
            process.wait(20)
        self.processes.clear()

    @contextmanager
    def acting(self, tenant_id: UUID) -> Iterator[Any]:
        with self.app.app_context():
            enter(Scope(tenant_id=tenant_id, side="provider"))
            with unit_of_work() as session:
                yield session

    def forget_connections(self) -> None:
        with self.app.app_context():
            db.engine.dispose()

    def rows(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        """As a superuser, who sees everything."""
        with connection(self.urls.superuser) as raw:
            cursor = raw.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def tenant(self, kind: str = "client", state: str = "active") -> UUID:
        tenant_id, code = uuid7(), _code()
        self.rows(
            "INSERT INTO tenants (id, kind, slug, name, code, colour, country, language, time_zone,"
            " state, wrapped_key) VALUES (%(id)s, %(kind)s, %(slug)s, %(code)s, %(code)s,"
            " '#336699', 'FR', 'fr', 'Europe/Paris', %(state)s, '')",
            id=tenant_id, kind=kind, slug=f"client-{code.lower()}", code=code, state=state,
        )  # fmt: skip
        return tenant_id

    def enqueue(self, tenant_id: UUID, verb: str, **given: Any) -> UUID:
        with self.acting(tenant_id):
            return enqueue(f"sample_jobs.{verb}", **given)

    def job(self, job_id: UUID) -> dict[str, Any]:
        with connection(self.urls.superuser) as raw:
            cursor = raw.execute("SELECT * FROM jobs WHERE id = %s", (job_id,))
            row = cursor.fetchone()
            assert row is not None
            assert cursor.description is not None
            return {
                column.name: value for column, value in zip(cursor.description, row, strict=True)
            }

    def wait_for(self, job_id: UUID, *states: str, seconds: float = PATIENCE) -> dict[str, Any]:
        wanted = states or ("succeeded",)

        def reached() -> dict[str, Any] | None:
            job = self.job(job_id)
            return job if job["state"] in wanted else None

        found: dict[str, Any] = self.until(reached, seconds, lambda: str(self.job(job_id)))
        return found

    def until(
        self,
        reached: Callable[[], Any],
        seconds: float = PATIENCE,
        explain: Callable[[], str] = lambda: "",
    ) -> Any:
        end = time.monotonic() + seconds
        while not (value := reached()):
            assert time.monotonic() < end, f"not within {seconds} s: {explain()}\n{self._log()}"
            time.sleep(0.02)
        return value

    def all_succeeded(self, tenant_id: UUID, seconds: float = PATIENCE) -> None:
        def open_ones() -> list[tuple[Any, ...]]:
            return self.rows(
                "SELECT state, count(*) FROM jobs WHERE tenant_id = %(t)s AND state <> 'succeeded'"
                " GROUP BY 1",
                t=tenant_id,
            )

        self.until(lambda: not open_ones(), seconds, lambda: str(open_ones()))

    def effects(self, tenant_id: UUID) -> list[Any]:
        found = self.rows(
            "SELECT facts::jsonb -> 'tag' FROM audit_events WHERE tenant_id = %(t)s"
            " AND name = 'sample.effect.made' ORDER BY at, id",
            t=tenant_id,
        )
        return [tag for (tag,) in found]

    def held(self, folder: Path, tag: str, attempt: int) -> int:
        """The process in which that job waits for `go`."""
        return self.held_run(folder, tag, after=attempt - 1)[1]

    def held_run(self, folder: Path, tag: str, *, after: int = 0) -> tuple[int, int]:
        """Attempt and process of a later run that waits for `go`."""
        found: list[tuple[int, int]] = self.until(lambda: self.runs(folder, tag, after=after))
        return found[-1]

    def runs(self, folder: Path, tag: str, *, after: int) -> list[tuple[int, int]]:
        """On a busy machine leases of healthy processes run out, too: numbers may be left out."""
        files = {int(file.stem.rpartition("-")[2]): file for file in folder.glob(f"{tag}-*.pid")}
        return [(n, int(file.read_text())) for n, file in sorted(files.items()) if n > after]

    def _log(self) -> str:
        doing = self.rows(
            "SELECT usename, application_name, state, wait_event, query FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        log = (self.folder / "processes.log").read_text()[-3000:]
        return "\n".join([*map(str, doing), log])


def children(pid: int) -> list[int]:
    """Of a worker: the processes that run jobs."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    assert found
    return [int(one) for one in found]


@contextmanager
def connection(url: str) -> Iterator[psycopg.Connection[Any]]:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as raw:
        yield raw


@contextmanager
def open_house(name: str, folder: Path, engines: Engines | None = None) -> Iterator[House]:
    engines = engines or Engines(PROJECT / ".local" / "test", fsync=False)
    engines.up(redis=False)
    # a path of its own: the limit for sockets is 107 bytes
    short = Path(f"/tmp/cw-{os.getpid()}-{next(_codes)}")
    short.mkdir(mode=0o700)
    server = valkey.Server(data=folder / "valkey", socket=short / "v", log=folder / "valkey.log")
    server.up()
    urls = database.clone(engines, database.template_database(engines), f"{name}_{os.getpid()}")
    house = House(urls, server, create_app(urls.app), folder)
    try:
        yield house
    finally:
        house.close()
        server.stop()
        (short / "v").unlink(missing_ok=True)
        short.rmdir()
        house.forget_connections()
        database.drop(engines, urls.app.rpartition("/")[2].partition("?")[0])
        engines.stop()
