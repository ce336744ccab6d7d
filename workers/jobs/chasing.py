from typing import Any

from app.service_requests.services import chasing
from tenants.core import clock
from tenants.permissions import system_actor
from workers.registry import job
from workers.run import JobRun


@job(unseen="the reminder itself arrives")
def remind(*, job: JobRun, **_: Any) -> None:
    chasing.chase(actor=system_actor(job.tenant_id), now=clock.now())
