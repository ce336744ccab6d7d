"""One job from its envelope to its end: effect and state change in one transaction."""

import inspect
import logging as std_logging
import time
import traceback
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from flask import Flask
from sqlalchemy.exc import StatementError

from tenants.core import logging
from tenants.core.db import db
from tenants.core.errors import CoulisseError
from tenants.jobs import COULD_NOT_FINISH, TOOK_TOO_LONG, PermanentFailure
from tenants.jobs.presence import Current
from workers import envelope
from workers.envelope import EnvelopeRefused
from workers.ledger import Ledger, Task
from workers.limits import Output, memory_limit, time_limit
from workers.registry import JOBS_PACKAGE, resolve
from workers.run import (
    HandedBack,
    Heartbeat,
    Interrupt,
    JobRun,
    Overtaken,
    Superseded,
    TimeLimitReached,
)
from workers.timing import Timing

log = std_logging.getLogger(__name__)


class Runner:
    """Runs the jobs of one worker process, one at a time, in its main thread."""

    def __init__(
        self,
        app: Flask,
        *,
        timing: Timing,
        jobs_package: str = JOBS_PACKAGE,
        tell: Callable[[str, str, str, float], None] | None = None,
        tell_refused: Callable[[str], None] | None = None,
    ) -> None:
        """`tell` hears of each run: queue, name, outcome, seconds."""
        self._tell = tell
        self._tell_refused = tell_refused
        self._ledger = Ledger(app, timing)
        self._timing = timing
        self._package = jobs_package
        self.stopping = False
        self.worn = False
        self.jobs_done = self.heavy_done = 0
        self.current: Current | None = None
        self._interruptible = False
        # how the heartbeat's thread reaches the main one
        self.when_lost: Callable[[], None] | None = None

    def interrupt(self) -> None:
        """Called from a signal handler: give the running job back, if it can be left now."""
        if self._interruptible:
            raise HandedBack

    def overtake(self) -> None:
        """Likewise: what runs was cancelled, or runs elsewhere by now."""
        if self._interruptible:
            raise Overtaken

    def receive(self, *parts: Any) -> None:
        """An envelope as Redis has it; one that isn't ours is told to the log and left."""
        try:
            tenant_id, job_id, attempt = envelope.unseal(*parts)
        except EnvelopeRefused as refusal:
            self.refused(refusal.reason, str(refusal))
            return
        self.execute(str(tenant_id), str(job_id), attempt)

    def refused(self, reason: str, words: str) -> None:
        log.error("refused: %s", words, extra={"fields": {"alert": "job_refused", "why": reason}})
        if self._tell_refused:
            self._tell_refused(reason)

    def execute(self, tenant_id: str, job_id: str, attempt: int) -> None:
        task = self._ledger.start(*envelope.read(tenant_id, job_id, attempt))
        if task is None:
            fields = {"tenant": tenant_id, "job": job_id, "attempt": attempt}
            log.info("superseded before it began", extra={"fields": fields})
            return
        logging.bind(request_id=task.request_id, tenant=tenant_id, job=job_id, job_name=task.name)
        began, outcome = time.perf_counter(), "superseded"
        self.current = Current(task.tenant_id, task.id, task.name, task.attempt)
        try:
            outcome = self._run(task)
        except (Superseded, Overtaken):
            log.warning("superseded: nothing of this run was kept")
        finally:
            self.current = None
            self.jobs_done += 1
            logging.clear()
            if self._tell:
                self._tell(task.queue, task.name, outcome, time.perf_counter() - began)

    def _run(self, task: Task) -> str:
        run = JobRun(
            tenant_id=task.tenant_id,
            job_id=task.id,
            name=task.name,
            actor_id=task.actor_id,
            attempt=task.attempt,
            last_try=task.last_try,
            position=task.position,
            _write_progress=partial(self._ledger.progress, task),
            _is_stopping=lambda: self.stopping,
        )
        heartbeat = Heartbeat(
            partial(self._ledger.extend, task),
            every=self._timing.run_lease / 3,
            margin=self._timing.hang_margin,
            lost=self.when_lost,
        )
        try:
            with heartbeat:
                self._perform(task, run, heartbeat)
        except (Superseded, Overtaken):
            raise
        except HandedBack:
            self._ledger.hand_back(task)
            log.info("handed back: the worker stops")
            return "handed_back"
        except BaseException as error:  # noqa: BLE001 - whatever it was is kept with the job
            self._fail(task, error)
            return "failed"
        log.info("done" if run.given_up is None else "given up")
        return "done" if run.given_up is None else "given_up"

    def _perform(self, task: Task, run: JobRun, heartbeat: Heartbeat) -> None:
        function, declared = resolve(task.name, self._package)
        self.heavy_done += declared.kind == "heavy"
        seconds = self._timing.time_limit or declared.seconds
        output = Output(declared.output_bytes)
        work: Iterator[Any] | None = None
        while True:
            heartbeat.allow(seconds)
            with self._ledger.transaction(task.tenant_id):
                with output.counted(), self._limited(seconds, declared.memory_mb):
                    if work is None:
                        work = _as_chunks(function(**task.args, job=run))
                    ended, answer = _next(work)
                    db.session.flush()
                if ended:
                    self._ledger.finish(task, given_up=run.given_up, result=output.result(answer))
                else:
                    further = answer != run.position
                    self._ledger.save(task, output.take(answer), further=further)
            if ended:
                return
            run.position = answer
            if further:
                task.failures, run.last_try = 0, task.max_attempts == 1
            if self.stopping:
                raise HandedBack

    @contextmanager
    def _limited(self, seconds: float, memory_mb: int) -> Iterator[None]:
        with time_limit(seconds), memory_limit(memory_mb):
            self._interruptible = True
            try:
                yield
            finally:
                self._interruptible = False

    def _fail(self, task: Task, error: BaseException) -> None:
        final = isinstance(error, PermanentFailure)
        trace = _trace(error)
        fields = {"attempt": task.attempt, "final": final}
        log.error("failed", exc_info=error, extra={"fields": fields})
        # Whatever it holds on to goes with the process.
        self.worn = self.worn or isinstance(error, MemoryError)
        self._ledger.fail(
            task, error=_sentence(error), trace=trace, final=final, for_client=_for_client(error)
        )


