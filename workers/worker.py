"""Worker processes: RQ carries ids to them, `workers.execution` does the work."""

import logging
import os
import resource
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing import connection as sentinels
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Any

from flask import Flask
from redis import Redis, RedisError
from rq import Queue, SimpleWorker
from rq.exceptions import DeserializationError, StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer

from workers import execution, queues
from workers.execution import Runner
from workers.limits import resident_mb
from workers.metrics import Report
from workers.presence import Pulse
from workers.queues import lists
from workers.timing import Timing

log = logging.getLogger(__name__)

HAND_BACK = signal.SIGUSR1
OVERTAKEN = signal.SIGUSR2
RESPAWN_AFTER = 0.2
WORKER_TTL = 60
KILL_AFTER = 5.0


class JobWorker(SimpleWorker):
    """Stops between jobs, runs nothing but our own function, takes no commands from Redis.

    RQ waits for messages and gives them out. Which runs began, live, failed and ended PostgreSQL
    knows; to tell Redis too would cost a job more than its own statements.
    """

    max_connection_wait_time = 1.0
    runner: Runner
    wear: "Wear"
    _busy = False
    _told = -1e9

    def execute_job(self, job: Job, queue: Queue) -> None:
        self._busy = True
        try:
            if _function_name(job) == queues.EXECUTE:
                execution.execute(*job.args)
            else:
                self.runner.refused("foreign", "a function that is not ours")
        except Exception:
            # The dispatcher hands it over again when nobody takes it up.
            log.exception("a job could not be taken up")
        finally:
            self._forget(job, queue)
            self._busy = False
            if self.runner.worn or self.wear.out(self.runner.heavy_done):
                # the supervisor starts a fresh one
                self.runner.stopping = self._stop_requested = True

    def _forget(self, job: Job, queue: Queue) -> None:
        self.connection.delete(job.key)
        if len(self.queues) == 1:
            # RQ keeps what it gave out of a single queue in a list beside it.
            self.connection.lrem(queue.intermediate_queue_key, 1, job.id)

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """In Redis a worker is only a name that expires."""
        now = time.monotonic()
        if now - self._told >= WORKER_TTL / 4:
            self._told = now
            super().heartbeat(timeout, pipeline)

    def set_state(self, state: str, pipeline: Any = None) -> None:
        self._state = state

    def check_for_suspension(self, burst: bool) -> None:
        """Nothing: `rq suspend` is a command by way of Redis, too."""

    def request_stop(self, signum: Any, frame: FrameType | None) -> None:
        self.runner.stopping = True
        first, self._stop_requested = not self._stop_requested, True
        if first and not self._busy:
            raise StopRequested

    def subscribe(self) -> None:
        """Nothing: `stop-job` and `shutdown` by way of Redis are not for us."""

    def _install_signal_handlers(self) -> None:
        signal.signal(signal.SIGTERM, self.request_stop)
        signal.signal(HAND_BACK, lambda *_: self.runner.interrupt())
        signal.signal(OVERTAKEN, lambda *_: self.runner.overtake())


def _function_name(job: Job) -> str | None:
    try:
        name: str | None = job.func_name
    except DeserializationError:
        return None
    return name


@dataclass(frozen=True, slots=True)
class Wear:
    """When a process gives way to a fresh one, between two jobs. What heavy jobs leave behind goes
    with it; forking for each job would cost more (docs/adr/0008-workers.md)."""

    after_heavy: int
    above_mb: int

    def out(self, heavy_done: int) -> bool:
        if self.after_heavy and heavy_done >= self.after_heavy:
            return True
        return bool(self.above_mb) and resident_mb() > self.above_mb


@dataclass(frozen=True, slots=True)
class Plan:
    """What one process of a supervisor does."""

    names: tuple[str, ...]
    kind: str


def plans(names: Sequence[str], processes: int) -> list[Plan]:
    """With several processes one is kept free of batch and heavy work."""
    everything = tuple(one for name in names for one in lists(name))
    found = [Plan(everything, "heavy")] * processes
    if processes > 1:
        found[0] = Plan(tuple(name for name in names if name != "batch") or everything, "short")
    return found


