from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select

from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.jobs.models import Job
from tenants.jobs.transitions import ENDED
from tenants.scoping import ScopeError, current_scope


@dataclass(frozen=True, slots=True)
class JobStatus:
    """`error` is for staff; a client reads `client_error`, a message id."""

    id: UUID
    state: str
    done: int
    total: int
    message: str
    error: str
    attempt: int
    failures: int
    client_error: str = ""
    client_error_params: dict[str, Any] = field(default_factory=dict)
    title: str = ""
    title_params: dict[str, Any] = field(default_factory=dict)
    held: bool = False
    result: Any = None

    @property
    def restarted(self) -> bool:
        return self.failures > 0 and not self.ended

    @property
    def ended(self) -> bool:
        return self.state in ENDED


_STATUS = select(
    Job.id, Job.state, Job.progress_done, Job.progress_total, Job.progress_message, Job.error,
    Job.attempt, Job.failures, Job.client_error, Job.client_error_params, Job.title,
    Job.title_params, Job.held_since.is_not(None), Job.result,
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


def list_children(*, parent_id: UUID) -> list[JobStatus]:
    found = db.session.execute(
        _STATUS.where(
            Job.tenant_id == current_scope().tenant_id, Job.parent_id == parent_id
        ).order_by(Job.id)
    )
    return [JobStatus(*row) for row in found]


def list_of_subject(*, subject_id: UUID) -> list[JobStatus]:
    """What was started for this, newest first."""
    found = db.session.execute(
        _STATUS.where(
            Job.tenant_id == current_scope().tenant_id, Job.subject_id == subject_id
        ).order_by(Job.id.desc())
    )
    return [JobStatus(*row) for row in found]
