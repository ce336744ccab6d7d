"""One mutant, one process: forked with everything imported, a database cloned from a mutated
template, the tests in the order in which they are likely to notice."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dev import database
from dev.engines import Engines
from tests.isolation.mutation.mutant import Mutant

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "tests" / "isolation"
# They prove the proof, or read what a table says instead of trying it.
LEFT_OUT = {"test_proof_can_fail.py", "test_document.py"}
FIRST = {
    "policy": ("test_raw_sql.py", "test_raw_people.py"),
    "row security": ("test_raw_sql.py", "test_raw_people.py"),
    "rights": ("test_raw_rights.py",),
    "function": ("test_functions.py", "test_links_and_mails.py", "test_figures.py"),
    "endpoint": ("test_access_matrix.py",),
    "operation": ("test_api_matrix.py",),
    "right": ("test_access_matrix.py", "test_rights.py"),
    "place": ("test_rights.py", "test_access_matrix.py"),
    "guard": ("test_access_matrix.py",),
    "scope": ("test_raw_sql.py", "test_raw_people.py", "test_access_matrix.py"),
}
SECONDS = 240
SILENT_ENVIRONMENT = {
    "DATABASE_URL": "postgresql+psycopg://nobody@/none",
    "REDIS_URL": "redis://127.0.0.1:9/0",
    "FILES_URL": "file:///nonexistent",
    "SMTP_URL": "smtp://127.0.0.1:9",
    "COULISSE_MASTER_KEY": "YSBrZXkgZm9yIHRlc3RzOiAzMiBieXRlcyBsb25nLiE=",
    "COULISSE_BASE_URL": "http://localhost",
    "COULISSE_LOG_LEVEL": "WARNING",
    "STRIPE_API_BASE": "http://127.0.0.1:9",
    "STRIPE_SECRET_KEY": "sk_test_sim",
    "STRIPE_WEBHOOK_SECRET": "whsec_test",
}


@dataclass(frozen=True)
class Outcome:
    """`killer` is the first test that went red; `killed` is False when none did."""

    mutant: Mutant
    killed: bool
    killer: str
    seconds: float


class _First:
    """Writes the first red test's name to the parent."""

    def __init__(self, out: int) -> None:
        self.out, self.said = out, False

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed and not self.said:
            self.said = True
            os.write(self.out, report.nodeid.encode())


def rounds(kind: str) -> list[list[str]]:
    """The likely ones are collected alone: most mutants need no more."""
    all_files = {path.name for path in FOLDER.glob("test_*.py")} - LEFT_OUT
    first = [name for name in FIRST.get(kind, ()) if name in all_files]
    parts = (first, sorted(all_files - set(first)))
    return [[str(FOLDER / name) for name in part] for part in parts if part]


@dataclass
class _Child:
    mutant: Mutant
    process: int
    reader: int
    database: str
    started: float


class Pool:
    def __init__(self, engines: Engines, jobs: int) -> None:
        self.engines, self.jobs, self.likely = engines, jobs, False
        self.template = f"mutants_{os.getpid()}"
        # the shared one goes when migrations change
        database.clone(engines, database.template_database(engines), self.template)
        self.logs = engines.root / "log"
        self._children: dict[int, _Child] = {}

    def run(self, mutants: Sequence[Mutant]) -> Iterator[Outcome]:
        """What changes the whole server comes last, one by one."""
        waiting = sorted(mutants, key=lambda mutant: bool(mutant.undo))
        while waiting or self._children:
            while waiting and self._may_start(waiting[0]):
                self._start(waiting.pop(0))
            yield self._wait()

    def _may_start(self, mutant: Mutant) -> bool:
        alone = mutant.undo or any(child.mutant.undo for child in self._children.values())
        return not self._children if alone else len(self._children) < self.jobs

    def _start(self, mutant: Mutant) -> None:
        taken = {child.database[-1] for child in self._children.values()}
        slot = next(n for n in range(self.jobs) if str(n) not in taken)
        name = f"mutant_{os.getpid()}_{slot}"
        clone = database.clone(self.engines, self.template, name)
        with database.connected(clone.superuser) as connection:
            for statement in mutant.sql:
                connection.exec_driver_sql(statement.replace("%", "%%"))
        reader, writer = os.pipe()
        sys.stdout.flush()
        process = os.fork()
        if not process:
            os.close(reader)
            self._child(mutant, name, slot, writer)
        os.close(writer)
        self._children[process] = _Child(mutant, process, reader, name, time.monotonic())

    def _child(self, mutant: Mutant, name: str, slot: int, writer: int) -> None:
        """Never returns."""
        code = 3
        try:
            log = os.open(self.logs / f"mutant-{slot}.log", os.O_CREAT | os.O_TRUNC | os.O_WRONLY)
            os.dup2(log, 1)
            os.dup2(log, 2)
            signal.alarm(SECONDS)
            os.environ["PYTEST_XDIST_WORKER"] = f"gw{10 + slot}"
            database.template_database = lambda _engines: name
            if mutant.patch:
                mutant.patch()
            os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
            flags = ["-x", "--tb=short", "-p", "no:cacheprovider", "--rootdir", str(ROOT)]
            for files in rounds(mutant.kind)[: 1 if self.likely else None]:
                code = int(pytest.main([*flags, *files], plugins=[_First(writer)]))
                sys.stdout.flush()
                if code:
                    break
        except BaseException as error:  # noqa: BLE001 - the child ends here, whatever it is
            os.write(writer, f"{type(error).__name__}: {error}".encode())
        finally:
            os._exit(code)

    def _wait(self) -> Outcome:
        process, status = os.waitpid(-1, 0)
        child = self._children.pop(process)
        with os.fdopen(child.reader) as given:
            killer = given.read()
        if child.mutant.undo:
            with database.connected(self.engines.urls.superuser) as connection:
                for statement in child.mutant.undo:
                    connection.exec_driver_sql(statement.replace("%", "%%"))
        database.drop(self.engines, child.database)
        code = os.waitstatus_to_exitcode(status)
        if code == -signal.SIGALRM:
            killer = f"nothing answered within {SECONDS} s"
        elif code not in (0, 1):
            killer = f"the tests could not run ({code}): {killer}"
        killed = code in (1, -signal.SIGALRM)
        return Outcome(child.mutant, killed, killer, time.monotonic() - child.started)


@contextmanager
def pool(jobs: int) -> Iterator[Pool]:
    engines = Engines(ROOT / ".local" / "test", fsync=False)
    engines.up()
    made = Pool(engines, jobs)
    try:
        yield made
    finally:
        database.drop(engines, made.template)
        engines.stop()
