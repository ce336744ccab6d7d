"""Dispatchers and workers in this process, at moments that the script says: their own code, with
nothing waited for."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import make_url

from app.service_requests.recurring.services import raising
from app.service_requests.services import standing_in
from tenants.core import clock
from tenants.permissions import system_actor
from tenants.scoping import Scope
from tests.factories import Stage, acting
from workers import claims, scheduler
from workers.execution import Runner
from workers.queues import HandOver
from workers.registry import all_declared
from workers.schedule import TASKS, VERSION, Periodic
from workers.timing import Timing

# What bills, prunes and calls others has proofs of its own.
LEFT_OUT = ("billing.", "api.", "webhooks.")
# So does what tells people by mail.
NOT_NOW = """
UPDATE jobs SET run_at = 'infinity' WHERE state = 'queued' AND run_at < 'infinity'
AND (name LIKE 'notifications.%' OR name LIKE 'webhooks.%' OR name LIKE 'billing.%')
"""
MOST_ROUNDS = 200


def tasks(*, everything: bool) -> list[Periodic]:
    """Without `everything` those whose work the checks look at."""
    kept = [one for one in TASKS if not one.job.startswith(LEFT_OUT)]
    wanted = ("requests.", "service_levels.")
    return [one for one in kept if everything or one.job.startswith(wanted)]


@dataclass
class Engine:
    stage: Stage
    dispatcher_url: str
    folder: Path
    tasks: list[Periodic]
    ran: int = 0
    refused: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        url = make_url(self.dispatcher_url).set(drivername="postgresql")
        self._url = url.render_as_string(hide_password=False)
        self._declared = all_declared()
        self._access = claims.Access(self._declared)
        self._runner = Runner(self.stage.app, timing=Timing(), tell=self._heard)

    def time_is(self, moment: datetime) -> datetime:
        file = self.folder / "clock-offset"
        file.write_text(str((moment - datetime.now(UTC)).total_seconds()))
        clock.follow_offset_file(file)
        return moment

    def begin(self) -> None:
        with self._connected() as raw:
            scheduler.reconcile(raw, self.tasks, VERSION)

    def sweep(self, *, twin: bool) -> None:
        """All that is due, until nothing more is. With `twin` two dispatchers look at once, every
        hand-over arrives twice, and some work is begun by two workers at the same time."""
        for _ in range(MOST_ROUNDS):
            self.stage.run(NOT_NOW)
            found = self._both() if twin else self._look()
            if not found:
                return
            for one in found:
                self._run(one, twin=twin)
        raise AssertionError("there is always something more to do")

    def _both(self) -> list[HandOver]:
        with ThreadPoolExecutor(2) as pool:
            looks = [pool.submit(self._look) for _ in range(2)]
            found = [one for look in looks for one in look.result()]
        assert len({(one.tenant_id, one.job_id) for one in found}) == len(found), "claimed twice"
        return found

    def _look(self) -> list[HandOver]:
        with self._connected() as raw:
            scheduler.tend(raw, self.tasks, VERSION)
            scheduler.add_due(raw, self.tasks, self._declared)
            claims.settle(raw)
            return claims.claim(raw, Timing(), self._access)

    def _run(self, one: HandOver, *, twin: bool) -> None:
        if twin:
            self._two_at_once(one)
        for _ in range(2 if twin else 1):
            self._runner.execute(str(one.tenant_id), str(one.job_id), one.attempt)

    def _two_at_once(self, one: HandOver) -> None:
        """What a worker does that was believed dead, and the one that took over."""
        [job] = self.stage.rows("SELECT name, args FROM jobs WHERE id = :j", j=one.job_id)
        who: dict[str, Any] = {"actor": system_actor(one.tenant_id), "now": clock.now()}
        work: Callable[[], object]
        if job.name == "requests.raise_recurrence":
            recurrence_id = UUID(job.args["recurrence_id"])
            work = partial(raising.raise_due, recurrence_id=recurrence_id, **who)
        elif job.name == "requests.stand_in":
            work = partial(standing_in.stand_in, **who)
        else:
            return
        with ThreadPoolExecutor(2) as pool:
            for done in [pool.submit(self._within, one.tenant_id, work) for _ in range(2)]:
                done.result()

    def _within(self, tenant_id: UUID, work: Callable[[], object]) -> None:
        with acting(self.stage, Scope(tenant_id=tenant_id, side="provider")):
            work()

    def _heard(self, queue: str, name: str, outcome: str, seconds: float) -> None:
        self.ran += 1
        if outcome not in ("done", "superseded"):
            self.refused.append(f"{name} ended as {outcome}")

    def _connected(self) -> psycopg.Connection:
        return psycopg.connect(self._url, autocommit=True)
