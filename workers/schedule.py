"""Periodic work: one table here, reconciled with `periodic_tasks` whenever a dispatcher leads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Literal

from psycopg import Connection

from tenants.access import WORKING
from workers.registry import Declaration


@dataclass(frozen=True, slots=True)
class Periodic:
    """One job `job` ('<line>.<verb>') for each active tenant of that kind, at whole multiples of
    `every` in UTC. Times that were missed while nobody led are made up for once."""

    name: str
    every: timedelta
    job: str
    queue: str = "default"
    each: Literal["client", "provider"] = "client"


TASKS: tuple[Periodic, ...] = (
    Periodic("send-usage", timedelta(hours=1), "billing.send_usage", queue="billing"),
    # planned days that came, results that nobody objected to
    Periodic("tend-requests", timedelta(hours=1), "requests.tend"),
    Periodic("remind-clients", timedelta(minutes=30), "chasing.remind"),
    # warnings before a clock runs out, contracts that changed
    Periodic("watch-clocks", timedelta(minutes=10), "clocks.watch"),
    Periodic("expire-approvals", timedelta(hours=1), "approvals.expire"),
    # months that are over, on the third business day
    Periodic("prepare-months", timedelta(minutes=30), "service_levels.prepare"),
    Periodic("prune-api", timedelta(hours=1), "api.prune", queue="batch"),
    # makes up for webhooks that never came
    Periodic("sync-billing", timedelta(hours=1), "billing.sync_customer", queue="billing"),
)

NEXT = "to_timestamp((floor(extract(epoch FROM now()) / %(every)s) + 1) * %(every)s)"
# A period that became shorter counts from now on.
PLAN = f"""
INSERT INTO periodic_tasks (name, next_run_at) VALUES (%(name)s, {NEXT})
ON CONFLICT (name) DO UPDATE SET next_run_at = least(periodic_tasks.next_run_at, {NEXT})
"""  # noqa: S608 - our own text
FORGET = "DELETE FROM periodic_tasks WHERE NOT name = ANY (%(names)s)"
DUE = """
SELECT next_run_at FROM periodic_tasks
WHERE name = %(name)s AND next_run_at <= now() FOR UPDATE SKIP LOCKED
"""
# The key holds the due time, so two leaders can't do it twice.
ADD = """
INSERT INTO jobs (tenant_id, id, name, queue, args, idempotency_key, run_at)
SELECT t.id, uuidv7(), %(job)s, %(queue)s, '{}', %(key)s, now()
FROM tenants t WHERE t.kind = %(each)s AND t.state = 'active'
AND t.access_state = ANY (%(access)s)
ON CONFLICT (tenant_id, idempotency_key) DO NOTHING
"""
MOVE_ON = f"UPDATE periodic_tasks SET next_run_at = {NEXT} WHERE name = %(name)s"  # noqa: S608


def reconcile(connection: Connection[Any], tasks: Sequence[Periodic]) -> None:
    with connection.transaction():
        connection.execute(FORGET, {"names": [task.name for task in tasks]})
        for task in tasks:
            connection.execute(PLAN, {"name": task.name, "every": task.every.total_seconds()})


def add_due(
    connection: Connection[Any],
    tasks: Sequence[Periodic],
    declared: Mapping[str, Declaration] = MappingProxyType({}),
) -> list[str]:
    """The names of the tasks that were due, whose jobs now wait. A company whose access doesn't let
    the job run gets none: they would pile up there."""
    added = []
    for task in tasks:
        with connection.transaction():
            due = connection.execute(DUE, {"name": task.name}).fetchone()
            if due is None:
                continue
            key = f"schedule:{task.name}:{due[0].isoformat()}"
            connection.execute(
                ADD,
                {
                    "job": task.job, "queue": task.queue, "key": key, "each": task.each,
                    "access": _states(task, declared),
                },
            )  # fmt: skip
            every = task.every.total_seconds()
            connection.execute(MOVE_ON, {"name": task.name, "every": every})
            added.append(task.name)
    return added


def _states(task: Periodic, declared: Mapping[str, Declaration]) -> list[str]:
    found = declared.get(task.job)
    return sorted(found.states if found else WORKING)
