"""The dispatcher's side of periodic work (docs/adr/0009-periodic-work.md).

What is due everywhere at once it adds itself. Where a company's own calendar counts it only tells
the company to look there: its role sees no contract.
"""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from psycopg import Connection

from app.calendars.recurrence import Every
from tenants.access import ACCESS_STATES, WORKING
from tenants.core import clock
from tenants.jobs import TURN
from workers.catching_up import LATE
from workers.registry import Declaration
from workers.schedule import Periodic

TEND_EVERY = 60.0
# At eight o'clock everybody's moment has come: they are told by and by.
AT_ONCE = 200

# The database's clock; ahead of it only in a demonstration.
NOW = "(now() + make_interval(secs => %(ahead)s))"
NEXT = f"to_timestamp((floor(extract(epoch FROM {NOW}) / %(every)s) + 1) * %(every)s)"
# A moment that has come stays to be made up for; a later one is by the rule as it is now.
PLAN = f"""
INSERT INTO periodic_tasks (name, next_run_at, since, version)
VALUES (%(name)s, {NEXT}, {NOW}, %(version)s)
ON CONFLICT (name) DO UPDATE SET next_run_at = CASE
    WHEN periodic_tasks.next_run_at <= {NOW} THEN periodic_tasks.next_run_at ELSE {NEXT} END,
    version = greatest(periodic_tasks.version, %(version)s)
"""  # noqa: S608 - our own text, here and below
# What a newer table holds is not an older one's to retire: while versions change, either may lead.
FORGET = "DELETE FROM periodic_tasks WHERE NOT name = ANY (%(names)s) AND version <= %(version)s"
DUE = f"""
SELECT next_run_at, {NOW} - ({NEXT} - make_interval(secs => %(every)s)) <= %(late)s FROM periodic_tasks
WHERE name = %(name)s AND next_run_at <= {NOW} FOR UPDATE SKIP LOCKED
"""  # noqa: S608
# The key holds the due time, so two leaders can't do it twice. One that has not begun does what
# became due since too.
ADD = """
INSERT INTO jobs (tenant_id, id, name, queue, args, idempotency_key, run_at, title, for_client)
SELECT t.id, uuidv7(), %(job)s, %(queue)s, '{}', %(key)s, now(), %(title)s, %(title)s <> ''
FROM tenants t WHERE t.kind = %(each)s AND t.state = 'active'
AND t.access_state = ANY (%(access)s)
AND NOT EXISTS (
    SELECT FROM jobs j WHERE j.tenant_id = t.id AND j.queue = %(queue)s AND j.state = 'queued'
    AND j.attempt = 0 AND j.run_at <= now() AND j.name = %(job)s
    AND starts_with(j.idempotency_key, %(prefix)s)
)
ON CONFLICT (tenant_id, idempotency_key) DO NOTHING
"""
MOVE_ON = f"UPDATE periodic_tasks SET next_run_at = {NEXT} WHERE name = %(name)s"  # noqa: S608

ANNOUNCE = f"""
INSERT INTO periodic_tasks (name, next_run_at, since, version)
VALUES (%(name)s, NULL, {NOW}, %(version)s)
ON CONFLICT (name) DO UPDATE SET next_run_at = NULL,
    version = greatest(periodic_tasks.version, %(version)s),
    since = CASE WHEN periodic_tasks.next_run_at IS NULL THEN periodic_tasks.since ELSE {NOW} END
"""  # noqa: S608
# A company that came while nobody scheduled counts from when it came.
OPEN = f"""
INSERT INTO tenant_schedules (tenant_id, id, name, counts_from, look_at)
SELECT t.id, uuidv7(), n.name, least(greatest(p.since, t.created_at), {NOW}), {NOW}
FROM unnest(%(names)s::text[], %(kinds)s::text[]) AS n (name, kind)
JOIN periodic_tasks p ON p.name = n.name
JOIN tenants t ON t.kind = n.kind AND t.state = 'active'
WHERE NOT EXISTS (
    SELECT FROM tenant_schedules s WHERE s.tenant_id = t.id AND s.name = n.name
)
ON CONFLICT (tenant_id, name) DO NOTHING
"""  # noqa: S608
CLOSE = """
DELETE FROM tenant_schedules s WHERE NOT s.name = ANY (%(names)s) AND NOT EXISTS (
    SELECT FROM periodic_tasks p WHERE p.name = s.name AND p.version > %(version)s
)
"""
# Told once, and the job that looks is gone (dropped by staff): told again. One in quarantine is
# left to them.
REMIND = f"""
UPDATE tenant_schedules s SET look_at = {NOW}
WHERE s.look_at IS NULL AND NOT EXISTS (
    SELECT FROM jobs j WHERE j.tenant_id = s.tenant_id AND j.name = '{TURN}'
    AND (j.state IN ('queued', 'retrying') OR j.state IN ('dispatched', 'running')
        OR j.state = 'quarantined')
)
"""  # noqa: S608
TELL = f"""
WITH due AS (
    SELECT s.tenant_id FROM tenant_schedules s JOIN tenants t ON t.id = s.tenant_id
    WHERE s.look_at <= {NOW} AND s.name = ANY (%(names)s) AND t.state = 'active' AND NOT EXISTS (
        SELECT 1 FROM tenant_schedules first
        WHERE first.tenant_id = s.tenant_id AND first.look_at <= {NOW} AND first.id < s.id
        AND first.name = ANY (%(names)s)
    )
    ORDER BY s.look_at, s.id LIMIT {AT_ONCE} FOR UPDATE OF s SKIP LOCKED
), told AS (
    UPDATE tenant_schedules s SET look_at = NULL FROM due
    WHERE s.tenant_id = due.tenant_id AND s.look_at <= {NOW} RETURNING s.tenant_id, s.name
), added AS (
    INSERT INTO jobs (tenant_id, id, name, queue, args, run_at)
    SELECT tenant_id, uuidv7(), '{TURN}', 'default', '{{}}', now()
    FROM (SELECT DISTINCT tenant_id FROM told) AS one_each
)
SELECT DISTINCT name FROM told ORDER BY name
"""  # noqa: S608

