"""Child processes of `make run`: started, logged, restarted when they die, stopped in order."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from dev.processes import birth, tail

STOP_SECONDS = 10.0
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 15.0
STEADY_SECONDS = 30.0
PR_SET_PDEATHSIG = 1


def follow_parent(sign: int = signal.SIGTERM) -> None:
    """On Linux: receive `sign` when the parent dies, however it dies."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, sign)


@dataclass
class Child:
    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    log: Path
    cwd: Path
    vital: bool = False
    process: subprocess.Popen[bytes] | None = None
    _pause: float = FIRST_PAUSE
    _started: float = 0.0
    _due: float = field(default=0.0)

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env=dict(self.env),
                cwd=self.cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C reaches `make run` alone, which then stops its children in order
                start_new_session=True,
                preexec_fn=follow_parent,  # noqa: PLW1509 - started from the only thread
            )
        self._started = time.monotonic()
        self._due = 0.0

    def died(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def restart_when_due(self) -> str | None:
        """A sentence when the child was found dead just now."""
        if not self.died() or self.process is None:
            return None
        now = time.monotonic()
        if not self._due:
            if now - self._started > STEADY_SECONDS:
                self._pause = FIRST_PAUSE
            self._due = now + self._pause
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
            return f"{self.name} stopped ({self.process.returncode}) and is restarted: {self.log}"
        if now >= self._due:
            self.start()
        return None

    def last_words(self) -> str:
        return tail(self.log)


def stop(children: Iterable[Child]) -> None:
    running = [child for child in children if child.process is not None and not child.died()]
    for child in running:
        _signal(child, signal.SIGTERM, group=False)
    deadline = time.monotonic() + STOP_SECONDS
    for child in running:
        if child.process is None:
            continue
        try:
            child.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            _signal(child, signal.SIGKILL, group=True)
            child.process.wait()


def _signal(child: Child, sign: int, *, group: bool) -> None:
    if child.process is None:
        return
    with suppress(ProcessLookupError):
        if group:
            os.killpg(child.process.pid, sign)
        else:
            child.process.send_signal(sign)


def remember(children: Iterable[Child], record: Path) -> None:
    pids = [child.process.pid for child in children if child.process is not None]
    record.write_text(json.dumps({pid: birth(pid) for pid in pids}))


def stop_leftovers(record: Path) -> None:
    """Children of a `make run` that was killed; by their start time, so never a stranger."""
    try:
        remembered = json.loads(record.read_text())
    except (FileNotFoundError, ValueError):
        return
    left = {int(pid) for pid, born in remembered.items() if born and birth(int(pid)) == born}
    for sign in (signal.SIGTERM, signal.SIGKILL):
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, sign)
        deadline = time.monotonic() + STOP_SECONDS
        while left and time.monotonic() < deadline:
            left = {pid for pid in left if birth(pid) == remembered[str(pid)]}
            time.sleep(0.05)
    record.unlink(missing_ok=True)
