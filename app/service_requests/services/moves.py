"""How a request changes state: always by the table, with history and audit."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm.attributes import flag_modified

from app.service_requests import announcing, telling
from app.service_requests.approvals import rounds
from app.service_requests.models import RequestMove, ServiceRequest
from app.service_requests.ratings import inviting
from app.service_requests.services.scope_guard import check_may_enter
from app.service_requests.sla import ledger
from app.service_requests.transitions import ENDED, STATES, Transition, find_transition
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor


class RequestMoveRefused(Conflict):
    code = "wrong_state"
    message = _m("This is not possible while the request is “%(state)s”.")


class RequestChanged(Conflict):
    code = "request_changed"
    message = _m(
        "Somebody else worked on this request since you opened it. "
        "Look at what is new, then send again; your text is kept."
    )


def check_version(request: ServiceRequest, expected: int | None) -> None:
    """`expected` is the version that the form was made from; None when the act fits any."""
    if expected is not None and expected != request.version:
        raise RequestChanged


def move(
    request: ServiceRequest,
    verb: str,
    *,
    actor: Actor,
    now: datetime,
    target: str | None = None,
    reason: str = "",
    question_id: UUID | None = None,
) -> None:
    """`question_id` is what an `ask` waits for."""
    source = request.state
    found = check_move(request, verb, actor=actor, target=target)
    check_may_enter(request, found.target)
    enter(request, source, found.target, actor=actor, now=now, question_id=question_id)
    log_move(request, verb, actor=actor, now=now, source=source, target=found.target, reason=reason)


def check_move(
    request: ServiceRequest, verb: str, *, actor: Actor, target: str | None = None
) -> Transition:
    """RequestMoveRefused or Forbidden before any condition of the move itself is looked at."""
    found = find_transition(verb, request.state, target, who=actor.side)
    if found is None:
        raise RequestMoveRefused(state=STATES[request.state])
    actor.require(found.permission, request.line)
    return found


def enter(
    request: ServiceRequest,
    source: str | None,
    target: str,
    *,
    actor: Actor,
    now: datetime,
    question_id: UUID | None = None,
) -> None:
    """The one place where a state is set; `source` is None for a request just raised."""
    request.state = target
    request.state_since = now
    if target != "planned":
        request.planned_for = None
    if target != "waiting_third_party":
        request.waiting_for = ""
    if source in ENDED or target in ENDED:
        request.closed_at = now if target in ENDED else None
    ledger.follow(
        request, source=source, target=target, actor=actor, now=now, question_id=question_id
    )
    rounds.follow(request, source, target, now=now)
    inviting.follow(request, target, actor=actor, now=now)


def retarget(request: ServiceRequest, *, actor: Actor, now: datetime) -> None:
    """Priority or kind changed: what is due counts anew from the start."""
    ledger.recompute(request, actor=actor, now=now)


def log_move(
    request: ServiceRequest,
    verb: str,
    *,
    actor: Actor,
    now: datetime,
    source: str | None,
    target: str,
    reason: str = "",
) -> None:
    """The history and the audit trail, and whoever has to know is told."""
    move_id = uuid7()
    db.session.add(
        RequestMove(
            id=move_id,
            request_id=request.id,
            at=now,
            verb=verb,
            source=source,
            target=target,
            actor_id=actor.user_id,
            actor_name=actor.name,
            actor_side=actor.side,
            reason=reason,
        )
    )
    audit.record(
        "service_requests.request.moved",
        actor=actor,
        now=now,
        object_type="request",
        object_id=request.id,
        verb=verb,
        source=source,
        target=target,
    )
    telling.moved(request, verb, target, move_id=move_id, actor=actor, now=now)
    announcing.moved(request, verb, source, target, move_id=move_id, now=now)


def touch(request: ServiceRequest) -> None:
    """A change beside the request's own row still raises its version."""
    flag_modified(request, "state_since")