@dataclass(frozen=True, slots=True)
class Setup:
    create_app: Callable[[], Flask]
    redis_url: str
    timing: Timing
    jobs_package: str
    memory_mb: int
    report: Report | None = None
    wear: Wear = Wear(after_heavy=200, above_mb=350)


def work(plan: Plan, setup: Setup) -> None:
    """One worker process, until SIGTERM."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _follow_parent()
    if setup.memory_mb:
        size = setup.memory_mb * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_DATA, (size, size))
    app = setup.create_app()
    runner = Runner(
        app,
        timing=setup.timing,
        jobs_package=setup.jobs_package,
        tell=setup.report.ended if setup.report else None,
        tell_refused=setup.report.refused if setup.report else None,
    )
    execution.install(runner)
    signal.signal(OVERTAKEN, signal.SIG_IGN)
    runner.when_lost = lambda: os.kill(os.getpid(), OVERTAKEN)
    pulse = Pulse(app, runner, kind=plan.kind, queues=plan.names, every=setup.timing.heartbeat)
    with pulse:
        _take_jobs(plan, setup, runner)


def _take_jobs(plan: Plan, setup: Setup, runner: Runner) -> None:
    # longer than an idle worker waits for its next job
    redis = queues.connect(setup.redis_url, timeout=2 * WORKER_TTL)
    while not runner.stopping:
        _wait_for(redis)
        try:
            worker = JobWorker(
                [queues.queue_of(name, redis) for name in plan.names],
                connection=redis,
                serializer=JSONSerializer,
                worker_ttl=WORKER_TTL,
            )
            worker.runner = runner
            worker.wear = setup.wear
            worker.work(logging_level=None)
        except RedisError as error:
            log.warning("Redis went away: %s", error)
        except StopRequested:
            return


def _answer(report: Report) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _follow_parent()
    report.serve()


def _wait_for(redis: Redis) -> None:
    while True:
        try:
            redis.ping()
        except RedisError as error:
            log.warning("Redis is away: %s", error)
            time.sleep(0.5)
        else:
            return


def _follow_parent() -> None:
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


class Supervisor:
    """Keeps the processes alive."""

    def __init__(self, *, names: Sequence[str], processes: int, setup: Setup) -> None:
        self._setup = setup
        self._plans = plans(names, processes)
        self._running: dict[int, tuple[BaseProcess, float]] = {}
        self._stopping = False
        self._told = 0

    def run(self) -> None:
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, self._stop)
        if self._setup.report:
            get_context("fork").Process(
                target=_answer, args=(self._setup.report,), daemon=True
            ).start()
        while not self._stopping:
            self._fill()
            sentinels.wait([process.sentinel for process, _ in self._running.values()], timeout=0.5)
        self._end()

    def _stop(self, sign: int, frame: FrameType | None) -> None:
        self._stopping = True

    def _fill(self) -> None:
        for place, plan in enumerate(self._plans):
            process, started = self._running.get(place, (None, 0.0))
            if process is not None and process.is_alive():
                continue
            if process is not None and process.exitcode == 0:
                log.info("a worker gives way to a fresh one")
            elif process is not None:
                if self._setup.report:
                    self._setup.report.respawned()
                log.warning("a worker ended (%s), another one starts", process.exitcode)
                # one that dies at once must not spin
                time.sleep(RESPAWN_AFTER if time.monotonic() - started > 1 else 5 * RESPAWN_AFTER)
            fresh = get_context("fork").Process(target=work, args=(plan, self._setup))
            fresh.start()
            self._running[place] = (fresh, time.monotonic())
        if self._setup.report and len(self._running) != self._told:
            self._told = len(self._running)
            self._setup.report.processes(self._told)

    def _end(self) -> None:
        steps = (
            (signal.SIGTERM, self._setup.timing.stop_grace),
            (HAND_BACK, KILL_AFTER),
            (signal.SIGKILL, KILL_AFTER),
        )
        for sign, seconds in steps:
            left = [process for process, _ in self._running.values() if process.is_alive()]
            for process in left:
                os.kill(process.pid or 0, sign)
            deadline = time.monotonic() + seconds
            for process in left:
                process.join(max(0.0, deadline - time.monotonic()))
