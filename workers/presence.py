"""A thread of each worker process tells the database that it lives, and what it runs: nothing of it
costs a job anything."""

import logging
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Self
from uuid import UUID

from flask import Flask

from tenants.core.db import unit_of_work
from tenants.core.ids import uuid7
from tenants.jobs import presence
from tenants.scoping import enter
from workers.execution import Runner
from workers.limits import resident_mb

log = logging.getLogger(__name__)

BEATS_IN_A_LEASE = 3
BEATS_WITHOUT_LEADER = 6


class Pulse:
    def __init__(
        self, app: Flask, runner: Runner, *, kind: str, queues: Sequence[str], every: float
    ) -> None:
        self.id: UUID = uuid7()
        self._app = app
        self._runner = runner
        self._kind = kind
        self._queues = queues
        self._every = every
        self._alone = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Gone at once for those who look, instead of when the lease runs out."""
        self._over.set()
        self._thread.join(self._every)
        with suppress(Exception), self._transaction():
            presence.leave(worker_id=self.id)

    def _beat(self) -> None:
        while True:
            try:
                with self._transaction():
                    presence.tell(self._now(), lease=BEATS_IN_A_LEASE * self._every)
                    alone = presence.nobody_leads(worker_id=self.id)
                self._count_beats_without_leader(alone)
            except Exception as error:  # noqa: BLE001 - a pulse must not end with a connection
                log.warning("the database does not hear this worker: %s", type(error).__name__)
            if self._over.wait(self._every):
                return

    def _count_beats_without_leader(self, alone: bool) -> None:
        """A leader that restarts is back sooner."""
        self._alone = self._alone + 1 if alone else 0
        if self._alone == BEATS_WITHOUT_LEADER:
            log.error("nobody hands jobs over", extra={"fields": {"alert": "no_leader"}})

    def _now(self) -> presence.Presence:
        return presence.Presence(
            id=self.id,
            pid=os.getpid(),
            kind=self._kind,
            queues=self._queues,
            memory_mb=resident_mb(),
            jobs_done=self._runner.jobs_done,
            stopping=self._runner.stopping,
            current=self._runner.current,
        )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._app.app_context():
            enter(presence.WORKER_SCOPE)
            with unit_of_work():
                yield
