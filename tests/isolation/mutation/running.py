"""One mutant, one process: forked with everything imported; every database that its tests clone is
changed at once, and the tests run in the order in which they are likely to notice."""

from __future__ import annotations

import json
import os
import re
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dev import database
from dev.engines import Engines, Urls
from tests.conftest import drop_databases_of_the_dead
from tests.isolation.mutation.in_turn import InTurn, execute
from tests.isolation.mutation.mutant import UNCHANGED, Mutant

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
    "right": ("test_service_rights.py", "test_access_matrix.py"),
    "place": ("test_service_rights.py",),
    "guard": ("test_interleaved.py", "test_between.py", "test_access_matrix.py"),
    "server": ("test_raw_rights.py", "test_raw_sql.py", "test_raw_people.py"),
    "scope": ("test_raw_sql.py", "test_raw_people.py", "test_access_matrix.py"),
}
FUNCTIONS = (
    "test_functions.py", "test_account_functions.py", "test_token_functions.py",
    "test_figures.py", "test_links_and_mails.py",
)  # fmt: skip
# Tried in this order, the survivors by the next.
IN_TURN = {
    "policy": ("test_raw_sql.py", "test_raw_people.py", *reversed(FUNCTIONS)),
    "row security": ("test_raw_people.py", "test_raw_sql.py"),
    "rights": ("test_raw_rights.py",),
    "function": FUNCTIONS,
    "endpoint": ("test_access_matrix.py", "test_administration.py", "test_api_matrix.py"),
    "operation": ("test_api_matrix.py",),
    "right": ("test_service_rights.py", "test_access_matrix.py", "test_api_matrix.py"),
    "place": ("test_service_rights.py", "test_access_matrix.py", "test_api_matrix.py"),
}
# Whose own file tries a function: asked before the others.
OWN_FILE = {
    r"^function: token_context": "test_token_functions.py",
    r"^function: (member_facts|reset_second_factor|end_invitations)": "test_account_functions.py",
    r"^function: start_job_batch": "test_job_batches.py",
    r"^function: verify_document": "test_verify_function.py",
    r"^function: (company_|staff_|end_staff|start_departure|departure_)": "test_figures.py",
}
# What a mutant's name says of who notices it.
BY_NAME = {
    r"^policy: \w+\.figures": ("test_figures.py",),
    r"^policy: \w+\.(signin|lookup)": (
        "test_account_functions.py", "test_functions.py", "test_links_and_mails.py",
        "test_verify_function.py",
    ),
}  # fmt: skip
SECONDS = 900
TOO_LONG = 9
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


def rounds(mutant: Mutant) -> list[list[str]]:
    """The likely ones are collected alone: most mutants need no more."""
    all_files = {path.name for path in FOLDER.glob("test_*.py")} - LEFT_OUT
    likely = FIRST.get(mutant.kind, ())
    for word, files in BY_NAME.items():
        if re.search(word, mutant.name):
            likely = files
    first = [name for name in likely if name in all_files]
    parts = (first, sorted(all_files - set(first)))
    return [[str(FOLDER / name) for name in part] for part in parts if part]


def _by_own_file(mutants: Sequence[Mutant]) -> Iterator[tuple[str, list[Mutant]]]:
    for word, file in OWN_FILE.items():
        if found := [mutant for mutant in mutants if re.search(word, mutant.name)]:
            yield file, found


