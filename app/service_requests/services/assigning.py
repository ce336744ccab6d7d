"""In whose hands a request is; never in those of somebody without a live grant on its line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.service_requests import telling
from app.service_requests.models import ServiceRequest
from app.service_requests.services.moves import (
    RequestMoveRefused,
    check_version,
    log_move,
    move,
)
from app.service_requests.transitions import STATES, find_transition
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Forbidden, Invalid
from tenants.core.text import _m
from tenants.permissions import LEVELS, Actor
from tenants.queries import list_grants

_NO_GRANT = _m("This person has no live grant to work on this line for this client.")


@dataclass(frozen=True, slots=True)
class Colleague:
    user_id: UUID
    name: str


def list_colleagues(*, line: str, now: datetime) -> Sequence[Colleague]:
    """Who may take requests of this line of the client in scope, by name; the database's own list
    of live grants."""
    found = {
        grant.user_id: Colleague(grant.user_id, grant.display_name)
        for grant in list_grants(live_at=now)
        if grant.line == line and LEVELS[grant.level] >= LEVELS["work"]
    }
    return sorted(found.values(), key=lambda one: (one.name, one.user_id))


def assign_to(
    *, request: ServiceRequest, actor: Actor, now: datetime, user_id: UUID,
    expected_version: int | None = None,
) -> None:  # fmt: skip
    """Give it to an operator, oneself or another."""
    _check(request, actor, expected_version)
    colleagues = {one.user_id: one for one in list_colleagues(line=request.line, now=now)}
    if user_id not in colleagues:
        raise Invalid(field_errors={"assignee": [_NO_GRANT]})
    put_in_hands(request, colleagues[user_id], actor=actor, now=now)


def put_in_hands(request: ServiceRequest, who: Colleague, *, actor: Actor, now: datetime) -> None:
    """To somebody whose grant is known."""
    if find_transition("assign", request.state):
        move(request, "assign", actor=actor, now=now)
    request.assignee_id, request.assignee_name = who.user_id, who.name
    audit.record(
        "service_requests.request.assigned", actor=actor, now=now,
        object_type="request", object_id=request.id, assignee=who.user_id,
    )  # fmt: skip
    telling.assigned(request, actor=actor, now=now)
    db.session.flush()


def unassign(
    *, request: ServiceRequest, actor: Actor, now: datetime, expected_version: int | None = None
) -> None:
    """Back to the queue, in the state it is in; again is nothing."""
    _check(request, actor, expected_version)
    if request.assignee_id is not None:
        hand_back_from(request, actor=actor, now=now)


def hand_back_from(request: ServiceRequest, *, actor: Actor, now: datetime) -> None:
    before = request.assignee_id
    request.assignee_id, request.assignee_name = None, ""
    log_move(request, "hand_back", actor=actor, now=now, source=request.state, target=request.state)
    audit.record(
        "service_requests.request.handed_back", actor=actor, now=now,
        object_type="request", object_id=request.id, assignee=before,
    )  # fmt: skip
    db.session.flush()


def _check(request: ServiceRequest, actor: Actor, expected_version: int | None) -> None:
    check_version(request, expected_version)
    if actor.side == "client":
        raise Forbidden
    actor.require("request.work", request.line)
    if not request.is_open:
        raise RequestMoveRefused(state=STATES[request.state])
