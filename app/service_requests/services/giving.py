"""Work goes to whom the client's rules name. It is no answer to the client: the request stays in
the state it is in, and its clocks with it."""

from datetime import datetime
from uuid import UUID

from app.service_requests.assignment.queries import TO_DO, lock_request
from app.service_requests.assignment.recording import choice_for, give, say_left
from app.service_requests.assignment.rules import Choice
from tenants.core.errors import Forbidden
from tenants.permissions import Actor


def give_new(*, request_id: UUID, actor: Actor, now: datetime) -> Choice | None:
    """One that nobody has, or None where there is nothing to do. The history says who got it and
    why, or why nobody did, to the provider alone."""
    if actor.side != "system":
        raise Forbidden
    request = lock_request(request_id=request_id)
    if request is None or request.assignee_id is not None or request.state not in TO_DO:
        return None
    choice = choice_for(request, now=now)
    if choice.who is not None:
        give(request, choice, cause="raised", actor=actor, now=now)
    elif choice.why == "nobody":
        say_left(request, choice, cause="raised", actor=actor, now=now)
    return choice
