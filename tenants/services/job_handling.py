"""What the provider's people decide about a company's jobs, in that company's scope."""

from datetime import datetime
from uuid import UUID

from tenants import audit, jobs
from tenants.core.db import db
from tenants.core.errors import Invalid
from tenants.core.text import _m
from tenants.jobs import JobDecision
from tenants.permissions import Actor

LONGEST_REASON = 500


def replay_job(*, job_id: UUID, actor: Actor, now: datetime, reason: str = "") -> None:
    """A quarantined job runs again, with all its tries and from its saved position."""
    actor.require("job.handle")
    jobs.replay(job_id=job_id)
    _note("replay", job_id, reason, actor, now)
    audit.record("tenants.job.replayed", actor=actor, now=now, object_type="job", object_id=job_id)


def drop_job(*, job_id: UUID, reason: str, actor: Actor, now: datetime) -> None:
    """A quarantined job will not run again; the reason stays with it."""
    actor.require("job.handle")
    if not reason.strip():
        raise Invalid(field_errors={"reason": [_m("Say why this job is dropped.")]})
    jobs.drop(job_id=job_id)
    _note("drop", job_id, reason, actor, now)
    audit.record("tenants.job.dropped", actor=actor, now=now, object_type="job", object_id=job_id)


def cancel_job(*, job_id: UUID, actor: Actor, now: datetime, reason: str = "") -> int:
    """It and the parts that it added; answers how many that met."""
    actor.require("job.handle")
    ended = jobs.cancel(job_id=job_id)
    _note("cancel", job_id, reason, actor, now)
    audit.record(
        "tenants.job.cancelled", actor=actor, now=now,
        object_type="job", object_id=job_id, jobs=len(ended),
    )  # fmt: skip
    return len(ended)


def _note(verb: str, job_id: UUID, reason: str, actor: Actor, now: datetime) -> None:
    if len(reason) > LONGEST_REASON:
        raise Invalid(field_errors={"reason": [_m("Use at most 500 characters.")]})
    db.session.add(
        JobDecision(
            job_id=job_id, verb=verb, reason=reason.strip(), by_id=actor.user_id,
            by_name=actor.name, at=now,
        )
    )  # fmt: skip
    db.session.flush()
