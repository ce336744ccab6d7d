"""What people do to a job from outside. Rights, reasons and the audit are above:
`tenants/services/job_handling.py`."""

from uuid import UUID

from sqlalchemy import func, update

from tenants.core.db import db
from tenants.core.errors import Conflict
from tenants.core.text import _m
from tenants.jobs.adding import wake_dispatcher
from tenants.jobs.models import Job
from tenants.scoping import current_scope


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
    wake_dispatcher()
