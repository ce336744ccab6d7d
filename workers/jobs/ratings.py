from typing import Any
from uuid import UUID

from app.service_requests.queries import get_request_by_id
from app.service_requests.services import rating
from tenants.core import clock
from tenants.permissions import system_actor
from workers.registry import job
from workers.run import JobRun


@job(unseen="the question itself arrives")
def invite(*, request_id: str, user_id: str, job: JobRun, **_: Any) -> None:
    rating.invite(
        request=get_request_by_id(request_id=UUID(request_id)), user_id=UUID(user_id),
        actor=system_actor(job.tenant_id), now=clock.now(),
    )  # fmt: skip


@job(unseen="it is for our supervisors")
def react(*, rating_id: str, job: JobRun, **_: Any) -> None:
    rating.react(rating_id=UUID(rating_id), actor=system_actor(job.tenant_id), now=clock.now())
