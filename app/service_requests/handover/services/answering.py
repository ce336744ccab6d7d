"""What somebody is asked to take over: accepted, declined, or given by a supervisor. The work changes
hands when the absence begins, at once when it has."""

from datetime import datetime
from uuid import UUID

from app.service_requests.assignment.queries import TO_DO, list_candidates, lock_request
from app.service_requests.assignment.recording import give
from app.service_requests.assignment.rules import Candidate, Choice, Passed
from app.service_requests.handover import queries, telling
from app.service_requests.handover.models import HandoverItem, HandoverNote
from app.service_requests.models import ServiceRequest
from app.staffing.queries import Away
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Forbidden, Invalid, NotFound
from tenants.core.text import _m
from tenants.permissions import Actor

LONGEST = 1000
_NO_GRANT = _m("This person has no live grant to work on this line for this client.")


class AnsweredAlready(Conflict):
    code = "handover_answered"
    message = _m("Somebody answered this meanwhile. Look at the list again.")


class NotTheirs(Conflict):
    code = "handover_not_theirs"
    message = _m("Somebody else has this request by now: there is nothing to take over.")


def accept(*, item_id: UUID, actor: Actor, now: datetime) -> None:
    """By whom it was handed to; again is nothing."""
    actor.require("request.work")
    item, note, request = _locked(item_id)
    _check_own(item, actor)
    if item.state == "accepted":
        return
    away = _check_open(item, note, request, ("sent", "declined"), now=now)
    _take(item, note, request, away, actor=actor, now=now)


def decline(*, item_id: UUID, reason: str, actor: Actor, now: datetime) -> None:
    """A supervisor is told at once; again is nothing."""
    actor.require("request.work")
    reason = reason.strip()
    if not reason or len(reason) > LONGEST:
        raise Invalid(
            field_errors={"reason": [_m("Say why in a few words: a supervisor reads it.")]}
        )
    item, note, request = _locked(item_id)
    _check_own(item, actor)
    if item.state == "declined":
        return
    _check_open(item, note, request, ("sent",), now=now)
    item.state, item.reason, item.raised_at = "declined", reason, now
    _answered(item, actor=actor, now=now)
    _record("declined", item, note, actor=actor, now=now)
    telling.needs_supervisor(note, actor=actor)


def give_to(*, item_id: UUID, user_id: UUID, actor: Actor, now: datetime) -> None:
    """A supervisor says who stands in, without asking them."""
    actor.require("request.review")
    item, note, request = _locked(item_id)
    actor.require("request.review", item.line)
    if item.state == "accepted" and item.substitute_id == user_id:
        return
    able = {one.user_id: one for one in list_candidates(line=item.line, now=now)}
    if user_id not in able or user_id == note.user_id:
        raise Invalid(field_errors={f"who-{item.id}": [_NO_GRANT]})
    away = _check_open(item, note, request, ("draft", "sent", "kept", "declined"), now=now)
    item.substitute_id, item.substitute_name = user_id, able[user_id].name
    _take(item, note, request, away, actor=actor, now=now)


def settle(*, absence_id: UUID, actor: Actor, now: datetime) -> None:
    """A supervisor says that this client needs no note; again is nothing."""
    actor.require("request.review")
    if actor.side != "provider":
        raise Forbidden
    note = queries.find_note(absence_id=absence_id, lock=True)
    if note is None:
        raise NotFound
    if note.settled_at is None:
        note.settled_at, note.settled_by_name = now, actor.name
        audit.record(
            "service_requests.handover.settled", actor=actor, now=now, object_type="handover",
            object_id=note.id, absence=absence_id, person=note.user_id,
        )  # fmt: skip
        db.session.flush()


def hand_to_substitute(
    item: HandoverItem, note: HandoverNote, request: ServiceRequest, *, actor: Actor, now: datetime
) -> None:
    """The work of an accepted one changes hands; `request` is held."""
    assert item.substitute_id is not None
    who = Candidate(item.substitute_id, item.substitute_name)
    choice = Choice(who, "handover", (Passed(note.user_id, "away"),))
    give(request, choice, cause="handover", actor=actor, now=now)
    item.given_at = now
    db.session.flush()


def _locked(item_id: UUID) -> tuple[HandoverItem, HandoverNote, ServiceRequest]:
    """The request first, as everywhere, then the item."""
    item = queries.get_item(item_id=item_id)
    request = lock_request(request_id=item.request_id)
    assert request is not None
    queries.lock_item(item)
    return item, queries.get_note(note_id=item.note_id), request


def _check_own(item: HandoverItem, actor: Actor) -> None:
    """What is handed to others is not there."""
    if item.substitute_id != actor.user_id or actor.side != "provider":
        raise NotFound
    actor.require("request.work", item.line)


def _check_open(
    item: HandoverItem, note: HandoverNote, request: ServiceRequest, states: tuple[str, ...], *,
    now: datetime,
) -> Away:  # fmt: skip
    if item.state not in states:
        raise AnsweredAlready
    if request.assignee_id != note.user_id or request.state not in TO_DO:
        raise NotTheirs
    return queries.get_absence(absence_id=note.absence_id, user_id=note.user_id, now=now)


def _take(
    item: HandoverItem, note: HandoverNote, request: ServiceRequest, away: Away, *, actor: Actor,
    now: datetime,
) -> None:  # fmt: skip
    item.state, item.reason, item.raised_at = "accepted", "", None
    _answered(item, actor=actor, now=now)
    _record("accepted", item, note, actor=actor, now=now)
    if away.starts_at <= now:
        hand_to_substitute(item, note, request, actor=actor, now=now)


def _answered(item: HandoverItem, *, actor: Actor, now: datetime) -> None:
    item.answered_at, item.answered_by, item.answered_by_name = now, actor.user_id, actor.name


def _record(
    what: str, item: HandoverItem, note: HandoverNote, *, actor: Actor, now: datetime
) -> None:
    audit.record(
        f"service_requests.handover.{what}", actor=actor, now=now, object_type="request",
        object_id=item.request_id, item=item.id, absence=note.absence_id,
        assignee=item.substitute_id, passed=[{"user": str(note.user_id), "why": "away"}],
    )  # fmt: skip
    db.session.flush()
