"""What somebody can't do any more goes to others: their grant ended, or they are away."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.contracts.queries import get_terms
from app.service_requests.assignment.models import Standin
from app.service_requests.assignment.queries import (
    begin_standin,
    came_back_ids,
    get_standin,
    list_in_hands,
    list_untouched_ids,
    live_names,
    lock_request,
)
from app.service_requests.assignment.recording import choice_for, give, say_left
from app.service_requests.handover.queries import begin_note, find_note, handed_over
from app.service_requests.handover.rules import WRITING
from app.service_requests.handover.services.watching import miss, watch
from app.service_requests.models import ServiceRequest
from app.service_requests.services.assigning import hand_back_from
from app.service_requests.services.supervision import open_task
from app.staffing.queries import Standing, standings
from tenants.core.errors import Forbidden
from tenants.permissions import Actor


def stand_in(*, actor: Actor, now: datetime) -> None:
    """Of the client in scope; again changes nothing."""
    if actor.side != "system":
        raise Forbidden
    watch(actor=actor, now=now)
    held = list_in_hands()
    people = standings(user_ids={one.assignee_id for one in held if one.assignee_id}, at=now)
    live = {line: live_names(line=line, now=now) for line in {one.line for one in held}}
    away: dict[UUID, list[ServiceRequest]] = defaultdict(list)
    for request in held:
        person = people.get(request.assignee_id) if request.assignee_id else None
        if person is None or person.user_id not in live[request.line]:
            _without_grant(request, actor=actor, now=now)
        elif person.away_until is not None and request.due_at < person.away_until:
            away[person.user_id].append(request)
    for user_id, requests in away.items():
        _while_away(people[user_id], requests, actor=actor, now=now)
    for request_id in list_untouched_ids():
        _try_again(request_id, actor=actor, now=now)


def _without_grant(request: ServiceRequest, *, actor: Actor, now: datetime) -> None:
    before = request.assignee_id
    row = lock_request(request_id=request.id)
    if row is None or row.assignee_id != before:
        return
    choice = choice_for(row, now=now)
    if choice.who is not None:
        give(row, choice, cause="grant", actor=actor, now=now)
    else:
        hand_back_from(row, actor=actor, now=now)
        say_left(row, choice, cause="grant", actor=actor, now=now)


def _while_away(
    person: Standing, requests: Sequence[ServiceRequest], *, actor: Actor, now: datetime
) -> None:
    """Once for each absence: what is given to somebody knowingly while they are away stays. What
    stands in a note that was sent goes to whoever accepts it, and what was sent back to them since
    goes to others too."""
    assert person.absence_id is not None
    noted = handed_over(absence_id=person.absence_id)
    requests = [one for one in requests if one.id not in noted]
    if not requests or _is_writing(person.absence_id, now=now):
        return
    done = begin_standin(absence_id=person.absence_id, user_id=person.user_id, now=now)
    first, name = done is not None, requests[0].assignee_name
    if done is None:
        done = get_standin(absence_id=person.absence_id)
        back = came_back_ids(request_ids=[one.id for one in requests], since=done.at)
        requests = [one for one in requests if one.id in back]
    for request in requests:
        _to_others(request, person, done, actor=actor, now=now)
    if first and not noted:
        note = begin_note(
            absence_id=person.absence_id, user_id=person.user_id,
            user_name=name, now=now,
        )  # fmt: skip
        miss(note, actor=actor, now=now)


def _to_others(
    request: ServiceRequest, person: Standing, done: Standin, *, actor: Actor, now: datetime
) -> None:
    """Where nobody can, a supervisor has a task; it is said once."""
    row = lock_request(request_id=request.id)
    if row is None or row.assignee_id != person.user_id:
        return
    choice = choice_for(row, now=now)
    if choice.who is not None:
        give(row, choice, cause="absence", actor=actor, now=now)
        done.moved += 1
    elif open_task(
        request=row, kind="stand_in", about_id=row.id, calendar=get_terms(now).calendar,
        actor=actor, now=now,
    ):  # fmt: skip
        say_left(row, choice, cause="absence", actor=actor, now=now)
        done.left_over += 1


def _is_writing(absence_id: UUID, *, now: datetime) -> bool:
    note = find_note(absence_id=absence_id)
    return note is not None and note.sent_at is None and now < note.changed_at + WRITING


def _try_again(request_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Somebody may be back; what still finds nobody was said when it was raised."""
    request = lock_request(request_id=request_id)
    if request is None or request.assignee_id is not None or request.state != "new":
        return
    choice = choice_for(request, now=now)
    if choice.who is not None:
        give(request, choice, cause="raised", actor=actor, now=now)
