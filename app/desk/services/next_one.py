"""The next piece of work for whoever asks: two people at once never get the same."""

from datetime import datetime
from uuid import UUID

from app.service_requests.assignment.queries import lock_request, skill_for
from app.service_requests.services.work import assign_to_me
from app.staffing.queries import standings
from tenants.permissions import Actor

# Where somebody has to begin or go on; what waits for the client or a reviewer needs nobody now.
TAKEN_FROM = ("new", "assigned", "in_progress", "reopened")


def take_if_free(*, request_id: UUID, actor: Actor, now: datetime) -> bool:
    """In the client's scope. False where a colleague was quicker, or the work needs a skill that
    the actor lacks."""
    actor.require("request.work")
    request = lock_request(request_id=request_id, skip_locked=True)
    if request is None or request.assignee_id is not None or request.state not in TAKEN_FROM:
        return False
    if not actor.can("request.work", request.line):
        return False
    skill = skill_for(line=request.line, item=request.item)
    if skill and skill not in _skills_of(actor, now):
        return False
    assign_to_me(request=request, actor=actor, now=now)
    return True


def _skills_of(actor: Actor, now: datetime) -> tuple[str, ...]:
    if actor.user_id is None:
        return ()
    found = standings(user_ids=[actor.user_id], at=now).get(actor.user_id)
    return found.skills if found else ()
