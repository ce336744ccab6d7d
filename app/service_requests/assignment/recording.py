"""A choice for one request, and what it changes; the history keeps why, for the provider alone."""

from datetime import datetime
from uuid import UUID

from app.service_requests import telling
from app.service_requests.assignment.queries import list_candidates, rules_for
from app.service_requests.assignment.rules import Candidate, Choice, Passed, choose, obstacle_of
from app.service_requests.models import ServiceRequest
from tenants import audit
from tenants.core.db import db
from tenants.permissions import Actor


def choice_for(request: ServiceRequest, *, now: datetime) -> Choice:
    rules = rules_for(line=request.line, item=request.item)
    return choose(rules, list_candidates(line=request.line, now=now) if rules else [])


def choice_with_first(request: ServiceRequest, user_id: UUID, *, now: datetime) -> Choice:
    """Somebody named for this very work before whom the rules name; 'usual' when they can take it."""
    able = list_candidates(line=request.line, now=now)
    first = next((one for one in able if one.user_id == user_id), None)
    obstacle = "no_grant" if first is None else obstacle_of(first, "")
    if not obstacle:
        return Choice(first, "usual")
    rules = rules_for(line=request.line, item=request.item)
    found = choose(rules, [one for one in able if one.user_id != user_id])
    return Choice(found.who, found.why, (Passed(user_id, obstacle), *found.passed))


def give(
    request: ServiceRequest, choice: Choice, *, cause: str, actor: Actor, now: datetime
) -> None:
    """To somebody who was chosen; `cause` is 'raised', 'grant', 'absence', 'handover'
    or 'recurring'."""
    who: Candidate | None = choice.who
    assert who is not None
    before = request.assignee_id
    request.assignee_id, request.assignee_name = who.user_id, who.name
    audit.record(
        "service_requests.request.given", actor=actor, now=now, object_type="request",
        object_id=request.id, assignee=who.user_id, instead_of=before, cause=cause, why=choice.why,
        passed=_passed(choice),
    )  # fmt: skip
    telling.assigned(request, actor=actor, now=now)
    db.session.flush()


def say_left(
    request: ServiceRequest, choice: Choice, *, cause: str, actor: Actor, now: datetime
) -> None:
    audit.record(
        "service_requests.request.left", actor=actor, now=now, object_type="request",
        object_id=request.id, assignee=request.assignee_id, cause=cause, why=choice.why,
        passed=_passed(choice),
    )  # fmt: skip


def _passed(choice: Choice) -> list[dict[str, str]]:
    return [{"user": str(one.user_id), "why": one.why} for one in choice.passed]
