"""What becomes of handed over work as time passes, at the client in scope."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from app.service_requests.assignment.queries import TO_DO, live_names, lock_request
from app.service_requests.handover import queries, telling
from app.service_requests.handover.models import HandoverItem, HandoverNote
from app.service_requests.handover.rules import Standing, needs_supervisor
from app.service_requests.handover.services.answering import hand_to_substitute
from app.service_requests.models import ServiceRequest
from app.staffing.queries import Away, list_away
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Forbidden
from tenants.permissions import Actor


def watch(*, actor: Actor, now: datetime) -> None:
    """Accepted work changes hands when its absence begins; supervisors are told, once, of what
    nobody took. What is over for another reason is void. Again changes nothing."""
    if actor.side != "system":
        raise Forbidden
    found, missing = queries.list_open_items(), queries.list_missing()
    concerned = {note.user_id for _, note, _ in found} | {note.user_id for note in missing}
    concerned |= {item.substitute_id for item, _, _ in found if item.substitute_id}
    away = _absences(concerned, now=now)
    gone = {one.user_id for one in away.values() if one.starts_at <= now}
    live = {
        line: live_names(line=line, now=now).keys() - gone
        for line in {item.line for item, _, _ in found}
    }
    for note in missing:
        _settle_over(note, away.get(note.absence_id), actor=actor, now=now)
    for item, note, request in found:
        absence = away.get(note.absence_id)
        if absence is None or not _with_absent(request, note):
            _end(item, actor=actor, now=now)
        elif item.state == "accepted":
            able = item.substitute_id in live[item.line]
            _begin(item, note, absence, able=able, actor=actor, now=now)
        elif item.raised_at is None:
            able = item.substitute_id is None or item.substitute_id in live[item.line]
            standing = Standing(item.state, request.due_at, item.answer_by, able)
            why = needs_supervisor(
                standing, starts_at=absence.starts_at, ends_at=absence.ends_at, now=now
            )
            if why:
                _raise(item, note, why, actor=actor, now=now)
    db.session.flush()


def miss(note: HandoverNote, *, actor: Actor, now: datetime) -> None:
    """The absence began without it; a part of standing in."""
    if note.sent_at is None and note.missing_at is None and note.settled_at is None:
        note.missing_at = now
        audit.record(
            "service_requests.handover.missed", actor=actor, now=now, object_type="handover",
            object_id=note.id, absence=note.absence_id, person=note.user_id,
        )  # fmt: skip
        telling.needs_supervisor(note, actor=actor)
        db.session.flush()


def _absences(user_ids: set[UUID], *, now: datetime) -> Mapping[UUID, Away]:
    if not user_ids:
        return {}
    found = list_away(user_ids=user_ids, since=now, until=now + queries.AHEAD)
    return {one.absence_id: one for one in found}


def _settle_over(
    note: HandoverNote, absence: Away | None, *, actor: Actor, now: datetime
) -> None:  # fmt: skip
    """Nobody misses the note of an absence that is over."""
    if absence is None:
        note.settled_at, note.settled_by_name = now, actor.name


def _with_absent(request: ServiceRequest, note: HandoverNote) -> bool:
    return request.assignee_id == note.user_id and request.state in TO_DO


def _end(item: HandoverItem, *, actor: Actor, now: datetime) -> None:
    """The absence was cancelled or is over, the work is done or somebody else's."""
    queries.lock_item(item)
    if item.given_at is None and item.state != "void":
        item.state, item.raised_at = "void", None
        db.session.flush()


def _begin(
    item: HandoverItem, note: HandoverNote, absence: Away, *, able: bool, actor: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """Who lost their access since they said yes, or is away now, gets nothing: a supervisor asks
    others."""
    if absence.starts_at > now and able:
        return
    request = lock_request(request_id=item.request_id)
    queries.lock_item(item)
    if request is None or item.state != "accepted" or item.given_at is not None:
        return
    if not able:
        item.state, item.answer_by = "sent", item.answer_by or now
        db.session.flush()
        _raise(item, note, "no_access", actor=actor, now=now)
    elif _with_absent(request, note):
        hand_to_substitute(item, note, request, actor=actor, now=now)


def _raise(
    item: HandoverItem, note: HandoverNote, why: str, *, actor: Actor, now: datetime
) -> None:
    queries.lock_item(item)
    if item.raised_at is not None or item.state not in ("sent", "kept", "declined", "accepted"):
        return
    item.raised_at = now
    audit.record(
        "service_requests.handover.raised", actor=actor, now=now, object_type="request",
        object_id=item.request_id, item=item.id, why=why,
    )  # fmt: skip
    telling.needs_supervisor(note, actor=actor)
    db.session.flush()
