from typing import Any
from uuid import UUID

from app.service_requests.checklists import services as checklists
from app.service_requests.outgoing import services as outgoing
from app.service_requests.queries import get_request_by_id
from app.service_requests.services import tending
from tenants.core import clock
from tenants.permissions import system_actor
from workers.registry import job
from workers.run import JobRun


@job(unseen="each request it moves on says so")
def tend(*, job: JobRun, **_: Any) -> None:
    """Planned days that came, results that nobody objected to."""
    tending.tend(actor=system_actor(job.tenant_id), now=clock.now())


@job(queue="interactive", unseen="checklists are our own")
def freeze_checklist(*, request_id: str, **_: Any) -> None:
    """What the client's side, which raised it, may not read."""
    checklists.freeze(get_request_by_id(request_id=UUID(request_id)))


@job(queue="interactive", unseen="until it is sent, we may take the message back")
def send_held(*, held_id: str, **_: Any) -> None:
    """A message whose time to be taken back is over."""
    outgoing.send_held(held_id=UUID(held_id), now=clock.now())
