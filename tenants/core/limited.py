"""Foreign files are read in a child that can be killed: bounded memory, CPU, time and no secrets."""

import contextlib
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_ROOT = Path(__file__).resolve().parents[2]
_LONGEST_LINE = 1 << 26
_MOST_OUTPUT = 1 << 29
_LOG_LENGTH = 8000


class OutputTooLarge(Exception):
    """The child says far more than a file of the allowed size holds."""


@dataclass(frozen=True, slots=True)
class Limits:
    memory_mb: int = 768
    cpu_seconds: int = 30
    # Below the time limit of a job, so that the file is refused and not the job ended.
    wall_seconds: float = 50


@dataclass(frozen=True, slots=True)
class Outcome:
    """`stopped` is "time" or "memory" where a limit ended the child, "" where it ended itself."""

    code: int
    output: bytes
    log: str
    stopped: str


def run_module(
    module: str,
    args: Sequence[str],
    data: bytes,
    limits: Limits,
    take: Callable[[bytes], None] | None = None,
) -> Outcome:
    """`take` gets the output line by line while the child works; without it it is in the Outcome."""
    command = [sys.executable, "-s", "-m", module, str(limits.memory_mb), str(limits.cpu_seconds)]
    kept: list[bytes] = []
    log = bytearray()
    # The child reads at its own pace: with two pipes each side could wait for the other.
    with (
        _as_file(data) as source,
        subprocess.Popen(
            [*command, *args],
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=_ROOT,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"},
            close_fds=True,
            start_new_session=True,
        ) as child,
    ):
        late = threading.Event()
        timer = threading.Timer(limits.wall_seconds, _stop, (child, late))
        errors = threading.Thread(target=_drain, args=(child.stderr, log), daemon=True)
        timer.start()
        errors.start()
        try:
            _hand_over(child, take or kept.append)
            child.wait()
        finally:
            timer.cancel()
            _stop(child)
            errors.join()
    if late.is_set():
        return Outcome(child.returncode, b"", "", "time")
    return Outcome(
        child.returncode, b"".join(kept), log.decode(errors="replace"), stopped_by(child.returncode)
    )


@contextlib.contextmanager
def _as_file(data: bytes) -> Iterator[int]:
    handle = os.memfd_create("upload")
    try:
        with os.fdopen(os.dup(handle), "wb") as out:
            out.write(data)
        os.lseek(handle, 0, os.SEEK_SET)
        yield handle
    finally:
        os.close(handle)


def _hand_over(child: subprocess.Popen[bytes], take: Callable[[bytes], None]) -> None:
    assert child.stdout is not None
    total = 0
    while line := child.stdout.readline(_LONGEST_LINE):
        total += len(line)
        if total > _MOST_OUTPUT:
            raise OutputTooLarge
        take(line)


def _stop(child: subprocess.Popen[bytes], late: threading.Event | None = None) -> None:
    if late is not None:
        late.set()
    if child.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)


def _drain(source: IO[bytes] | None, log: bytearray) -> None:
    while source is not None and (part := source.read(4096)):
        log += part
        del log[:-_LOG_LENGTH]


def limit_self(memory_mb: int, cpu_seconds: int) -> None:
    """Called by the child first of all; in the parent a preexec_fn would not be thread-safe."""
    memory = memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    # The soft limit's signal tells time from memory; the hard one kills where it is ignored.
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def stopped_by(code: int) -> str:
    """Of a child with these limits, by how it ended."""
    if code == -signal.SIGXCPU:
        return "time"
    # A native parser aborts, or runs into a null pointer, when it is given no more memory.
    return "memory" if code in (-signal.SIGKILL, -signal.SIGABRT, -signal.SIGSEGV) else ""
