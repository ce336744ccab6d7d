"""What became of a piece of work over several clients."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, text
from sqlalchemy.orm import Session

from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.core.pagination import PAGE_SIZE
from tenants.jobs.models import JobBatch
from tenants.jobs.transitions import ENDED
from tenants.scoping import current_scope

PARTS = text("""
    SELECT mine.tenant_id, mine.id, mine.state, mine.progress_done, mine.progress_total,
        mine.result, mine.error, mine.held_since IS NOT NULL AS held, mine.finished_at
    FROM unnest(CAST(:granted AS uuid[])) AS granted (tenant_id)
    CROSS JOIN LATERAL (
        SELECT j.tenant_id, j.id, j.state, j.progress_done, j.progress_total, j.result, j.error,
            j.held_since, j.finished_at
        FROM jobs j WHERE j.tenant_id = granted.tenant_id AND j.batch_id = :batch
    ) mine
""")


@dataclass(frozen=True, slots=True)
class Part:
    """One client's share."""

    tenant_id: UUID
    job_id: UUID
    state: str
    done: int
    total: int
    result: Any
    error: str
    held: bool
    finished_at: datetime | None

    @property
    def ended(self) -> bool:
        return self.state in ENDED


def get_batch(*, batch_id: UUID) -> JobBatch:
    """In the provider's own scope."""
    return _one(JobBatch.id == batch_id)


def get_batch_once(*, once_key: str) -> JobBatch:
    """The one that was begun with this key."""
    return _one(JobBatch.once_key == once_key)


def _one(condition: ColumnElement[bool]) -> JobBatch:
    found = db.session.execute(
        select(JobBatch).where(JobBatch.tenant_id == current_scope().tenant_id, condition)
    ).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def list_batches(
    *,
    before: UUID | None = None,
    names: Collection[str] = (),
    since: datetime | None = None,
    limit: int = PAGE_SIZE,
) -> list[JobBatch]:
    """Newest first; with `names` only of these jobs."""
    wanted = select(JobBatch).where(JobBatch.tenant_id == current_scope().tenant_id)
    if before is not None:
        wanted = wanted.where(JobBatch.id < before)
    if names:
        wanted = wanted.where(JobBatch.name.in_(names))
    if since is not None:
        wanted = wanted.where(JobBatch.created_at > since)
    return list(db.session.scalars(wanted.order_by(JobBatch.id.desc()).limit(limit)))


def list_parts(session: Session, *, batch_id: UUID, granted: Sequence[UUID]) -> list[Part]:
    """At the clients that the reader's grants open; `session` is of `across_tenants`."""
    found = session.execute(PARTS, {"granted": list(granted), "batch": batch_id})
    return [Part(*row) for row in found]
