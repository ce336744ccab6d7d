"""Foreign files are read in a child that can be killed: bounded memory, CPU, time and no secrets."""

import contextlib
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Limits:
    memory_mb: int = 768
    cpu_seconds: int = 30
    wall_seconds: float = 60


@dataclass(frozen=True, slots=True)
class Outcome:
    """`stopped` is "time" or "memory" where a limit ended the child, "" where it ended itself."""

    code: int
    output: bytes
    log: str
    stopped: str


def run_module(module: str, args: Sequence[str], data: bytes, limits: Limits) -> Outcome:
    command = [sys.executable, "-s", "-m", module, str(limits.memory_mb), str(limits.cpu_seconds)]
    with subprocess.Popen(
        [*command, *args],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=_ROOT,
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"},
        close_fds=True,
        start_new_session=True,
    ) as child:
        try:
            output, log = child.communicate(data, timeout=limits.wall_seconds)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.communicate()
            return Outcome(child.returncode, b"", "", "time")
        except BaseException:
            child.kill()
            raise
    return Outcome(
        child.returncode, output, log.decode(errors="replace"), _stopped(child.returncode)
    )


def limit_self(memory_mb: int, cpu_seconds: int) -> None:
    """Called by the child first of all; in the parent a preexec_fn would not be thread-safe."""
    memory = memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    # The soft limit's signal tells time from memory; the hard one kills where it is ignored.
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _stopped(code: int) -> str:
    if code == -signal.SIGXCPU:
        return "time"
    # A native parser aborts, or runs into a null pointer, when it is given no more memory.
    return "memory" if code in (-signal.SIGKILL, -signal.SIGABRT, -signal.SIGSEGV) else ""
