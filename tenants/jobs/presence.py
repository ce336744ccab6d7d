"""Worker processes tell that they live; a row whose lease ran out is of a dead one."""

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from tenants.core.db import db
from tenants.jobs.models import JobWorker, Leader
from tenants.scoping import Scope

# In no tenant's scope; nobody who signs in has this side.
WORKER_SCOPE = Scope(side="worker")


@dataclass(frozen=True, slots=True)
class Current:
    """What a worker runs."""

    tenant_id: UUID
    job_id: UUID
    name: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Presence:
    id: UUID
    pid: int
    kind: str
    queues: Sequence[str]
    memory_mb: int
    jobs_done: int
    stopping: bool
    current: Current | None


def tell(presence: Presence, *, lease: float) -> None:
    changing = {
        "heartbeat_at": func.now(),
        "lease_until": func.now() + timedelta(seconds=lease),
        "memory_mb": presence.memory_mb,
        "jobs_done": presence.jobs_done,
        "stopping": presence.stopping,
        "job_tenant": presence.current and presence.current.tenant_id,
        "job_id": presence.current and presence.current.job_id,
        "job_name": presence.current.name if presence.current else "",
        "job_attempt": presence.current and presence.current.attempt,
    }
    db.session.execute(
        insert(JobWorker)
        .values(
            id=presence.id, host=socket.gethostname(), pid=presence.pid, kind=presence.kind,
            queues=list(presence.queues), **changing,
        )
        .on_conflict_do_update(index_elements=["id"], set_=changing)
    )  # fmt: skip


def leave(*, worker_id: UUID) -> None:
    db.session.execute(delete(JobWorker).where(JobWorker.id == worker_id))


def nobody_leads(*, worker_id: UUID) -> bool:
    """No dispatcher hands jobs over. Told to one of the living workers only, so that it is said
    once."""
    leading = select(Leader.name).where(
        Leader.name == "dispatcher", Leader.lease_until > func.now()
    )
    speaker = (
        select(JobWorker.id)
        .where(JobWorker.lease_until > func.now())
        .order_by(JobWorker.id)
        .limit(1)
        .scalar_subquery()
    )
    return bool(db.session.execute(select(~leading.exists() & (speaker == worker_id))).scalar_one())


def list_workers() -> list[JobWorker]:
    """In the provider's own scope."""
    return list(db.session.scalars(select(JobWorker).order_by(JobWorker.host, JobWorker.pid)))
