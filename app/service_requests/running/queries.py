"""Jobs as people of a company meet them: by what they were started for."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, or_, select, true
from sqlalchemy.orm import aliased

from app.service_requests.models import ServiceRequest
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.jobs import ENDED, STATES, Job
from tenants.permissions import Actor
from tenants.scoping import current_scope

SHOWN_FOR = timedelta(days=7)
MOST = 10
# Clocks of two machines differ a little.
SOON = timedelta(minutes=1)
OPEN = tuple(state for state in STATES if state not in ENDED)
R = ServiceRequest


def get_visible_job(*, actor: Actor, job_id: UUID) -> Row[Any]:
    """With the number of its request; NotFound for one of a line that isn't the reader's, or that
    says nothing to people."""
    row = db.session.execute(_select(actor).where(Job.id == job_id)).one_or_none()
    if row is None:
        raise NotFound
    return row


def list_being_done(*, actor: Actor, real_now: datetime) -> Sequence[Row[Any]]:
    """What runs or waits for the company now, and what failed lately and wasn't begun anew; newest
    first. `real_now` is the machine's time."""
    later = aliased(Job)
    begun_anew = (
        select(later.id)
        .where(
            later.tenant_id == Job.tenant_id,
            later.for_client,
            later.subject_id.is_not_distinct_from(Job.subject_id),
            later.name == Job.name,
            later.id > Job.id,
        )
        .exists()
    )
    return db.session.execute(
        _select(actor)
        .where(
            Job.for_client,
            or_(
                and_(
                    Job.state.in_(OPEN),
                    or_(Job.state != "queued", Job.run_at <= real_now + SOON),
                ),
                and_(
                    Job.state == "quarantined",
                    Job.finished_at > real_now - SHOWN_FOR,
                    ~begun_anew,
                ),
            ),
        )
        .order_by(Job.id.desc())
        .limit(MOST)
    ).all()


def _select(actor: Actor) -> Select[Any]:
    """A job of a request is seen by who sees the request's line; one of the whole company by
    everybody there."""
    columns: tuple[Any, ...] = (
        Job.id, Job.state, Job.title, Job.title_params, Job.progress_done, Job.progress_total,
        Job.failures, Job.client_error, Job.client_error_params, Job.error, Job.held_since,
        Job.run_at, Job.finished_at, R.number, R.item, R.title.label("request_title"),
    )  # fmt: skip
    return (
        select(*columns)
        .join_from(
            Job, R, and_(R.tenant_id == Job.tenant_id, R.id == Job.subject_id,
                         Job.subject_type == "request"), isouter=True,
        )
        .where(
            Job.tenant_id == current_scope().tenant_id,
            Job.title != "",
            or_(Job.subject_type != "request", R.line.in_(actor.visible_lines)),
            Job.for_client if actor.side == "client" else true(),
        )
    )  # fmt: skip
