from datetime import date
from typing import Any
from uuid import UUID

from app.service_requests.queries import get_request_by_id
from app.service_requests.services import timekeeping
from tenants.core import clock
from tenants.permissions import Actor
from tenants.queries import find_staff
from workers.registry import ANY_STATE, job
from workers.run import JobRun


@job(queue="interactive", states=ANY_STATE, unseen="the time itself is shown as the contract says")
def book_timer(
    *, request_id: str, timer_id: str, minutes: int, worked_on: str, job: JobRun, **_: Any
) -> None:
    """A timer that its person ended while they acted for another client."""
    person = find_staff(user_id=job.actor_id) if job.actor_id else None
    timekeeping.book_timer(
        request=get_request_by_id(request_id=UUID(request_id)),
        actor=Actor(
            user_id=job.actor_id, name=person.display_name if person else "", side="system",
            tenant_id=job.tenant_id,
        ),
        now=clock.now(),
        timer_id=UUID(timer_id),
        minutes=minutes,
        worked_on=date.fromisoformat(worked_on),
    )  # fmt: skip
