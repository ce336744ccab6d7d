from typing import Any

from app.service_requests.services.recomputing import recompute_open
from tenants.core import clock
from tenants.permissions import system_actor
from workers.run import JobRun


def recompute(*, job: JobRun, **_: Any) -> None:
    """A version of the contract came into force."""
    recompute_open(actor=system_actor(job.tenant_id), now=clock.now())
