from typing import Any

from app.service_requests.services import tending
from tenants.core import clock
from tenants.permissions import system_actor
from workers.run import JobRun


def tend(*, job: JobRun, **_: Any) -> None:
    """Planned days that came, results that nobody objected to."""
    tending.tend(actor=system_actor(job.tenant_id), now=clock.now())
