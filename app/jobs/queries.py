"""Jobs of all companies that the reader may see. In the provider's own scope the database answers
figures and names; words of a job are read where the reader holds a grant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, func, select, text

from app.jobs.filters import WHEN, JobFilter
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.core.pagination import PAGE_SIZE, Page, decode_cursor, page_of
from tenants.jobs import Job, JobDecision
from tenants.models import PROVIDER_TENANT
from tenants.scoping import across_tenants, leave, scoped_tenant_id


@dataclass(frozen=True, slots=True)
class Company:
    """A tenant whose jobs the reader sees; `granted` opens what they are about."""

    tenant_id: UUID
    kind: str
    slug: str
    name: str
    code: str
    colour: str
    state: str
    access_state: str
    granted: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """Open jobs of one company, name, queue and state."""

    tenant_id: UUID
    name: str
    queue: str
    state: str
    jobs: int
    later: int
    held: int
    oldest: datetime | None


def list_companies() -> Mapping[UUID, Company]:
    """The provider's own tenant first, for those who administer it."""
    rows = db.session.execute(text("SELECT * FROM job_tenants()")).mappings()
    return {row["tenant_id"]: Company(**row) for row in rows}


def list_figures() -> Sequence[Figure]:
    rows = db.session.execute(text("SELECT * FROM job_figures()")).mappings()
    return [Figure(**row) for row in rows]


def throughput(
    *, seconds: int, parts: int, tenant_id: UUID | None, queue: str, name: str
) -> Mapping[tuple[int, str], int]:
    """Ended jobs by part of the time until now (the last part is the latest) and state."""
    rows = db.session.execute(
        text("SELECT * FROM job_throughput(:s, :p, :t, :q, :n)"),
        {"s": seconds, "p": parts, "t": tenant_id, "q": queue, "n": name},
    )
    return {(row.part, row.state): row.jobs for row in rows}


def list_jobs(*, chosen: JobFilter, tenant_id: UUID | None, cursor: str | None) -> Page[RowMapping]:
    """Newest first."""
    when = WHEN[chosen.state]
    after = database_now() - timedelta(hours=chosen.hours) if chosen.hours else chosen.after
    before = decode_cursor(cursor, UUID)[0] if cursor else None
    rows = db.session.execute(
        text("SELECT * FROM listed_jobs(:states, :t, :q, :n, :when, :after, :until, :before, :limit)"),
        {"states": list(when.states), "t": tenant_id, "q": chosen.queue, "n": chosen.name,
         "when": when.when, "after": after, "until": chosen.until, "before": before, "limit": PAGE_SIZE + 1},
    ).mappings().all()  # fmt: skip
    return page_of(rows, limit=PAGE_SIZE, place=lambda row: (row["id"],))


def list_dead_effects() -> Sequence[RowMapping]:
    return db.session.execute(text("SELECT * FROM dead_effects()")).mappings().all()


def dispatcher_leads() -> bool:
    return bool(db.session.execute(text("SELECT dispatcher_leads()")).scalar())


def database_now() -> datetime:
    """Leases and heartbeats are by this clock."""
    return db.session.execute(select(func.now())).scalar_one()


WORDS = (Job.tenant_id, Job.id, Job.error, Job.title, Job.title_params)


def words_of(
    places: Sequence[tuple[UUID, UUID]], *, companies: Mapping[UUID, Company], user_id: UUID
) -> Mapping[UUID, Any]:
    """Error and title by job, of companies open to the reader. Ends the scope it is called in: the
    last read of a page."""
    granted = {
        tenant_id: True
        for tenant_id, _ in places
        if companies[tenant_id].granted and companies[tenant_id].kind == "client"
    }
    own = [job_id for tenant_id, job_id in places if tenant_id == PROVIDER_TENANT]
    found: dict[UUID, Any] = {}
    if own:
        rows = db.session.execute(
            select(*WORDS).where(Job.tenant_id == PROVIDER_TENANT, Job.id.in_(own))
        )
        found |= {row.id: row for row in rows}
    if granted:
        leave()
        ids = [job_id for tenant_id, job_id in places if tenant_id in granted]
        with across_tenants(
            reason="words of listed jobs", tenant_ids=list(granted), user_id=user_id
        ) as session:
            rows = session.execute(
                select(*WORDS).where(Job.tenant_id.in_(granted), Job.id.in_(ids))
            )
            found |= {row.id: row for row in rows}
    return found


# Without what a job is about: for the provider's administration.
FIGURES = (
    Job.id, Job.name, Job.queue, Job.state, Job.attempt, Job.failures, Job.max_attempts,
    Job.run_at, Job.lease_until, Job.progress_done, Job.progress_total, Job.created_at,
    Job.started_at, Job.finished_at, Job.parent_id, Job.batch_id, Job.held_since, Job.worker,
    Job.for_client,
)  # fmt: skip
CONTENT = (
    Job.args, Job.title, Job.title_params, Job.progress_message, Job.result, Job.error, Job.trace,
    Job.client_error, Job.client_error_params, Job.subject_type, Job.subject_id, Job.actor_id,
    Job.request_id, Job.idempotency_key, Job.position,
)  # fmt: skip


def get_job(*, job_id: UUID, content: bool) -> Any:
    """Of the tenant in scope."""
    columns = FIGURES + CONTENT if content else FIGURES
    row = db.session.execute(
        select(*columns).where(Job.tenant_id == scoped_tenant_id(), Job.id == job_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return row


def states_of(*, job_ids: Sequence[UUID]) -> Mapping[UUID, tuple[str, str]]:
    """State and name, in the tenant in scope."""
    rows = db.session.execute(
        select(Job.id, Job.state, Job.name).where(
            Job.tenant_id == scoped_tenant_id(), Job.id.in_(job_ids)
        )
    )
    return {row.id: (row.state, row.name) for row in rows}


def list_parts(*, parent_id: UUID) -> Sequence[Any]:
    """Its children, oldest first."""
    return db.session.execute(
        select(*FIGURES)
        .where(Job.tenant_id == scoped_tenant_id(), Job.parent_id == parent_id)
        .order_by(Job.id)
        .limit(200)
    ).all()


def list_decisions(*, job_id: UUID) -> Sequence[JobDecision]:
    return (
        db.session.execute(
            select(JobDecision)
            .where(JobDecision.tenant_id == scoped_tenant_id(), JobDecision.job_id == job_id)
            .order_by(JobDecision.id)
        )
        .scalars()
        .all()
    )
