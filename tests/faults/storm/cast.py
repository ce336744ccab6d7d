"""The processes of the storm. Whoever dies is started again, as a process manager does."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.workers.house import House

COMES_BACK_AFTER = 0.4


class Cast:
    def __init__(self, house: House, **settings: str) -> None:
        self._house = house
        self._settings = settings
        self._wanted: dict[str, tuple[str, tuple[str, ...]]] = {}
        self._running: dict[str, Any] = {}
        self._gone: dict[str, float] = {}
        self._frozen: set[int] = set()
        self._later: list[tuple[float, Callable[[], None]]] = []
        self.started = 0

    def add(self, name: str, *arguments: str, module: str = "tests.faults.process") -> None:
        self._wanted[name] = (module, arguments)
        self._start(name)

    def tend(self) -> None:
        now = time.monotonic()
        for name, process in list(self._running.items()):
            if process.poll() is not None:
                self._house.processes.remove(process)
                del self._running[name]
                if name == "entry" and process.returncode == 0:
                    del self._wanted[name]
                else:
                    self._gone[name] = now + COMES_BACK_AFTER
        for name in [name for name, at in self._gone.items() if at <= now]:
            del self._gone[name]
            self._start(name)
        for due in [one for one in self._later if one[0] <= now]:
            self._later.remove(due)
            due[1]()

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        self._later.append((time.monotonic() + seconds, act))

    def calm(self) -> None:
        """Everything that was to pass has passed."""
        for _, act in self._later:
            act()
        self._later.clear()

    def pids(self, start: str) -> list[int]:
        found = [(name, one.pid) for name, one in self._running.items() if name.startswith(start)]
        return [pid for _, pid in sorted(found)]

    def workers(self) -> list[int]:
        """The processes that run jobs, not those that keep them alive."""
        return [child for pid in self.pids("worker") for child in children(pid)]

    def finished(self, name: str) -> bool:
        return name not in self._wanted

    def freeze(self, pid: int, seconds: float) -> None:
        _signal(pid, signal.SIGSTOP)
        self._frozen.add(pid)

        def thaw() -> None:
            self._frozen.discard(pid)
            _signal(pid, signal.SIGCONT)

        self.later(seconds, thaw)

    def kill(self, pid: int) -> None:
        _signal(pid, signal.SIGKILL)

    def terminate(self, pid: int) -> None:
        _signal(pid, signal.SIGTERM)

    def _start(self, name: str) -> None:
        module, arguments = self._wanted[name]
        self._running[name] = self._house.spawn(*arguments, module=module, **self._settings)
        self.started += 1


def children(pid: int) -> list[int]:
    with suppress(OSError):
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def _signal(pid: int, sign: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, sign)
