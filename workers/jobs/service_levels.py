from typing import Any

from app.service_levels.services import preparing
from tenants.core import clock
from tenants.permissions import system_actor
from workers.registry import job
from workers.run import JobRun


@job()
def prepare(*, job: JobRun, **_: Any) -> None:
    """Months that are over, from their third business day on."""
    preparing.prepare_months(actor=system_actor(job.tenant_id), now=clock.now())
