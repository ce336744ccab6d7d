from typing import Any

from app.service_requests.sla import warnings
from tenants.core import clock
from tenants.permissions import system_actor
from workers.registry import job
from workers.run import JobRun


@job(unseen="it warns our own people")
def watch(*, job: JobRun, **_: Any) -> None:
    """What a new version of the contract changes, then who has to be warned."""
    actor, now = system_actor(job.tenant_id), clock.now()
    warnings.follow_contract(actor=actor, now=now)
    warnings.warn(actor=actor, now=now)
