"""The note of somebody who is away or will be, at the client in scope: begun, kept, sent."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from app.calendars.holidays import default_calendar
from app.service_requests.assignment.queries import list_candidates, rules_for
from app.service_requests.assignment.rules import Candidate
from app.service_requests.handover import queries, telling
from app.service_requests.handover.models import HandoverItem, HandoverNote
from app.service_requests.handover.rules import answer_by, propose, waits_for_return
from app.service_requests.models import ServiceRequest
from app.staffing.queries import Away, get_member_of_team, list_away
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Forbidden, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor

# What its writer may still change; of the rest somebody has said yes, or it is over.
OPEN = ("draft", "sent", "kept", "declined")
LONGEST = 4000
_NO_GRANT = _m("This person has no live grant to work on this line for this client.")
_THEMSELVES = _m("Choose somebody else than the person who is away.")
_TOO_LONG = _m("At most 4,000 characters.")


@dataclass(frozen=True, slots=True)
class Line:
    """What is said of one item; without a substitute it waits for the return."""

    item_id: UUID
    substitute_id: UUID | None
    words: str = ""


def begin(*, absence_id: UUID, user_id: UUID, actor: Actor, now: datetime) -> HandoverNote | None:
    """Or brought up to date: what is new in their hands comes in with a substitute proposed, what
    left them goes. None where they have nothing to do here."""
    lines = lines_of(actor, user_id)
    away = queries.get_absence(absence_id=absence_id, user_id=user_id, now=now)
    held = queries.held_by(user_id=user_id, lines=lines)
    note = queries.find_note(absence_id=absence_id, lock=True)
    if note is None and not held:
        return None
    if note is None:
        name = get_member_of_team(user_id=user_id).display_name
        note = queries.begin_note(absence_id=absence_id, user_id=user_id, user_name=name, now=now)
    note.changed_at = now
    _bring_up_to_date(note, held, lines, away, now=now)
    return note


def keep(
    *, absence_id: UUID, user_id: UUID, words: str, lines: Sequence[Line], actor: Actor,
    now: datetime,
) -> HandoverNote:  # fmt: skip
    """As a draft; what was sent already is changed for its readers at once."""
    may = lines_of(actor, user_id)
    queries.get_absence(absence_id=absence_id, user_id=user_id, now=now)
    note = _note(absence_id, user_id)
    items = {one.id: one for one in queries.list_items(note_id=note.id, lock=True)}
    if len(words) > LONGEST:
        raise Invalid(field_errors={"words": [_TOO_LONG]})
    note.words, note.changed_at = words, now
    known: dict[str, Mapping[UUID, Candidate]] = {}
    for line in lines:
        item = items.get(line.item_id)
        # Of another line, or of what somebody answered meanwhile.
        if item is None or item.line not in may or item.state not in OPEN:
            continue
        if item.line not in known:
            known[item.line] = {
                one.user_id: one for one in list_candidates(line=item.line, now=now)
            }
        _write(item, line, note, known[item.line])
    db.session.flush()
    return note


def send(*, absence_id: UUID, user_id: UUID, actor: Actor, now: datetime) -> int:
    """What is new or changed, to whoever stands beside it; the same again is nothing. Answers how
    many requests somebody is asked to take over now."""
    may = lines_of(actor, user_id)
    away = queries.get_absence(absence_id=absence_id, user_id=user_id, now=now)
    note = _note(absence_id, user_id)
    drafts = [one for one in queries.list_items(note_id=note.id, lock=True)
              if one.line in may and one.state == "draft"]  # fmt: skip
    if note.sent_at is not None and not drafts:
        return 0
    until = answer_by(now, default_calendar(away.country, away.time_zone, away.region))
    asked = [item for item in drafts if _ask(item, until, now=now)]
    note.sent_at, note.sent_by_name = now, actor.name
    audit.record(
        "service_requests.handover.sent", actor=actor, now=now, object_type="handover",
        object_id=note.id, absence=absence_id, person=user_id, asked=len(asked),
        kept=len(drafts) - len(asked),
    )  # fmt: skip
    telling.handed_over(note, asked, actor=actor, now=now)
    db.session.flush()
    return len(asked)


def lines_of(actor: Actor, user_id: UUID) -> list[str]:
    """Those of one's own work; of somebody else's those that one reviews."""
    right = "request.work" if actor.user_id == user_id else "request.review"
    actor.require(right)
    if actor.side != "provider":
        raise Forbidden
    return [line for line in actor.visible_lines if actor.can(right, line)]


def _note(absence_id: UUID, user_id: UUID) -> HandoverNote:
    note = queries.find_note(absence_id=absence_id, lock=True)
    if note is None or note.user_id != user_id:
        raise queries.NoAbsence
    return note


def _bring_up_to_date(
    note: HandoverNote, held: Sequence[ServiceRequest], lines: Collection[str], away: Away, *,
    now: datetime,
) -> None:  # fmt: skip
    there = {one.request_id: one for one in queries.list_items(note_id=note.id, lock=True)}
    holds = {one.id for one in held}
    for old in there.values():
        if old.state == "draft" and old.line in lines and old.request_id not in holds:
            db.session.delete(old)
    facts = queries.facts_of(held)
    said = queries.earlier_words(
        user_id=note.user_id, request_ids=[one.id for one in held if one.id not in there]
    )
    able = {
        line: _able(line, away, now=now)
        for line in {one.line for one in held if one.id not in there}
    }
    for request in held:
        item = there.get(request.id)
        if item is None:
            item = HandoverItem(
                id=uuid7(), note_id=note.id, request_id=request.id, line=request.line,
                words=said.get(request.id, ""), state="draft",
            )  # fmt: skip
            _propose(item, request, able[request.line], away)
            db.session.add(item)
        elif item.state == "void":
            item.state = "draft"
        if item.state in OPEN:
            item.facts = facts[request.id]
    db.session.flush()


def _able(line: str, away: Away, *, now: datetime) -> list[Candidate]:
    """Who may work on the line, marked as away when they are at some time of this absence."""
    found = list_candidates(line=line, now=now)
    busy = {
        one.user_id: one.ends_at
        for one in list_away(
            user_ids=[one.user_id for one in found],
            since=max(now, away.starts_at), until=away.ends_at,
        )
    }  # fmt: skip
    return [replace(one, away_until=busy.get(one.user_id)) for one in found]


def _propose(
    item: HandoverItem, request: ServiceRequest, able: Sequence[Candidate], away: Away
) -> None:
    if waits_for_return(request.due_at, away.ends_at):
        return
    rules = rules_for(line=request.line, item=request.item)
    who = propose(rules, able, absent=away.user_id)
    if who is not None:
        item.substitute_id, item.substitute_name = who.user_id, who.name


def _write(
    item: HandoverItem, line: Line, note: HandoverNote, able: Mapping[UUID, Candidate]
) -> None:
    field = f"who-{item.id}"
    if line.substitute_id == note.user_id:
        raise Invalid(field_errors={field: [_THEMSELVES]})
    # Whoever stands there already may stay: supervisors are told when they can't answer.
    if line.substitute_id not in (None, item.substitute_id) and line.substitute_id not in able:
        raise Invalid(field_errors={field: [_NO_GRANT]})
    if len(line.words) > LONGEST:
        raise Invalid(field_errors={f"words-{item.id}": [_TOO_LONG]})
    item.words = line.words
    if line.substitute_id == item.substitute_id:
        return
    who = able[line.substitute_id] if line.substitute_id else None
    item.substitute_id, item.substitute_name = (who.user_id, who.name) if who else (None, "")
    item.state, item.reason, item.raised_at = "draft", "", None


def _ask(item: HandoverItem, until: datetime, *, now: datetime) -> bool:
    """Whether somebody is asked to take it over."""
    item.sent_at = now
    item.state = "kept" if item.substitute_id is None else "sent"
    item.answer_by = until if item.substitute_id is not None else None
    return item.state == "sent"
