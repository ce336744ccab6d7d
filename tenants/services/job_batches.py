"""One piece of work over several clients: a job in each, one table of their results."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from tenants import audit
from tenants.core import logging
from tenants.core.db import db
from tenants.core.errors import Conflict, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.jobs import JobBatch, get_batch, get_batch_once, plain, wake_dispatcher
from tenants.permissions import Actor
from tenants.scoping import scoped_tenant_id

START = text(
    "SELECT tenant_id FROM start_job_batch(:batch, :name, :queue, CAST(:args AS jsonb), :title,"
    " CAST(:params AS jsonb), :for_client, :line, CAST(:tenants AS uuid[]), :request)"
)


def start_batch(
    *,
    name: str,
    title: str,
    tenant_ids: Sequence[UUID],
    actor: Actor,
    now: datetime,
    line: str = "",
    queue: str = "batch",
    title_params: Mapping[str, Any] | None = None,
    for_client: bool = False,
    args: Mapping[str, Any] | None = None,
    once: str | None = None,
) -> JobBatch:
    """In the provider's own scope. All of the clients or none: where the person holds no grant to
    work on the line (without one: on any), nothing starts. Called again with the same `once` for
    the same work at the same clients, it answers what the person began then."""
    actor.require("desk.use")
    wanted = set(tenant_ids)
    if not wanted:
        raise Invalid(field_errors={"clients": [_m("Choose at least one client.")]})
    key = _once_key(once, actor, name, args or {}, wanted) if once else None
    batch = _insert(
        name=name, title=title, title_params=plain(title_params or {}), total=len(wanted),
        started_by=actor.user_id, started_by_name=actor.name, created_at=now, once_key=key,
    )  # fmt: skip
    if batch is None:
        return get_batch_once(once_key=key or "")
    given = _given(batch, queue, args or {}, line, wanted) | {"for_client": for_client}
    started = db.session.scalars(START, given).all()
    if set(started) != wanted:
        raise Conflict(
            _m("You may not work on this line at every one of these clients. Nothing was started.")
            if line
            else _m("You may not work at every one of these clients. Nothing was started."),
            code="batch_refused",
        )
    wake_dispatcher()
    audit.record(
        "tenants.job_batch.started", actor=actor, now=now,
        object_type="job_batch", object_id=batch.id, job=name, clients=len(wanted),
    )  # fmt: skip
    return batch


def _once_key(
    once: str, actor: Actor, name: str, args: Mapping[str, Any], wanted: set[UUID]
) -> str:
    said = [once, str(actor.user_id), name, plain(args), sorted(map(str, wanted))]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _insert(**values: Any) -> JobBatch | None:
    """None when its key is taken; of two at once the second waits for the first."""
    made = db.session.execute(
        insert(JobBatch)
        .values(tenant_id=scoped_tenant_id(), id=uuid7(), **values)
        .on_conflict_do_nothing(index_elements=["tenant_id", "once_key"])
        .returning(JobBatch.id)
    ).scalar_one_or_none()
    return get_batch(batch_id=made) if made else None


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
