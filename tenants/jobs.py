"""Work of ours that outlives the request. A row in the caller's transaction is the truth; RQ only
carries its ids (docs/adr/0003-jobs.md)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Index,
    Text,
    UniqueConstraint,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column

from tenants.core import logging
from tenants.core.db import Model, db
from tenants.core.errors import Conflict, CoulisseError, NotFound
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.models import one_of, timestamp
from tenants.scoping import ScopeError, TenantOwned, current_scope

QUEUES = ("interactive", "default", "batch", "billing")
STATES = ("queued", "dispatched", "running", "retrying", "succeeded", "quarantined", "cancelled")
ENDED = ("succeeded", "quarantined", "cancelled")


class PermanentFailure(CoulisseError):
    """Trying again can't help: the job is quarantined at once."""

    code = "permanent_failure"


class Job(TenantOwned, Model):
    """`lease_until` is by the database's clock; `attempt` names the one run that may write.

    `attempt` grows with every hand-over, `failures` with every run that ended badly; only failures
    count against `max_attempts`, so that a flushed queue or a restart uses up no try.
    """

    __tablename__ = "jobs"
    name: Mapped[str] = mapped_column(Text)
    queue: Mapped[str] = mapped_column(Text)
    args: Mapped[dict[str, Any]] = mapped_column(JSONB)
    idempotency_key: Mapped[str | None] = mapped_column(Text)
    actor_id: Mapped[UUID | None] = mapped_column()
    request_id: Mapped[str] = mapped_column(Text, server_default="")
    state: Mapped[str] = mapped_column(Text, server_default="queued")
    attempt: Mapped[int] = mapped_column(server_default="0")
    failures: Mapped[int] = mapped_column(server_default="0")
    max_attempts: Mapped[int] = mapped_column(server_default="5")
    run_at: Mapped[datetime] = timestamp(default=True)
    lease_until: Mapped[datetime | None] = timestamp(nullable=True)
    position: Mapped[Any] = mapped_column(JSONB, nullable=True)
    progress_done: Mapped[int] = mapped_column(server_default="0")
    progress_total: Mapped[int] = mapped_column(server_default="0")
    progress_message: Mapped[str] = mapped_column(Text, server_default="")
    error: Mapped[str] = mapped_column(Text, server_default="")
    trace: Mapped[str] = mapped_column(Text, server_default="")
    created_at: Mapped[datetime] = timestamp(default=True)
    started_at: Mapped[datetime | None] = timestamp(nullable=True)
    finished_at: Mapped[datetime | None] = timestamp(nullable=True)
    __table_args__ = (
        one_of("state", STATES),
        one_of("queue", QUEUES),
        CheckConstraint("attempt >= 0", name="attempt"),
        UniqueConstraint("tenant_id", "idempotency_key"),
        Index(
            "ix_jobs_due",
            "tenant_id",
            "queue",
            "run_at",
            "id",
            postgresql_where=text("state IN ('queued', 'retrying')"),
        ),
        Index(
            "ix_jobs_live",
            "tenant_id",
            "queue",
            postgresql_where=text("state IN ('dispatched', 'running')"),
        ),
        Index(
            "ix_jobs_quarantined",
            "tenant_id",
            "id",
            postgresql_where=text("state = 'quarantined'"),
        ),
    )

    @property
    def ended(self) -> bool:
        return self.state in ENDED


class PeriodicTask(Model):
    """When a task of `workers/schedule.py` runs next; the dispatcher's own table."""

    __tablename__ = "periodic_tasks"
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    next_run_at: Mapped[datetime] = timestamp()


class Leader(Model):
    """Who dispatches: one lease, by the database's clock."""

    __tablename__ = "leaders"
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    holder: Mapped[str] = mapped_column(Text)
    lease_until: Mapped[datetime] = timestamp()


def enqueue(
    name: str,
    *,
    queue: str = "default",
    key: str | None = None,
    actor_id: UUID | None = None,
    run_at: datetime | None = None,
    max_attempts: int = 5,
    **args: Any,
) -> UUID:
    """Add a job in the caller's transaction and answer its id.

    `name` is '<line>.<verb>' and resolves to `workers.jobs.<line>.<verb>`; `args` are ids and small
    JSON values. With a `key` that was used before in this tenant, the earlier job's id comes back
    and nothing is added.
    """
    tenant_id = current_scope().tenant_id
    if tenant_id is None:
        raise ScopeError("a job belongs to a tenant")
    values: dict[str, Any] = {
        "tenant_id": tenant_id,
        "id": uuid7(),
        "name": name,
        "queue": queue,
        "args": {k: str(v) if isinstance(v, UUID) else v for k, v in args.items()},
        "idempotency_key": key,
        "actor_id": actor_id,
        "request_id": logging.bound("request_id") or "",
        "max_attempts": max_attempts,
    }
    if run_at is not None:
        values["run_at"] = run_at
    row = db.session.execute(
        insert(Job)
        .values(values)
        .on_conflict_do_nothing(index_elements=["tenant_id", "idempotency_key"])
        .returning(Job.id)
    ).scalar_one_or_none()
    if row is None:
        found: UUID = db.session.execute(
            select(Job.id).where(Job.tenant_id == tenant_id, Job.idempotency_key == key)
        ).scalar_one()
        return found
    db.session.execute(text("SELECT pg_notify('jobs', '')"))
    return row


def enqueue_many(
    name: str, *, args: Sequence[Mapping[str, Any]], queue: str = "default", max_attempts: int = 5
) -> None:
    """The same job for each of `args`, without keys, in two statements."""
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
        }
        for one in args
    ]
    db.session.execute(insert(Job).values(rows))
    db.session.execute(text("SELECT pg_notify('jobs', '')"))


@dataclass(frozen=True, slots=True)
class JobStatus:
    id: UUID
    state: str
    done: int
    total: int
    message: str
    error: str
    attempt: int
    failures: int

    @property
    def restarted(self) -> bool:
        return self.failures > 0 and not self.ended

    @property
    def ended(self) -> bool:
        return self.state in ENDED


_STATUS = select(
    Job.id, Job.state, Job.progress_done, Job.progress_total, Job.progress_message, Job.error,
    Job.attempt, Job.failures,
)  # fmt: skip


def get_status(*, tenant_id: UUID, job_id: UUID) -> JobStatus:
    row = db.session.execute(
        _STATUS.where(Job.tenant_id == tenant_id, Job.id == job_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return JobStatus(*row)


def find_status(*, key: str) -> JobStatus | None:
    """Of the job that was enqueued with this key."""
    tenant_id = current_scope().tenant_id
    if tenant_id is None:
        raise ScopeError("a job belongs to a tenant")
    row = db.session.execute(
        _STATUS.where(Job.tenant_id == tenant_id, Job.idempotency_key == key)
    ).one_or_none()
    return JobStatus(*row) if row else None


def replay(*, job_id: UUID) -> None:
    """Let a quarantined job run again, with all its tries and from its saved position."""
    replayed = db.session.execute(
        update(Job)
        .where(
            Job.tenant_id == current_scope().tenant_id, Job.id == job_id, Job.state == "quarantined"
        )
        .values(state="queued", failures=0, run_at=func.now(), finished_at=None, error="", trace="")
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if replayed is None:
        raise Conflict(_m("This job is not in quarantine any more."))
    db.session.execute(text("SELECT pg_notify('jobs', '')"))
