from typing import Any
from uuid import UUID

from app.provider.services import leaving
from tenants.core import clock
from tenants.permissions import system_actor
from workers.registry import ANY_STATE, job
from workers.run import JobRun


@job(queue="interactive", states=ANY_STATE, unseen="the page of people shows who has access")
def end_access(*, user_id: str, job: JobRun, **_: Any) -> None:
    """What a person who left still held at one client."""
    leaving.end_at_client(user_id=UUID(user_id), actor=system_actor(job.tenant_id), now=clock.now())
