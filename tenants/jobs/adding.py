"""New jobs, in the caller's transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, func, select, text
from sqlalchemy.dialects.postgresql import insert

from tenants.core import logging
from tenants.core.db import db
from tenants.core.ids import uuid7
from tenants.jobs.models import Job
from tenants.scoping import ScopeError, current_scope

_JOBS = cast(Table, Job.__table__)
# Built once, and the dispatcher is woken by the row itself: a job that stood there wakes nobody.
_ADD = (
    insert(_JOBS)
    .on_conflict_do_nothing(index_elements=["tenant_id", "idempotency_key"])
    .returning(_JOBS.c.id, func.pg_notify("jobs", ""))
)
_WAKE = text("SELECT pg_notify('jobs', '')")


def enqueue(
    name: str,
    *,
    queue: str = "default",
    key: str | None = None,
    actor_id: UUID | None = None,
    run_at: datetime | None = None,
    max_attempts: int = 5,
    title: str = "",
    title_params: Mapping[str, Any] | None = None,
    for_client: bool = False,
    subject: tuple[str, UUID] | None = None,
    parent_id: UUID | None = None,
    **args: Any,
) -> UUID:
    """Add a job in the caller's transaction and answer its id.

    `name` is '<line>.<verb>' and resolves to `workers.jobs.<line>.<verb>`; `args` are ids and small
    JSON values. With a `key` that was used before in this tenant, the earlier job's id comes back
    and nothing is added. `title` (a message id) says to people what is being done; with
    `for_client` the company sees it in its list; `subject` is what it was started for. A job that
    adds others with its own id as their `parent_id` has ended when they have.
    """
    tenant_id = current_scope().tenant_id
    if tenant_id is None:
        raise ScopeError("a job belongs to a tenant")
    values: dict[str, Any] = {
        "tenant_id": tenant_id,
        "id": uuid7(),
        "name": name,
        "queue": queue,
        "args": plain(args),
        "idempotency_key": key,
        "actor_id": actor_id,
        "request_id": logging.bound("request_id") or "",
        "max_attempts": max_attempts,
    }
    if run_at is not None:
        values["run_at"] = run_at
    if title:
        values |= {"title": title, "title_params": plain(title_params or {})}
    if for_client:
        values["for_client"] = True
    if subject is not None:
        values["subject_type"], values["subject_id"] = subject
    if parent_id is not None:
        values["parent_id"] = parent_id
    added: UUID | None = db.session.execute(_ADD, values).scalar_one_or_none()
    if added is not None:
        return added
    found: UUID = db.session.execute(
        select(Job.id).where(Job.tenant_id == tenant_id, Job.idempotency_key == key)
    ).scalar_one()
    return found


def enqueue_many(
    name: str,
    *,
    args: Sequence[Mapping[str, Any]],
    queue: str = "default",
    max_attempts: int = 5,
    parent_id: UUID | None = None,
    subjects: tuple[str, Sequence[UUID]] | None = None,
) -> None:
    """The same job for each of `args`, without keys, in two statements; `subjects` say in the same
    order what each is for."""
    if not args:
        return
    rows = [
        {
            "tenant_id": current_scope().tenant_id,
            "id": uuid7(),
            "name": name,
            "queue": queue,
            "args": dict(one),
            "request_id": logging.bound("request_id") or "",
            "max_attempts": max_attempts,
            **({"parent_id": parent_id} if parent_id else {}),
        }
        for one in args
    ]
    if subjects is not None:
        kind, ids = subjects
        for row, subject_id in zip(rows, ids, strict=True):
            row |= {"subject_type": kind, "subject_id": subject_id}
    db.session.execute(insert(Job).values(rows))
    wake_dispatcher()


def wake_dispatcher() -> None:
    """At the commit of the caller's transaction."""
    db.session.execute(_WAKE)


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {k: str(v) if isinstance(v, UUID) else v for k, v in values.items()}
