from typing import Any
from uuid import UUID

from app.service_requests.checklists import services as checklists
from app.service_requests.outgoing import services as outgoing
from app.service_requests.queries import get_request_by_id
from app.service_requests.recurring.services import raising
from app.service_requests.services import (
    filing_results,
    giving,
    standing_in,
    tending,
)
from tenants.core import clock
from tenants.permissions import system_actor
from workers.registry import ANY_STATE, job
from workers.run import JobRun


@job(unseen="each request it moves on says so")
def tend(*, job: JobRun, **_: Any) -> None:
    """Planned days that came, results that nobody objected to."""
    tending.tend(actor=system_actor(job.tenant_id), now=clock.now())


@job(unseen="each request that changes hands says so")
def stand_in(*, job: JobRun, **_: Any) -> None:
    """Whose grant ended, who is away: others get what they have."""
    standing_in.stand_in(actor=system_actor(job.tenant_id), now=clock.now())


@job(unseen="each request that it raises says so")
def look_for_recurring(*, period: str, job: JobRun, **_: Any) -> None:
    """Every day: which recurring work is due."""
    raising.look(period=period, actor=system_actor(job.tenant_id), now=clock.now())


@job(unseen="each request that it raises says so")
def raise_recurrence(*, recurrence_id: str, job: JobRun, **_: Any) -> None:
    raising.raise_due(
        recurrence_id=UUID(recurrence_id), actor=system_actor(job.tenant_id), now=clock.now()
    )


@job(queue="interactive", unseen="the request says in whose hands it is")
def give(*, request_id: str, job: JobRun, **_: Any) -> None:
    """To whom the client's rules name, unless somebody has it already."""
    giving.give_new(request_id=UUID(request_id), actor=system_actor(job.tenant_id), now=clock.now())


@job(queue="interactive", unseen="checklists are our own")
def freeze_checklist(*, request_id: str, **_: Any) -> None:
    """What the client's side, which raised it, may not read."""
    checklists.freeze(get_request_by_id(request_id=UUID(request_id)))


@job(queue="interactive", unseen="until it is sent, we may take the message back")
def send_held(*, held_id: str, **_: Any) -> None:
    """A message whose time to be taken back is over."""
    outgoing.send_held(held_id=UUID(held_id), now=clock.now())


@job(states=ANY_STATE, unseen="what was delivered stands among the documents")
def file_results(*, request_id: str, deliverable_ids: list[str], job: JobRun, **_: Any) -> int:
    return filing_results.file_results(
        request_id=UUID(request_id), deliverable_ids=[UUID(one) for one in deliverable_ids],
        actor=system_actor(job.tenant_id), now=clock.now(),
    )  # fmt: skip