LAG = f"""
SELECT name, extract(epoch FROM {NOW} - min(next_run_at))::float8 FROM (
    SELECT name, next_run_at FROM periodic_tasks
    UNION ALL
    SELECT s.name, s.next_run_at FROM tenant_schedules s JOIN tenants t ON t.id = s.tenant_id
    WHERE t.state = 'active'
) AS planned GROUP BY name ORDER BY name
"""  # noqa: S608


def reconcile(connection: Connection[Any], tasks: Sequence[Periodic], version: int = 0) -> None:
    """`version` is that of the table `tasks`."""
    with connection.transaction():
        connection.execute(FORGET, {"names": [task.name for task in tasks], "version": version})
        for task in tasks:
            given = {"name": task.name, "version": version, **_ahead()}
            if task.everywhere_at_once:
                connection.execute(PLAN, {**given, **_every(task)})
            else:
                connection.execute(ANNOUNCE, given)
    tend(connection, tasks, version)


def tend(connection: Connection[Any], tasks: Sequence[Periodic], version: int = 0) -> None:
    """Every company has its row for every entry that it plans itself."""
    own = [task for task in tasks if not task.everywhere_at_once]
    names = [task.name for task in own]
    with connection.transaction():
        connection.execute(CLOSE, {"names": names, "version": version})
        if own:
            kinds = [task.each for task in own]
            connection.execute(OPEN, {"names": names, "kinds": kinds, **_ahead()})
            connection.execute(REMIND, _ahead())


def add_due(
    connection: Connection[Any],
    tasks: Sequence[Periodic],
    declared: Mapping[str, Declaration] = MappingProxyType({}),
) -> list[str]:
    """The names of the tasks that were due, whose jobs now wait."""
    together = [task for task in tasks if task.everywhere_at_once]
    added = [task.name for task in together if _add(connection, task, declared)]
    return [*added, *tell(connection, tasks)]


def tell(connection: Connection[Any], tasks: Sequence[Periodic]) -> list[str]:
    """Companies whose own calendar may have something due look there now."""
    names = [task.name for task in tasks if not task.everywhere_at_once]
    return [name for (name,) in connection.execute(TELL, {"names": names, **_ahead()}).fetchall()]


def lags(connection: Connection[Any]) -> list[tuple[str, float]]:
    """Seconds by which each entry is behind, of the company that is behind the most."""
    return [(name, max(found or 0.0, 0.0)) for name, found in connection.execute(LAG, _ahead())]


class Scheduler:
    """What the leader keeps doing."""

    def __init__(
        self, tasks: Sequence[Periodic], declared: Mapping[str, Declaration], version: int
    ) -> None:
        self._tasks = tasks
        self._version = version
        self._declared = declared
        self._tended = -1e9

    def begin(self, connection: Connection[Any]) -> None:
        reconcile(connection, self._tasks, self._version)
        self._tended = time.monotonic()

    def sweep(self, connection: Connection[Any]) -> list[str]:
        if time.monotonic() - self._tended >= TEND_EVERY:
            self._tended = time.monotonic()
            tend(connection, self._tasks, self._version)
        return add_due(connection, self._tasks, self._declared)


def _add(connection: Connection[Any], task: Periodic, declared: Mapping[str, Declaration]) -> bool:
    plan = {"name": task.name, **_ahead(), **_every(task)}
    with connection.transaction():
        due: tuple[datetime, bool] | None = connection.execute(
            DUE, {"late": LATE, **plan}
        ).fetchone()
        if due is None:
            return False
        wanted = task.catch_up == "once" or due[1]
        if wanted:
            prefix = f"schedule:{task.name}:"
            connection.execute(
                ADD,
                {
                    "job": task.job, "queue": task.queue, "each": task.each, "prefix": prefix,
                    "key": f"{prefix}{due[0].isoformat()}", "access": _states(task, declared),
                    "title": declared[task.job].title if task.job in declared else "",
                },
            )  # fmt: skip
        connection.execute(MOVE_ON, plan)
    return wanted


def _states(task: Periodic, declared: Mapping[str, Declaration]) -> list[str]:
    """A job that waits for its company's access is added and held there; one is enough."""
    if task.held == "wait":
        return list(ACCESS_STATES)
    found = declared.get(task.job)
    return sorted(found.states if found else WORKING)


def _ahead() -> dict[str, float]:
    return {"ahead": clock.offset() / timedelta(seconds=1)}


def _every(task: Periodic) -> dict[str, float]:
    assert isinstance(task.when, Every)
    return {"every": task.when.every.total_seconds()}
