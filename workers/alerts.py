"""What somebody should be woken for, as one line of the log for each episode: `alert` names it, and
the same name with `over` says that it has passed. docs/deploy.md tells how to listen."""

import logging
import time
from collections.abc import Mapping
from typing import Any

from psycopg import Connection

from tenants.jobs import TURN

log = logging.getLogger(__name__)

EVERY = 15.0
# How long a due job may wait, in seconds; one that its company's access holds back doesn't count.
LATEST = {"interactive": 60.0, "default": 600.0, "billing": 900.0, "batch": 3600.0}
# Without another one for so long, quarantine has stopped to grow.
QUIET = 600.0

OLDEST = """
SELECT queue, extract(epoch FROM now() - min(run_at))::float8
FROM jobs WHERE state IN ('queued', 'retrying') AND run_at <= now() AND held_since IS NULL
GROUP BY 1
"""
QUARANTINED = "SELECT count(*) FROM jobs WHERE state = 'quarantined'"
# A company's own calendar stands still until somebody lets this job run again.
STOPPED = f"""
SELECT DISTINCT tenant_id::text FROM jobs WHERE state = 'quarantined' AND name = '{TURN}'
"""  # noqa: S608 - our own text


class Alerts:
    """Of the dispatcher that leads."""

    def __init__(self, *, latest: Mapping[str, float] | None = None, quiet: float = QUIET) -> None:
        self._latest = LATEST if latest is None else latest
        self._quiet = quiet
        self._looked = -1e9
        self._late: set[str] = set()
        self._quarantined: int | None = None
        self._grew = -1e9
        self._growing = False
        self._stopped: set[str] = set()

    def begin(self, away: float | None) -> None:
        """`away` are the seconds for which nobody led before this dispatcher; None when the last
        one resigned, or there was none."""
        self._late, self._quarantined, self._growing = set(), None, False
        self._stopped = set()
        if away is not None:
            self._raise("no_leader", "nobody handed jobs over", seconds=round(away, 1))

    def look(self, connection: Connection[Any]) -> None:
        now = time.monotonic()
        if now - self._looked < EVERY:
            return
        self._looked = now
        self._look_at_ages(dict(connection.execute(OLDEST).fetchall()))
        [(count,)] = connection.execute(QUARANTINED).fetchall()
        self._look_at_quarantine(count, now)
        self._look_at_calendars({tenant for (tenant,) in connection.execute(STOPPED)})

    def _look_at_ages(self, oldest: Mapping[str, float]) -> None:
        for queue, limit in self._latest.items():
            age = oldest.get(queue, 0.0)
            if age > limit and queue not in self._late:
                self._late.add(queue)
                self._raise(
                    "jobs_late", "due jobs wait too long", queue=queue, seconds=round(age),
                    limit=limit,
                )  # fmt: skip
            elif age <= limit and queue in self._late:
                self._late.discard(queue)
                self._end("jobs_late", queue=queue)

    def _look_at_quarantine(self, count: int, now: float) -> None:
        before, self._quarantined = self._quarantined, count
        if before is not None and count > before:
            if not self._growing:
                self._raise(
                    "quarantine_grows", "jobs were given up", more=count - before, jobs=count
                )
            self._growing, self._grew = True, now
        elif self._growing and now - self._grew > self._quiet:
            self._growing = False
            self._end("quarantine_grows", jobs=count)

    def _look_at_calendars(self, stopped: set[str]) -> None:
        for tenant in sorted(stopped - self._stopped):
            self._raise("calendar_stopped", "a company's periodic work stands still", tenant=tenant)
        for tenant in sorted(self._stopped - stopped):
            self._end("calendar_stopped", tenant=tenant)
        self._stopped = stopped

    def _raise(self, name: str, words: str, **fields: Any) -> None:
        log.error(words, extra={"fields": {"alert": name, **fields}})

    def _end(self, name: str, **fields: Any) -> None:
        log.info("that has passed", extra={"fields": {"alert": name, "over": True, **fields}})
