"""Typesetting in children that can be killed, forked by a process of ours that has engine and fonts
loaded: a Python of its own for each document would cost ten times what a page does. One such process
for each of ours, started when it is first asked; it ends when we do or after some idle minutes."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from tenants.core.limited import Limits, Outcome, stopped_by

_ROOT = Path(__file__).resolve().parents[3]
IDLE_SECONDS = 900
BORN = b"born"
_PART = 1 << 16
_MOST_OUTPUT = 1 << 29
_LOG_LENGTH = 8000


class _Gone(Exception):
    """The process that forks ended before it did."""


class Press:
    """Threads don't wait for each other: each document has a child of its own."""

    def __init__(self, *, idle_seconds: int = IDLE_SECONDS) -> None:
        self._idle_seconds = idle_seconds
        self._lock = threading.Lock()
        self._line: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def ask(self, data: bytes, limits: Limits) -> Outcome:
        for _ in range(2):
            with self._lock:
                line = self._running()
            try:
                return _asked(line, data, limits)
            except (_Gone, OSError):
                # It had just gone to sleep: woken once.
                self._replace(line)
        return Outcome(1, b"", "the process that forks could not start", "")

    def close(self) -> None:
        with self._lock:
            self._let_go()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self._owner == os.getpid() else None

    def _running(self) -> socket.socket:
        if self._owner != os.getpid():
            # Of the process that we were forked from, or there is none yet.
            self._line = self._process = None
        return self._line or self._start()

    def _replace(self, line: socket.socket) -> None:
        with self._lock:
            if self._line is line:
                self._let_go()

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-s", "-m", "app.documents.printing.child",
                 str(theirs.fileno()), str(self._idle_seconds)],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                cwd=_ROOT,
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"},
                start_new_session=True,
            )  # fmt: skip
        self._line, self._owner = ours, os.getpid()
        return ours

    def _let_go(self) -> None:
        line, process, self._line, self._process = self._line, self._process, None, None
        if line is not None:
            line.close()
        if process is not None and self._owner == os.getpid():
            process.wait()


def _asked(line: socket.socket, data: bytes, limits: Limits) -> Outcome:
    until = time.monotonic() + limits.wall_seconds
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    # With this end closed, whatever the child is at, it is killed.
    with ours, _pipe() as (out, their_out), _pipe() as (log, their_log):
        with theirs, their_out, their_log, _in_memory(data) as source:
            asked = json.dumps([limits.memory_mb, limits.cpu_seconds]).encode()
            files = [one.fileno() for one in (theirs, source, their_out, their_log)]
            socket.send_fds(line, [asked], files)
        return _heard(ours, out, log, until)


def _heard(told: socket.socket, out: BinaryIO, log: BinaryIO, until: float) -> Outcome:
    """Until the child has ended and both its pipes are empty."""
    heard: dict[int, list[bytes]] = {one.fileno(): [] for one in (told, out, log)}
    poll, left, length = select.poll(), set(heard), 0
    for one in left:
        poll.register(one, select.POLLIN)
    while left:
        ready = poll.poll(max(0.0, until - time.monotonic()) * 1000)
        if not ready:
            return Outcome(-signal.SIGKILL, b"", "", "time")
        for one, _ in ready:
            part = os.read(one, _PART)
            length += len(part)
            if part:
                heard[one].append(part)
            else:
                poll.unregister(one)
                left.remove(one)
        if length > _MOST_OUTPUT:
            return Outcome(-signal.SIGKILL, b"", "", "memory")
    news, output, said = heard.values()
    if not news:
        raise _Gone
    # Without its end it died with the process that forked it.
    code = int(news[1]) if len(news) > 1 else -signal.SIGKILL
    log_end = b"".join(said)[-_LOG_LENGTH:].decode(errors="replace")
    return Outcome(code, b"".join(output), log_end, stopped_by(code))


@contextlib.contextmanager
def _pipe() -> Iterator[tuple[BinaryIO, BinaryIO]]:
    read, write = os.pipe()
    with os.fdopen(read, "rb", buffering=0) as ours, os.fdopen(write, "wb", buffering=0) as theirs:
        yield ours, theirs


@contextlib.contextmanager
def _in_memory(data: bytes) -> Iterator[BinaryIO]:
    with os.fdopen(os.memfd_create("document"), "w+b") as file:
        file.write(data)
        file.seek(0)
        yield file


PRESS = Press()
