from datetime import date
from typing import Any

from app.service_levels.services import preparing
from tenants.core import clock
from tenants.permissions import system_actor
from workers.registry import job
from workers.run import JobRun


@job()
def prepare(*, period: str, job: JobRun, **_: Any) -> None:
    """The months before this one."""
    preparing.prepare_months(
        before=date.fromisoformat(f"{period}-01"), actor=system_actor(job.tenant_id),
        now=clock.now(),
    )  # fmt: skip