@dataclass
class _Child:
    mutant: Mutant
    slot: int
    reader: int
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
        """Those of the database in turn first; what is left alone, each in a process of its own,
        those of the whole server last and one by one."""
        noticed = set()
        for kind, files in IN_TURN.items():
            left = [mutant for mutant in mutants if mutant.kind == kind and mutant.returns]
            for file, tried in (*_by_own_file(left), *((file, left) for file in files)):
                asked = [mutant for mutant in tried if mutant.name not in noticed]
                for outcome in self._in_turn(asked, file):
                    noticed.add(outcome.mutant.name)
                    yield outcome
        mutants = [mutant for mutant in mutants if mutant.name not in noticed]
        if self.likely:
            tried = [mutant for mutant in mutants if mutant.kind in IN_TURN and mutant.returns]
            yield from (Outcome(mutant, False, "", 0) for mutant in tried)
            mutants = [mutant for mutant in mutants if mutant not in tried]
        waiting = sorted(mutants, key=lambda mutant: bool(mutant.undo))
        while waiting or self._children:
            while waiting and self._may_start(waiting[0]):
                self._start(waiting.pop(0))
            yield self._wait()

    def _may_start(self, mutant: Mutant) -> bool:
        alone = mutant.undo or any(child.mutant.undo for child in self._children.values())
        return not self._children if alone else len(self._children) < self.jobs

    def _start(self, mutant: Mutant) -> None:
        taken = {child.slot for child in self._children.values()}
        slot = next(n for n in range(self.jobs) if n not in taken)
        if mutant.undo:
            self._everywhere(mutant.sql)
        reader, writer = os.pipe()
        sys.stdout.flush()
        process = os.fork()
        if not process:
            os.close(reader)
            self._child(mutant, slot, writer)
        os.close(writer)
        self._children[process] = _Child(mutant, slot, reader, time.monotonic())

    def _in_turn(self, mutants: Sequence[Mutant], file: str) -> Iterator[Outcome]:
        """Those that this file's tests notice."""
        by_name = {mutant.name: mutant for mutant in mutants}
        reader, writer = os.pipe()
        sys.stdout.flush()
        processes = []
        for slot in range(self.jobs):
            if share := mutants[slot :: self.jobs]:
                process = os.fork()
                if not process:
                    os.close(reader)
                    self._several(share, file, slot, writer)
                processes.append(process)
        os.close(writer)
        with os.fdopen(reader) as said:
            for line in said:
                row = json.loads(line)
                if "red" in row:
                    yield Outcome(UNCHANGED, False, row["red"], 0)
                else:
                    yield Outcome(by_name[row["name"]], True, row["by"], row["seconds"])
        for process in processes:
            _, status = os.waitpid(process, 0)
            if code := os.waitstatus_to_exitcode(status):
                yield Outcome(UNCHANGED, False, f"{file} ended with {code}", 0)

    def _several(self, mutants: Sequence[Mutant], file: str, slot: int, writer: int) -> None:
        """Never returns."""
        code = 3
        try:
            self._quiet(slot)
            databases: list[str] = []
            self._change_clones((), databases)
            flags = ["--tb=short", "-p", "no:cacheprovider", "--rootdir", str(ROOT)]
            plugin = InTurn(mutants, databases, writer)
            code = int(pytest.main([*flags, str(FOLDER / file)], plugins=[plugin]))
            # Red tests are what it is about.
            code = 0 if code == 1 else code
        finally:
            sys.stdout.flush()
            os._exit(code)

    def _quiet(self, slot: int) -> None:
        log = os.open(self.logs / f"mutant-{slot}.log", os.O_CREAT | os.O_TRUNC | os.O_WRONLY)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.environ["PYTEST_XDIST_WORKER"] = f"gw{10 + slot}"
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"

    def _everywhere(self, statements: Sequence[str]) -> None:
        with database.connected(self.engines.urls.superuser) as connection:
            execute(connection, statements)

    def _child(self, mutant: Mutant, slot: int, writer: int) -> None:
        """Never returns."""
        code = 3
        try:
            self._quiet(slot)
            watch = threading.Timer(SECONDS, os._exit, (TOO_LONG,))
            watch.daemon = True
            watch.start()
            self._change_clones(() if mutant.undo else mutant.sql, [])
            if mutant.change:
                mutant.change()
            flags = ["-x", "--tb=short", "-p", "no:cacheprovider", "--rootdir", str(ROOT)]
            for files in rounds(mutant)[: 1 if self.likely else None]:
                code = int(pytest.main([*flags, *files], plugins=[_First(writer)]))
                sys.stdout.flush()
                if code:
                    break
        except BaseException as error:  # noqa: BLE001 - the child ends here, whatever it is
            os.write(writer, f"{type(error).__name__}: {error}".encode())
        finally:
            os._exit(code)

    def _change_clones(self, statements: Sequence[str], databases: list[str]) -> None:
        cloned = database.clone

        def changed(engines: Engines, _template: str, name: str) -> Urls:
            clone = cloned(engines, self.template, name)
            databases.append(clone.superuser)
            if statements:
                with database.connected(clone.superuser) as connection:
                    execute(connection, statements)
            return clone

        setattr(database, "clone", changed)  # noqa: B010 - a function in the place of a function

    def _wait(self) -> Outcome:
        process, status = os.waitpid(-1, 0)
        child = self._children.pop(process)
        with os.fdopen(child.reader) as given:
            killer = given.read()
        self._everywhere(child.mutant.undo)
        code = os.waitstatus_to_exitcode(status)
        if code == TOO_LONG:
            killer = f"nothing was decided within {SECONDS} s"
        elif code not in (0, 1):
            killer = f"the tests could not run ({code}): {killer}"
        return Outcome(child.mutant, code == 1, killer, time.monotonic() - child.started)


@contextmanager
def pool(jobs: int) -> Iterator[Pool]:
    engines = Engines(ROOT / ".local" / "test", fsync=False)
    engines.up()
    drop_databases_of_the_dead(engines)
    made = Pool(engines, jobs)
    try:
        yield made
    finally:
        database.drop(engines, made.template)
        drop_databases_of_the_dead(engines)
        engines.stop()
