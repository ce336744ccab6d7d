"""The page of one request, for both sides: everything its template shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, make_response, render_template

from app.auth.current import current_actor, current_identity
from app.auth.identity import TenantContext
from app.service_requests import panels, presenting, schemas
from app.service_requests.catalogue import get_item
from app.service_requests.models import ServiceRequest
from app.service_requests.package import package_hash
from app.service_requests.queries import get_conversation
from app.service_requests.transitions import TRANSITIONS
from app.web.forms import BoundForm
from app.web.headers import wants_fragment
from app.web.i18n import text
from tenants.core import clock
from tenants.core.errors import CoulisseError
from tenants.permissions import Actor
from tenants.queries import list_members

FORMS: Mapping[str, type[schemas.ActForm]] = {
    "act": schemas.ActForm,
    "message": schemas.MessageForm,
    "note": schemas.NoteForm,
    "question": schemas.QuestionForm,
    "answer": schemas.AnswerForm,
    "cancel": schemas.ReasonForm,
    "return": schemas.FindingsForm,
    "time": schemas.TimeForm,
    "deliverable": schemas.DeliverableForm,
    "approve": schemas.ApprovalForm,
    "refuse": schemas.RefusalForm,
}
# What the provider may do beside the moves of the table.
MORE: Mapping[str, frozenset[str]] = {
    "new": frozenset({"start"}),
    "assigned": frozenset({"deliver"}),
    "in_progress": frozenset({"deliver"}),
    "waiting_client": frozenset({"ask"}),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an act was refused; `seen` is when the page with its form was made."""

    error: CoulisseError
    form: str
    seen: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """Forms of the page by name; a refused one comes back with what was typed."""

    refused: Mapping[str, BoundForm] = field(default_factory=dict)
    problem: Problem | None = None


def current_client() -> TenantContext:
    identity = current_identity()
    assert identity is not None
    assert identity.tenant is not None
    return identity.tenant


def local_today() -> Any:
    identity = current_identity()
    zone = ZoneInfo(identity.time_zone) if identity else None
    return clock.now().astimezone(zone).date()


def render_request(request: ServiceRequest, shown: Shown | None = None) -> Response:
    shown = shown or Shown()
    actor, now, client = current_actor(), clock.now(), current_client()
    problem = shown.problem
    found = get_conversation(actor=actor, request=request)
    current = [row for row in found.deliverables if row.superseded_at is None]
    sha256 = package_hash(current)
    template = (
        "service_requests/_request.html" if wants_fragment() else "service_requests/show.html"
    )
    provider = actor.side == "provider"
    return make_response(
        render_template(
            template,
            r=request,
            client=client,
            provider=provider,
            me=actor.user_id,
            item=get_item(request.item),
            subject=presenting.subject_of(request.item, request.title),
            state=presenting.state_pill(request.state, actor.side),
            due=presenting.due_pill(request.state, request.due_at, now),
            may=allowed(actor, request),
            own_work=provider and actor.user_id == request.preparer_id,
            approver=actor.can("request.approve", request.line),
            proves=actor.can("evidence.read", request.line),
            thread=presenting.thread(found, seen=problem.seen if problem else None),
            news=presenting.news(found, problem.seen if problem else None),
            open_questions=[row for row in found.questions if row.is_open],
            events=presenting.history(found.moves),
            form_values=presenting.form_values(request),
            slot_label=presenting.slot_label,
            uploads=[row for row in found.files if row.message_id is None],
            deliverables=current,
            superseded=[row for row in found.deliverables if row.superseded_at is not None],
            package=sha256,
            time_entries=found.time_entries,
            minutes=sum(row.minutes for row in found.time_entries),
            waits=presenting.span(int((now - request.state_since).total_seconds() // 60)),
            recipients=_recipients(actor, request),
            panel=panels.find_panel(actor=actor, request=request),
            forms=_forms(request, client.slug, sha256, now, shown),
            problem=problem,
            problem_text=text(problem.error.message, problem.error.params) if problem else "",
        ),
        problem.error.status if problem else 200,
    )


def allowed(actor: Actor, request: ServiceRequest) -> frozenset[str]:
    """The verbs whose buttons this page has; the services decide again."""
    verbs = {
        move.verb
        for move in TRANSITIONS
        if (move.source, move.who) == (request.state, actor.side)
        and actor.can(move.permission, request.line)
    }
    works = actor.side == "provider" and actor.can("request.work", request.line)
    if request.state == "in_review" and actor.user_id == request.preparer_id:
        verbs -= {"return", "pass"}
    if request.is_open and (works or actor.can("request.answer", request.line)):
        verbs.add("message")
    if works and request.is_open:
        verbs |= {"time", "assign"} | MORE.get(request.state, frozenset())
        if request.assignee_id == actor.user_id:
            verbs.discard("assign")
    if actor.side == "provider" and actor.can("note.write", request.line):
        verbs.add("note")
    return frozenset(verbs)


def _forms(
    request: ServiceRequest, slug: str, sha256: str, now: datetime, shown: Shown
) -> dict[str, BoundForm]:
    values = {
        "client": slug,
        "version": request.version,
        "sha256": sha256,
        "worked_on": local_today(),
        "billable": True,
    }
    forms = {name: BoundForm(schema, values=values, prefix=name) for name, schema in FORMS.items()}
    forms |= shown.refused
    for form in forms.values():
        # A refused form is sent again from what is shown now: its draft stays, its version doesn't.
        for name in ("client", "version", "sha256"):
            if name in form:
                form[name].value = values[name]
        form["seen"].value = now.isoformat()
    return forms


def _recipients(actor: Actor, request: ServiceRequest) -> list[str]:
    if actor.side == "client":
        return [request.assignee_name or text("Coulisse")]
    return [one.display_name for one in list_members() if request.line in one.lines]
