"""One piece of work over several clients: a job in each, one table of their results."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from tenants import audit
from tenants.core import logging
from tenants.core.db import db
from tenants.core.errors import Conflict, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.jobs import JobBatch, plain, wake_dispatcher
from tenants.permissions import Actor

START = text(
    "SELECT tenant_id FROM start_job_batch(:batch, :name, :queue, CAST(:args AS jsonb), :title,"
    " CAST(:params AS jsonb), :line, CAST(:tenants AS uuid[]), :request)"
)


def start_batch(
    *,
    name: str,
    title: str,
    line: str,
    tenant_ids: Sequence[UUID],
    actor: Actor,
    now: datetime,
    queue: str = "batch",
    title_params: Mapping[str, Any] | None = None,
    args: Mapping[str, Any] | None = None,
) -> JobBatch:
    """In the provider's own scope. All of the clients or none: where the person holds no grant to
    work on the line, nothing starts."""
    actor.require("desk.use")
    wanted = set(tenant_ids)
    if not wanted:
        raise Invalid(field_errors={"clients": [_m("Choose at least one client.")]})
    batch = JobBatch(
        id=uuid7(), name=name, title=title, title_params=plain(title_params or {}),
        total=len(wanted), started_by=actor.user_id, started_by_name=actor.name, created_at=now,
    )  # fmt: skip
    db.session.add(batch)
    db.session.flush()
    started = db.session.scalars(START, _given(batch, queue, args or {}, line, wanted)).all()
    if set(started) != wanted:
        raise Conflict(
            _m("You may not work on this line at every one of these clients. Nothing was started."),
            code="batch_refused",
        )
    wake_dispatcher()
    audit.record(
        "tenants.job_batch.started", actor=actor, now=now,
        object_type="job_batch", object_id=batch.id, job=name, clients=len(wanted),
    )  # fmt: skip
    return batch


def _given(
    batch: JobBatch, queue: str, args: Mapping[str, Any], line: str, wanted: set[UUID]
) -> dict[str, Any]:
    return {
        "batch": batch.id,
        "name": batch.name,
        "queue": queue,
        "args": json.dumps(plain(args)),
        "title": batch.title,
        "params": json.dumps(batch.title_params),
        "line": line,
        "tenants": sorted(wanted),
        "request": logging.bound("request_id") or "",
    }
