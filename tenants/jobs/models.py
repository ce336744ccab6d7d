"""The tables of the job engine (docs/adr/0003-jobs.md)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.core.db import Model
from tenants.core.ids import uuid7
from tenants.jobs.transitions import ENDED, LIVE, STATES, at, listed
from tenants.models import one_of, timestamp
from tenants.scoping import TenantOwned

QUEUES = ("interactive", "default", "batch", "billing")
RESULT_LENGTH = 16 * 1024
# A company looks at its own calendar; while this job is in quarantine, that stands still.
TURN = "schedule.turn"
DECISIONS = ("replay", "drop", "cancel")


class Job(TenantOwned, Model):
    """`lease_until` is by the database's clock; `attempt` names the one run that may write.

    `attempt` grows with every hand-over, `failures` with every run that ended badly; only failures
    count against `max_attempts`, so that a flushed queue or a restart uses up no try. `error` and
    `trace` are for staff; the client reads `client_error`, a message id. `held_since` stands while
    the company's access state doesn't let a due job run.
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
    # what is being done, for people: a message id and what it names
    title: Mapped[str] = mapped_column(Text, server_default="")
    title_params: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    for_client: Mapped[bool] = mapped_column(server_default=text("false"))
    # where it was started, so that its progress shows there
    subject_type: Mapped[str] = mapped_column(Text, server_default="")
    subject_id: Mapped[UUID | None] = mapped_column()
    parent_id: Mapped[UUID | None] = mapped_column()
    batch_id: Mapped[UUID | None] = mapped_column()
    result: Mapped[Any] = mapped_column(JSONB, nullable=True)
    client_error: Mapped[str] = mapped_column(Text, server_default="")
    client_error_params: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    held_since: Mapped[datetime | None] = timestamp(nullable=True)
    # 'host:process' of the current or last run
    worker: Mapped[str] = mapped_column(Text, server_default="")
    __table_args__ = (
        one_of("state", STATES),
        one_of("queue", QUEUES),
        CheckConstraint("attempt >= 0", name="attempt"),
        CheckConstraint(f"length(result::text) <= {RESULT_LENGTH}", name="result"),
        UniqueConstraint("tenant_id", "idempotency_key"),
        ForeignKeyConstraint(["tenant_id", "parent_id"], ["jobs.tenant_id", "jobs.id"]),
        Index(
            "ix_jobs_due",
            "tenant_id",
            "queue",
            "run_at",
            "id",
            postgresql_where=text(at("claim")),
        ),
        Index(
            "ix_jobs_live",
            "tenant_id",
            "queue",
            postgresql_where=text(f"state IN ({listed(LIVE)})"),
        ),
        Index(
            "ix_jobs_quarantined",
            "tenant_id",
            "id",
            postgresql_where=text("state = 'quarantined'"),
        ),
        Index("ix_jobs_waiting", "tenant_id", "id", postgresql_where=text("state = 'waiting'")),
        Index("ix_jobs_parent", "tenant_id", "parent_id", postgresql_where=text("parent_id IS NOT NULL")),
        Index("ix_jobs_batch", "tenant_id", "batch_id", postgresql_where=text("batch_id IS NOT NULL")),
        Index(
            "ix_jobs_subject",
            "tenant_id",
            "subject_id",
            "id",
            postgresql_where=text("subject_id IS NOT NULL"),
        ),
        Index(
            "ix_jobs_finished",
            "tenant_id",
            "finished_at",
            postgresql_where=text("finished_at IS NOT NULL"),
        ),
        Index("ix_jobs_for_client", "tenant_id", "id", postgresql_where=text("for_client")),
    )  # fmt: skip

    @property
    def ended(self) -> bool:
        return self.state in ENDED


class JobDecision(TenantOwned, Model):
    """What staff decided about a job, and why. Inserted, never changed."""

    __tablename__ = "job_decisions"
    job_id: Mapped[UUID] = mapped_column()
    verb: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text, server_default="")
    by_id: Mapped[UUID | None] = mapped_column()
    by_name: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = timestamp()
    __table_args__ = (
        one_of("verb", DECISIONS),
        CheckConstraint("verb <> 'drop' OR length(reason) > 0", name="reason"),
        ForeignKeyConstraint(["tenant_id", "job_id"], ["jobs.tenant_id", "jobs.id"]),
        Index("ix_job_decisions_job", "tenant_id", "job_id", "id"),
    )


class JobBatch(TenantOwned, Model):
    """One piece of work over several clients, in the provider's own tenant; each client's part is a
    job there with this id as its `batch_id`."""

    __tablename__ = "job_batches"
    name: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    title_params: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    total: Mapped[int] = mapped_column()
    started_by: Mapped[UUID | None] = mapped_column()
    started_by_name: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = timestamp(default=True)
    # what makes two calls the same one: a second click finds what the first began
    once_key: Mapped[str | None] = mapped_column(Text)
    __table_args__ = (UniqueConstraint("tenant_id", "once_key"),)


class JobWorker(Model):
    """A worker process that lives; its heartbeat is by the database's clock."""

    __tablename__ = "job_workers"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    host: Mapped[str] = mapped_column(Text)
    pid: Mapped[int] = mapped_column()
    kind: Mapped[str] = mapped_column(Text)
    queues: Mapped[list[str]] = mapped_column(ARRAY(Text))
    started_at: Mapped[datetime] = timestamp(default=True)
    heartbeat_at: Mapped[datetime] = timestamp(default=True)
    lease_until: Mapped[datetime] = timestamp()
    memory_mb: Mapped[int] = mapped_column(server_default="0")
    jobs_done: Mapped[int] = mapped_column(server_default="0")
    stopping: Mapped[bool] = mapped_column(server_default=text("false"))
    # what it ran when it last told of itself
    job_tenant: Mapped[UUID | None] = mapped_column()
    job_id: Mapped[UUID | None] = mapped_column()
    job_name: Mapped[str] = mapped_column(Text, server_default="")
    job_attempt: Mapped[int | None] = mapped_column()


class PeriodicTask(Model):
    """An entry of `workers/schedule.py`; the dispatcher's own table. `next_run_at` is empty where
    each company has its own (`tenant_schedules`); `version` is the newest table that held it."""

    __tablename__ = "periodic_tasks"
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    next_run_at: Mapped[datetime | None] = timestamp(nullable=True)
    since: Mapped[datetime] = timestamp(default=True)
    version: Mapped[int] = mapped_column(server_default="0")


class TenantSchedule(TenantOwned, Model):
    """When an entry that follows a company's own calendar runs next there
    (docs/adr/0009-periodic-work.md). The company writes it; the dispatcher only moves `look_at`."""

    __tablename__ = "tenant_schedules"
    name: Mapped[str] = mapped_column(Text)
    # as it was planned: another rule counts from when it is first seen
    rule: Mapped[str] = mapped_column(Text, server_default="")
    # earlier moments don't count
    counts_from: Mapped[datetime] = timestamp()
    # the last period that is settled, as its job's key has it: '2026-11', '2026-11-22'
    last_period: Mapped[str] = mapped_column(Text, server_default="")
    # of the period after it; empty until planned, and while the company's access is away
    next_run_at: Mapped[datetime | None] = timestamp(nullable=True)
    # when the company looks at its calendar next; empty once it is told to
    look_at: Mapped[datetime | None] = timestamp(nullable=True)
    __table_args__ = (UniqueConstraint("tenant_id", "name"),)


class Leader(Model):
    """Who dispatches: one lease, by the database's clock."""

    __tablename__ = "leaders"
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    holder: Mapped[str] = mapped_column(Text)
    lease_until: Mapped[datetime] = timestamp()
