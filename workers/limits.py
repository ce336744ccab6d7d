"""What one job may use of its worker: time, memory, output."""

import json
import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from tenants import files
from tenants.jobs import RESULT_LENGTH, OutputLimitReached
from workers.run import TimeLimitReached

MEGABYTE = 1024 * 1024
PAGE = os.sysconf("SC_PAGESIZE")


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """RQ's own limit raises an ordinary Exception, which jobs could swallow."""

    def end(sign: int, frame: FrameType | None) -> None:
        raise TimeLimitReached

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def memory_limit(megabytes: int) -> Iterator[None]:
    """So much beside what the process has already, within its own limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = data_size() + megabytes * MEGABYTE
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (wanted, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def data_size() -> int:
    """What RLIMIT_DATA counts of this process."""
    with open("/proc/self/statm", "rb") as numbers:
        return int(numbers.read().split()[5]) * PAGE


def resident_mb() -> int:
    with open("/proc/self/statm", "rb") as numbers:
        return int(numbers.read().split()[1]) * PAGE // MEGABYTE


class Output:
    """Files, positions and the result of one run, counted together over its chunks."""

    def __init__(self, limit: int) -> None:
        self._left = limit

    @contextmanager
    def counted(self) -> Iterator[None]:
        with files.at_most(self._left) as written:
            yield
        self._left -= written.total

    def take(self, value: Any) -> Any:
        """A position or a result, as JSON."""
        if value is None:
            return None
        try:
            size = len(json.dumps(value).encode())
        except (TypeError, ValueError) as error:
            raise OutputLimitReached("What the job answered is no JSON.") from error
        self._left -= size
        if self._left < 0:
            raise OutputLimitReached
        return value

    def result(self, value: Any) -> Any:
        if value is not None and len(json.dumps(value, default=str)) > RESULT_LENGTH:
            raise OutputLimitReached("The result of the job is larger than 16 KB.")
        return self.take(value)
