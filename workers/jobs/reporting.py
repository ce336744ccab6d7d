from typing import Any

from app.reporting.services import preparing
from tenants.core import clock
from tenants.core.text import _m
from tenants.permissions import system_actor
from workers.registry import job
from workers.run import JobRun


@job(title=_m("Preparing the service report"))
def prepare(*, job: JobRun, **_: Any) -> dict[str, Any]:
    """Drafts of the signed months that have none."""
    found = preparing.prepare_reports(actor=system_actor(job.tenant_id), now=clock.now())
    return {"prepared": [one.strftime("%Y-%m") for one in found]}
