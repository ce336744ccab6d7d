"""Python programs that tests start, run by children of a process that has imported the product
already: importing it takes longer than most of them do. Each is a process of its own, with the
environment it is given, and can be killed and waited for like any other.

`python -m tests.warm FD` is that process; the first to ask starts it."""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

PROJECT = Path(__file__).resolve().parents[1]
MESSAGE = 1 << 20
# Tests bring their own jobs; programs are run, not imported.
LEFT_OUT = ("workers.jobs", "billing.sim", "app.cli", "app.demo")


class Order(NamedTuple):
    module: str
    arguments: list[str]
    environment: dict[str, str]


class Process:
    """What `subprocess.Popen` promises, as far as tests need it."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self.returncode: int | None = None
        self.pid = int(self._heard(None) or 0)

    def _heard(self, timeout: float | None) -> str:
        """Nothing when the line was closed; the family died with its first process then."""
        if not select.select([self._line], [], [], timeout)[0]:
            raise TimeoutError
        return self._line.recv(64).decode()

    def poll(self) -> int | None:
        with suppress(TimeoutError):
            self._ended(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        try:
            return self._ended(timeout)
        except TimeoutError:
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0) from None

    def _ended(self, timeout: float | None) -> int:
        if self.returncode is None:
            self.returncode = int(self._heard(timeout) or -signal.SIGKILL)
            self._line.close()
        return self.returncode

    def send_signal(self, sign: int) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, sign)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def start(
    module: str, *arguments: str, env: Mapping[str, str], stdout: Any, stderr: Any
) -> Process | subprocess.Popen[bytes]:
    """`python -m MODULE ARGUMENTS…` from the project's folder."""
    if sys.platform != "linux":
        return subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            env=dict(env), cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr,
        )  # fmt: skip
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs, tempfile.TemporaryFile() as said:
        said.write(json.dumps([module, arguments, dict(env)]).encode())
        said.seek(0)
        files = [theirs.fileno(), said.fileno(), stdout.fileno(), stderr.fileno()]
        socket.send_fds(_family(os.getpid()), [b"start"], files)
    return Process(ours)


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


def run(module: str, *arguments: str, env: Mapping[str, str], timeout: float = 240) -> Done:
    """Until it ends."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = start(module, *arguments, env=env, stdout=out, stderr=err)
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        for file in (out, err):
            file.seek(0)
        return Done(code, out.read().decode(), err.read().decode())


@cache
def _family(_of: int) -> socket.socket:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.warm", str(theirs.fileno())],
            cwd=PROJECT, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


def _import_all() -> None:
    importlib.import_module("app.factory")
    for name in ("tenants", "billing", "app", "workers"):
        package = importlib.import_module(name)
        for found in pkgutil.walk_packages(package.__path__, f"{name}."):
            if not found.name.startswith(LEFT_OUT) and not found.name.endswith(".__main__"):
                importlib.import_module(found.name)
    importlib.import_module("sqlalchemy.orm").configure_mappers()
    gc.collect()
    gc.freeze()


def _serve(line: socket.socket) -> Order | None:
    """Answers in the children alone, and with nothing at the end."""
    running: dict[int, tuple[int, socket.socket]] = {}
    while True:
        for watched in select.select([line.fileno(), *running], [], [])[0]:
            if watched in running:
                _buried(running, watched)
                continue
            said, files, *_ = socket.recv_fds(line, 16, 4)
            if not said:
                return None
            order = _born(files, line, running)
            if order is not None:
                return order


def _born(
    files: Sequence[int], line: socket.socket, running: dict[int, tuple[int, socket.socket]]
) -> Order | None:
    theirs, said, out, err = files
    told = socket.socket(fileno=theirs)
    pid = os.fork()
    if pid:
        for file in (said, out, err):
            os.close(file)
        told.send(str(pid).encode())
        running[os.pidfd_open(pid)] = (pid, told)
        return None
    line.close()
    told.close()
    for watched, (_, other) in running.items():
        os.close(watched)
        other.close()
    os.dup2(out, 1)
    os.dup2(err, 2)
    os.close(out)
    os.close(err)
    with os.fdopen(said, "rb") as written:
        return Order(*json.load(written))


def _buried(running: dict[int, tuple[int, socket.socket]], watched: int) -> None:
    pid, told = running.pop(watched)
    os.close(watched)
    _, status = os.waitpid(pid, 0)
    with told, suppress(OSError):
        told.send(str(os.waitstatus_to_exitcode(status)).encode())


def _become(order: Order) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(order.environment)
    time.tzset()
    sys.argv = [order.module, *order.arguments]
    # it may be imported already
    warnings.simplefilter("ignore", RuntimeWarning)
    runpy.run_module(order.module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _import_all()
    if (given := _serve(socket.socket(fileno=int(sys.argv[1])))) is not None:
        _become(given)
