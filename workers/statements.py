"""The two statements that every job costs, made once and handed to the driver itself: what lies
between costs more than they do. Both go along the key whatever the table's statistics say, also
where their plan was made while there were few jobs."""

import os
import socket
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb
from sqlalchemy import (
    Connection,
    Engine,
    Integer,
    Interval,
    Text,
    Update,
    Uuid,
    bindparam,
    exists,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import aliased

from tenants.jobs import ENDED, Job
from tenants.jobs.moving import move
from tenants.scoping import BIND, Scope

HOST = socket.gethostname()
ALONG_INDEXES = "SELECT set_config('enable_seqscan', 'off', true)"
_child = aliased(Job)
_NO_OPEN_CHILD = ~exists().where(
    _child.tenant_id == Job.tenant_id, _child.parent_id == Job.id, _child.state.not_in(ENDED)
)
_THIS_RUN = (
    Job.tenant_id == bindparam("tenant", None, Uuid),
    Job.id == bindparam("job", None, Uuid),
    Job.attempt == bindparam("run", None, Integer),
)


def _sql(statement: Update) -> tuple[str, dict[str, Any]]:
    """And the values that it has already."""
    made = statement.compile(
        dialect=PGDialect_psycopg(),  # type: ignore[no-untyped-call]
        compile_kwargs={"render_postcompile": True},
    )
    return str(made), dict(made.params)


_START = _sql(
    move(
        "start", *_THIS_RUN,
        lease_until=func.clock_timestamp() + bindparam("lease", None, Interval),
        started_at=func.clock_timestamp(), error="", worker=bindparam("who", None, Text),
    ).returning(
        Job.tenant_id, Job.id, Job.name, Job.queue, Job.args, Job.actor_id, Job.request_id,
        Job.attempt, Job.failures, Job.max_attempts, Job.position, Job.parent_id,
    )
)  # fmt: skip
_FINISH = _sql(
    move(
        "finish", *_THIS_RUN, _NO_OPEN_CHILD,
        lease_until=None, finished_at=func.clock_timestamp(),
        result=func.coalesce(bindparam("result", None, JSONB), Job.result),
    ).returning(func.pg_notify("jobs", ""))
)  # fmt: skip


def start(
    engine: Engine, tenant_id: UUID, job_id: UUID, attempt: int, lease: timedelta
) -> tuple[Any, ...] | None:
    """In a transaction of its own."""
    pooled = engine.raw_connection()
    raw: psycopg.Connection[Any] = pooled.driver_connection  # type: ignore[assignment]
    sql, values = _START
    given = {"tenant": tenant_id, "job": job_id, "run": attempt, "lease": lease}
    try:
        with raw.transaction():
            raw.execute(BIND, Scope(tenant_id=tenant_id, side="provider").settings())
            raw.execute(ALONG_INDEXES)
            row = raw.execute(sql, {**values, **given, "who": f"{HOST}:{os.getpid()}"}).fetchone()
    except psycopg.Error as error:
        lost = raw.closed
        if lost:
            pooled.invalidate(error)
        raise DBAPIError(sql, None, error, connection_invalidated=bool(lost)) from error
    finally:
        pooled.close()
    return row


def finish(
    connection: Connection, tenant_id: UUID, job_id: UUID, attempt: int, result: Any
) -> bool:
    """In the job's transaction; tells the dispatcher at its commit. False when something that the
    job added is not done, or when this run is not the current one."""
    raw: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment]
    sql, values = _FINISH
    given = {"tenant": tenant_id, "job": job_id, "run": attempt}
    kept = None if result is None else Jsonb(result)
    raw.execute(ALONG_INDEXES)
    return raw.execute(sql, {**values, **given, "result": kept}).fetchone() is not None