def _as_chunks(answer: Any) -> Iterator[Any]:
    return answer if inspect.isgenerator(answer) else _ended(answer)


def _ended(result: Any) -> Generator[Any, None, Any]:
    return result
    yield


def _next(work: Iterator[Any]) -> tuple[bool, Any]:
    """Whether the job ended, and its result or the position that its chunk yielded."""
    try:
        return False, next(work)
    except StopIteration as end:
        return True, end.value


def _sentence(error: BaseException) -> str:
    if isinstance(error, CoulisseError):
        return error.text
    if isinstance(error, TimeLimitReached):
        return "The job took longer than its time limit."
    if isinstance(error, Interrupt):
        return "The job was interrupted."
    if isinstance(error, MemoryError):
        return "The job needed more memory than its limit."
    return f"The job ended with an error of our program ({type(error).__name__})."


def _for_client(error: BaseException) -> tuple[str, dict[str, Any]]:
    """A message id and what it names; the reasons of our own program are not theirs to read."""
    if isinstance(error, TimeLimitReached):
        return TOOK_TOO_LONG, {}
    ours = isinstance(error, PermanentFailure) and error.internal
    if ours or not isinstance(error, CoulisseError) or error.message == CoulisseError.message:
        return COULD_NOT_FINISH, {}
    return error.message, {name: str(value) for name, value in error.params.items()}


def _trace(error: BaseException) -> str:
    link: BaseException | None = error
    while link is not None:
        if isinstance(link, StatementError):
            # A statement's values are the client's data.
            link.hide_parameters = True
        link = link.__cause__ or link.__context__
    return "".join(traceback.format_exception(error))


_runner: Runner | None = None


def install(runner: Runner) -> None:
    global _runner
    _runner = runner


def execute(*parts: Any) -> None:
    """What RQ calls by name."""
    assert _runner is not None
    _runner.receive(*parts)
