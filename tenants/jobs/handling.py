"""What people do to a job from outside. Rights, reasons and the audit are above:
`tenants/services/job_handling.py`."""

from uuid import UUID

from sqlalchemy import func, select

from tenants.core.db import db
from tenants.core.errors import Conflict, NotFound
from tenants.core.text import _m
from tenants.jobs.adding import wake_dispatcher
from tenants.jobs.models import Job
from tenants.jobs.moving import move
from tenants.scoping import current_scope


def replay(*, job_id: UUID) -> None:
    """Let a quarantined job run again, with all its tries and from its saved position."""
    _move_one(
        "replay", job_id,
        failures=0, run_at=func.now(), finished_at=None, error="", trace="", client_error="",
        client_error_params={},
    )  # fmt: skip
    wake_dispatcher()


def drop(*, job_id: UUID) -> None:
    """A quarantined job will not run again."""
    _move_one("drop", job_id, finished_at=func.now())
    wake_dispatcher()


def cancel(*, job_id: UUID) -> list[UUID]:
    """It and what it added, as far as that has not ended; answers whom it met. A run that goes on
    keeps nothing from now on."""
    tenant_id = current_scope().tenant_id
    tree = select(Job.id).where(Job.tenant_id == tenant_id, Job.id == job_id).cte(recursive=True)
    tree = tree.union_all(
        select(Job.id).where(Job.tenant_id == tenant_id, Job.parent_id == tree.c.id)
    )
    # Parents before children, as everybody locks them.
    ids = db.session.scalars(
        select(Job.id)
        .where(Job.tenant_id == tenant_id, Job.id.in_(select(tree.c.id)))
        .order_by(Job.id)
        .with_for_update()
    ).all()
    if not ids:
        raise NotFound
    ended = db.session.scalars(
        move(
            "cancel", Job.tenant_id == tenant_id, Job.id.in_(ids),
            finished_at=func.now(), lease_until=None, held_since=None,
        ).returning(Job.id)
    ).all()  # fmt: skip
    if job_id not in ended:
        raise Conflict(_m("This job has ended already."))
    wake_dispatcher()
    return list(ended)


def _move_one(verb: str, job_id: UUID, **values: object) -> None:
    tenant_id = current_scope().tenant_id
    moved = db.session.execute(
        move(verb, Job.tenant_id == tenant_id, Job.id == job_id, **values).returning(Job.id)
    ).one_or_none()
    if moved is None:
        raise Conflict(_m("This job is not in quarantine any more."))
