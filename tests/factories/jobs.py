"""Run what is queued, in this process, by the worker's own code: no Redis, no waiting."""

from uuid import UUID

from tests.factories.reading import reading_once
from tests.factories.stage import Stage
from workers.execution import Runner
from workers.timing import Timing


def run_jobs(stage: Stage, tenant_id: UUID, *, name: str | None = None) -> list[str]:
    """Hand over and run this tenant's due jobs until none is left; their names in order.

    What tells people by mail runs only when it is named (tests/notifications).
    """
    runner = Runner(stage.app, timing=Timing())
    done: list[str] = []
    while True:
        found = stage.rows(
            "UPDATE jobs SET state = 'dispatched', attempt = attempt + 1,"
            " lease_until = now() + interval '1 minute' WHERE (tenant_id, id) IN ("
            "SELECT tenant_id, id FROM jobs WHERE tenant_id = :t AND state = 'queued'"
            " AND run_at <= now() AND name = coalesce(:name, name)"
            " AND (name NOT LIKE 'notifications.%' OR name = :name) ORDER BY run_at, id LIMIT 1)"
            " RETURNING id, name, attempt",
            t=tenant_id,
            name=name,
        )
        if not found:
            return done
        [job] = found
        with reading_once():
            runner.execute(str(tenant_id), str(job.id), job.attempt)
        done.append(job.name)
