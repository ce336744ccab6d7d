"""The child that checks, kept between checks because compiling rules takes a second: one for each
process of ours, started when it is first asked, replaced when it had to be killed."""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[3]
MEMORY_MB = 1500
IDLE_SECONDS = 900
# The longest answer that is read: 500 findings of 1,000 characters fit many times.
_LONGEST_ANSWER = 16 * 1024 * 1024


class Stopped(Exception):
    """`reason` is "time", "memory" or "broken": the child is gone and has answered nothing."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Checker:
    """One question at a time; threads wait for each other."""

    def __init__(self, *, memory_mb: int = MEMORY_MB, idle_seconds: int = IDLE_SECONDS) -> None:
        self._memory_mb, self._idle_seconds = memory_mb, idle_seconds
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def ask(self, request: dict[str, Any], content: bytes, *, seconds: float) -> dict[str, Any]:
        with self._lock:
            for again in (True, False):
                child, fresh = self._running()
                try:
                    return self._exchange(child, request, content, seconds)
                except (BrokenPipeError, EOFError) as error:
                    self._stop()
                    # One that went to sleep between two questions is woken once.
                    if not again or fresh:
                        raise Stopped(_why(child.returncode)) from error
                except TimeoutError as error:
                    self._stop()
                    raise Stopped("time") from error
                except BaseException:
                    # Left in the middle of an answer (a job's own time limit), it would give that
                    # answer to the next question.
                    self._stop()
                    raise
        raise Stopped("broken")

    def close(self) -> None:
        with self._lock:
            self._stop()

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child is not None and self._owner == os.getpid() else None

    def _running(self) -> tuple[subprocess.Popen[bytes], bool]:
        if self._child is not None and self._owner != os.getpid():
            # Of the process that we were forked from: its pipes are not ours to use.
            self._child = None
        if self._child is not None and self._child.poll() is None:
            return self._child, False
        self._stop()
        self._owner = os.getpid()
        self._child = subprocess.Popen(
            [sys.executable, "-s", "-m", "app.documents.checking.child",
             str(self._memory_mb), str(self._idle_seconds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd=_ROOT,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"},
            close_fds=True,
            start_new_session=True,
        )  # fmt: skip
        os.set_blocking(_pipe(self._child.stdin), False)
        return self._child, True

    def _exchange(
        self, child: subprocess.Popen[bytes], request: dict[str, Any], content: bytes,
        seconds: float,
    ) -> dict[str, Any]:  # fmt: skip
        until = time.monotonic() + seconds
        line = json.dumps({**request, "length": len(content)}).encode() + b"\n"
        _send(_pipe(child.stdin), line + content, until)
        answer: dict[str, Any] = json.loads(_receive(_pipe(child.stdout), until))
        return answer

    def _stop(self) -> None:
        child, self._child = self._child, None
        if child is None or self._owner != os.getpid():
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        child.wait()


def _pipe(stream: Any) -> int:
    number: int = stream.fileno()
    return number


def _wait(pipe: int, event: int, until: float) -> None:
    poll = select.poll()
    poll.register(pipe, event)
    if not poll.poll(max(0.0, until - time.monotonic()) * 1000):
        raise TimeoutError


def _send(pipe: int, data: bytes, until: float) -> None:
    left = memoryview(data)
    while left:
        _wait(pipe, select.POLLOUT, until)
        left = left[os.write(pipe, left[: 1 << 16]) :]


def _receive(pipe: int, until: float) -> bytes:
    got = bytearray()
    while not got.endswith(b"\n"):
        _wait(pipe, select.POLLIN, until)
        part = os.read(pipe, 1 << 16)
        if not part or len(got) > _LONGEST_ANSWER:
            raise EOFError
        got += part
    return bytes(got)


def _why(code: int | None) -> str:
    """The engine ends itself with 99 when it gets no more memory; parsers abort or fault."""
    return "memory" if code in (99, 137, -signal.SIGABRT, -signal.SIGSEGV) else "broken"


CHECKER = Checker()
