from typing import Any

from app.service_requests.services import approving
from tenants.core import clock
from tenants.permissions import system_actor
from workers.registry import job
from workers.run import JobRun


@job(unseen="the request says that its approval ran out")
def expire(*, job: JobRun, **_: Any) -> None:
    """Requests for approval that nobody decided on in time."""
    approving.notice_expired(actor=system_actor(job.tenant_id), now=clock.now())
