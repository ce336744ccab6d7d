from typing import Any

from app.people.services import guests
from tenants.core import clock
from tenants.permissions import system_actor
from workers.registry import ANY_STATE, job
from workers.run import JobRun


@job(states=ANY_STATE, unseen="the list of guests shows it, and a mail says so")
def tend_guests(*, job: JobRun, period: str = "", **_: Any) -> dict[str, Any]:
    ended, leaving = guests.tend_guests(actor=system_actor(job.tenant_id), now=clock.now())
    return {"ended": ended, "leaving": leaving}
