from typing import Any

from app.service_requests.sla import warnings
from tenants.core import clock
from tenants.core.text import _m
from tenants.permissions import system_actor
from workers.registry import job
from workers.run import JobRun


@job(title=_m("Applying version %(number)s of the contract"))
def recompute(*, job: JobRun, **_: Any) -> None:
    """A version of the contract came into force."""
    warnings.follow_contract(actor=system_actor(job.tenant_id), now=clock.now())
