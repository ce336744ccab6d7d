"""A worker's statements on its job's row, each bound to the current attempt.

`start`, `extend`, `progress`, `hand_back` and `fail` are short transactions of their own; `save`
and `finish` go with the job's effect. What every job costs, `start` and `finish`, is made once and
handed to the driver itself (`workers/statements.py`).
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import ColumnElement, func, update
from sqlalchemy.exc import DBAPIError

from tenants.core.db import db, unit_of_work
from tenants.jobs import COULD_NOT_FINISH, Job, wake_dispatcher
from tenants.jobs.moving import move
from tenants.jobs.transitions import TRANSITIONS
from tenants.scoping import Scope, enter
from workers import statements
from workers.run import Superseded
from workers.timing import Timing

TRACE_LENGTH = 8000
# A message id for the client, and what it names.
Sentence = tuple[str, dict[str, Any]]
RUNNING = TRANSITIONS["start"].target


@dataclass(slots=True)
class Task:
    tenant_id: UUID
    id: UUID
    name: str
    queue: str
    args: dict[str, Any]
    actor_id: UUID | None
    request_id: str
    attempt: int
    failures: int
    max_attempts: int
    position: Any
    parent_id: UUID | None

    @property
    def last_try(self) -> bool:
        return self.failures + 1 >= self.max_attempts


class Ledger:
    def __init__(self, app: Flask, timing: Timing) -> None:
        self._app = app
        self._timing = timing
        self._run_lease = timedelta(seconds=timing.run_lease)

    @contextmanager
    def transaction(self, tenant_id: UUID) -> Iterator[None]:
        """A fresh session, which dies with its app context and takes the scope along."""
        with self._app.app_context():
            enter(Scope(tenant_id=tenant_id, side="provider"))
            with unit_of_work():
                yield

    def start(self, tenant_id: UUID, job_id: UUID, attempt: int) -> Task | None:
        """None when this hand-over isn't the current one (any more)."""
        try:
            return self._start(tenant_id, job_id, attempt)
        except DBAPIError as error:
            # A connection that died in the pool: nothing was done yet, so try once more.
            if not error.connection_invalidated:
                raise
            return self._start(tenant_id, job_id, attempt)

    def _start(self, tenant_id: UUID, job_id: UUID, attempt: int) -> Task | None:
        with self._app.app_context():
            row = statements.start(db.engine, tenant_id, job_id, attempt, self._run_lease)
        return None if row is None else Task(*row)

    def extend(self, task: Task) -> bool:
        with self.transaction(task.tenant_id):
            return self._write(task, lease_until=self._lease())

    def progress(self, task: Task, done: int, total: int, message: str) -> None:
        with self.transaction(task.tenant_id):
            self._must_write(
                task,
                progress_done=done,
                progress_total=total,
                progress_message=message,
                lease_until=self._lease(),
            )

    def save(self, task: Task, position: Any, *, further: bool) -> None:
        """A chunk that got further forgets earlier failures: the job isn't poison."""
        forgotten = {"failures": 0} if further else {}
        self._must_write(task, position=position, lease_until=self._lease(), **forgotten)

    def finish(self, task: Task, *, given_up: str | None, result: Any = None) -> None:
        if given_up is not None:
            self._quarantine(task, error=given_up, for_client=(COULD_NOT_FINISH, {}))
        else:
            ended = statements.finish(
                db.session.connection(), task.tenant_id, task.id, task.attempt, result
            )
            if ended:
                return
            kept = {} if result is None else {"result": result}
            self._must_move("wait", task, **kept, lease_until=None)
        wake_dispatcher()

    def hand_back(self, task: Task) -> None:
        """Due at once, and no failure."""
        with self.transaction(task.tenant_id):
            self._must_move("hand_back", task, run_at=func.now(), lease_until=None)
            wake_dispatcher()

    def fail(
        self, task: Task, *, error: str, trace: str, final: bool, for_client: Sentence = ("", {})
    ) -> None:
        kept = {"failures": Job.failures + 1, "trace": trace[-TRACE_LENGTH:]}
        with self.transaction(task.tenant_id):
            if final or task.last_try:
                self._quarantine(task, error=error, for_client=for_client, **kept)
            else:
                again = func.clock_timestamp() + self._backoff(task.failures)
                self._must_move("fail", task, error=error, run_at=again, lease_until=None, **kept)
            wake_dispatcher()

    def _quarantine(self, task: Task, *, error: str, for_client: Sentence, **kept: Any) -> None:
        told = {"client_error": for_client[0], "client_error_params": for_client[1]}
        if task.parent_id is not None:
            # Parents are locked before their children.
            db.session.execute(
                update(Job)
                .where(Job.tenant_id == task.tenant_id, Job.id == task.parent_id)
                .values(error=error, **told)
                .execution_options(synchronize_session=False)
            )
        self._must_move("fail_for_good", task, error=error, **told, **kept, **self._ended())

    def _ended(self) -> dict[str, Any]:
        return {"lease_until": None, "finished_at": func.clock_timestamp()}

    def _backoff(self, failures: int) -> timedelta:
        seconds = min(self._timing.backoff_ceiling, self._timing.backoff * 2 ** min(failures, 30))
        jitter = 0.5 + random.random() / 2  # noqa: S311 - no secret
        return timedelta(seconds=seconds * jitter)

    def _lease(self) -> Any:
        # not now(): that is when the transaction began
        return func.clock_timestamp() + self._run_lease

    def _must_move(self, verb: str, task: Task, **values: Any) -> None:
        statement = move(verb, *_this_run(task), **values).returning(Job.id)
        if db.session.execute(statement).one_or_none() is None:
            raise Superseded

    def _must_write(self, task: Task, **values: Any) -> None:
        if not self._write(task, **values):
            raise Superseded

    def _write(self, task: Task, **values: Any) -> bool:
        """Of a run that goes on; its state stays."""
        changed = db.session.execute(
            update(Job)
            .where(*_this_run(task), Job.state == RUNNING)
            .values(**values)
            .returning(Job.id)
            .execution_options(synchronize_session=False)
        ).one_or_none()
        return changed is not None


def _this_run(task: Task) -> tuple[ColumnElement[bool], ...]:
    return Job.tenant_id == task.tenant_id, Job.id == task.id, Job.attempt == task.attempt
