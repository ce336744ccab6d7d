"""A client's objection to a pause of the clock, and what a reviewer answers."""

from datetime import datetime
from uuid import UUID

from app.service_requests import telling
from app.service_requests.models import ServiceRequest
from app.service_requests.sla import ledger
from app.service_requests.sla.models import SlaContest, SlaEvent
from app.service_requests.sla.queries import find_contest, get_event
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Forbidden, Invalid, NotFound
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor


class AlreadyContested(Conflict):
    code = "already_contested"
    message = _m("Somebody of your company contested this pause already. See the answer below.")


class AlreadyDecided(Conflict):
    code = "already_decided"
    message = _m("This objection was decided already.")


class OwnPause(Forbidden):
    code = "own_pause"
    message = _m("You stopped the clock yourself. Somebody else has to decide this.")


def contest(
    *, request: ServiceRequest, pause_id: UUID, words: str, actor: Actor, now: datetime
) -> SlaContest:
    """Once for each pause, by the client's people alone."""
    actor.require("request.answer", request.line)
    if actor.side != "client":
        raise Forbidden
    pause = get_event(request_id=request.id, event_id=pause_id)
    if pause.event != "paused":
        raise NotFound
    if find_contest(pause_id=pause_id) is not None:
        raise AlreadyContested
    row = SlaContest(
        id=uuid7(), request_id=request.id, pause_id=pause_id, words=words, by_id=actor.user_id,
        by_name=actor.name, at=now, answer="", decided_by_name="",
    )  # fmt: skip
    db.session.add(row)
    audit.record(
        "service_requests.pause.contested", actor=actor, now=now, object_type="request",
        object_id=request.id, contest=row.id, pause=pause_id,
    )  # fmt: skip
    telling.contested(request, contest_id=row.id, actor=actor)
    db.session.flush()
    return row


def decide(
    *, request: ServiceRequest, contest: SlaContest, upheld: bool, answer: str, actor: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """Upheld, the pause counts as work; declined, the client reads why."""
    actor.require("request.review", request.line)
    if actor.side != "provider":
        raise Forbidden
    # Of two reviewers at once the second waits, then reads what the first decided.
    db.session.refresh(contest, with_for_update=True)
    if contest.outcome is not None:
        raise AlreadyDecided
    pause = get_event(request_id=request.id, event_id=contest.pause_id)
    _check_other(pause, actor)
    if not upheld and not answer:
        raise Invalid(field_errors={"answer": [_m("Say why the clock stood still.")]})
    contest.outcome = "upheld" if upheld else "declined"
    contest.answer = answer
    contest.decided_by, contest.decided_by_name = actor.user_id, actor.name
    contest.decided_at = now
    if upheld:
        ledger.void(request, pause_id=pause.id, actor=actor, now=now)
    audit.record(
        "service_requests.pause.decided", actor=actor, now=now, object_type="request",
        object_id=request.id, contest=contest.id, pause=pause.id, outcome=contest.outcome,
    )  # fmt: skip
    telling.contest_decided(request, contest_id=contest.id, by=contest.by_id, actor=actor)
    db.session.flush()


def _check_other(pause: SlaEvent, actor: Actor) -> None:
    if pause.actor_id is not None and pause.actor_id == actor.user_id:
        raise OwnPause
