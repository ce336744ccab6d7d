"""What a job gets as `job`, and what watches over it while it runs."""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import UUID

log = logging.getLogger(__name__)

PROGRESS_EVERY = 0.5


class Interrupt(KeyboardInterrupt):
    """Not an Exception: no `except Exception` of a job swallows it, and psycopg cancels its query."""


class TimeLimitReached(Interrupt):
    pass


class HandedBack(Interrupt):
    pass


class Overtaken(Interrupt):
    """Superseded, as the heartbeat noticed in the middle of the work."""


class Superseded(Exception):
    """Another attempt of this job is the current one, or it was cancelled: nothing may be kept."""


@dataclass(slots=True)
class JobRun:
    """`position` is what the last saved chunk yielded, None at the first run. What the function
    returns is kept as the job's result. Jobs that it adds with `parent_id=job.job_id` are its
    parts: it has ended when they have."""

    tenant_id: UUID
    job_id: UUID
    name: str
    actor_id: UUID | None
    attempt: int
    last_try: bool
    position: Any
    _write_progress: Callable[[int, int, str], None]
    _is_stopping: Callable[[], bool]
    given_up: str | None = None
    _written: float = field(default=-1e9)
    _message: str = field(default="")

    @property
    def stopping(self) -> bool:
        """The worker is asked to end: a job in one transaction may leave early by raising."""
        return self._is_stopping()

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Seen by others at once, whatever becomes of this transaction; written twice a second at
        most, a new message at once. Raises Superseded when this run doesn't count any more."""
        now = time.monotonic()
        told = message != self._message or now - self._written >= PROGRESS_EVERY
        if done >= total or told:
            self._written, self._message = now, message
            self._write_progress(done, total, message)

    def give_up(self, error: str) -> None:
        """Keep what this transaction wrote, but end in quarantine with this sentence for staff."""
        self.given_up = error


class Heartbeat:
    """Keeps the lease while a job runs, in a thread with a connection of its own.

    When the job hangs so that not even its time limit gets through, the process is killed: the
    lease then runs out and the supervisor starts another worker.
    """

    def __init__(
        self,
        extend: Callable[[], bool],
        *,
        every: float,
        margin: float,
        lost: Callable[[], None] | None = None,
    ) -> None:
        """`lost` is called when the run doesn't count any more."""
        self._lost = lost
        self._extend = extend
        self._every = every
        self._margin = margin
        self._deadline = float("inf")
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def allow(self, seconds: float) -> None:
        self._deadline = time.monotonic() + seconds + self._margin

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._over.wait(self._every):
            if time.monotonic() > self._deadline:
                log.critical("a job hangs and can't be interrupted: this worker ends")
                os.kill(os.getpid(), signal.SIGKILL)
            try:
                if not self._extend():
                    if self._lost and not self._over.is_set():
                        self._lost()
                    return
            except Exception:
                log.exception("the lease could not be extended")
