"""The page of one request, for both sides: everything its template shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, make_response, render_template

from app.auth.current import current_actor, current_identity
from app.auth.identity import TenantContext
from app.calendars.business_time import BusinessCalendar
from app.contracts.queries import terms_from
from app.contracts.terms import DETAIL
from app.contracts.words import PRIORITY_NAMES
from app.playbooks.freshness import is_stale
from app.service_requests import (
    document_forms,
    form_showing,
    panels,
    presenting,
    schemas,
    time_presenting,
    time_schemas,
)
from app.service_requests.allowed import allowed
from app.service_requests.approvals.showing import find_approval
from app.service_requests.catalogue import item_of
from app.service_requests.checking.forms import ConfirmForm, FindingsForm
from app.service_requests.checking.rework import category_now, is_billed
from app.service_requests.checking.showing import check_of, offer_choices
from app.service_requests.checklists.showing import checklist_of
from app.service_requests.deadlines import CONFIRM_DAYS, REOPEN_DAYS, last_day
from app.service_requests.documents.showing import documents_context
from app.service_requests.lifecycle_schemas import LIFE_FORMS
from app.service_requests.models import ServiceRequest
from app.service_requests.offers.forms import OFFER_FORMS
from app.service_requests.offers.showing import OfferPart, offer_part
from app.service_requests.package import package_hash
from app.service_requests.page_queries import Conversation, get_conversation
from app.service_requests.reply_drafts.queries import Desktop, Held, get_desktop
from app.service_requests.results import offer_results
from app.service_requests.reviewing import review_asked
from app.service_requests.sla.marks import clock_marks
from app.service_requests.supervision.words import KINDS
from app.service_requests.views.acts import BY_NAME, MenuAct, choices_of, menu_of
from app.web.forms import BoundForm
from app.web.headers import wants_fragment
from app.web.i18n import text
from tenants.core import clock
from tenants.core.errors import CoulisseError
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor

FORMS: Mapping[str, type[schemas.ActForm]] = {
    "act": schemas.ActForm,
    "message": schemas.MessageForm,
    "note": schemas.NoteForm,
    "question": schemas.QuestionForm,
    "answer": schemas.AnswerForm,
    "cancel": schemas.ReasonForm,
    "return": FindingsForm,
    "pass": ConfirmForm,
    "time": time_schemas.TimeForm,
    "timer": time_schemas.TimerForm,
    "snooze": schemas.SnoozeForm,
    "deliverable": schemas.DeliverableForm,
    "approve": schemas.ApprovalForm,
    "refuse": schemas.RefusalForm,
    **OFFER_FORMS,
    "document": document_forms.DocumentForm,
    "unavailable": document_forms.UnavailableForm,
    "send_back": document_forms.SendBackForm,
    "task": document_forms.TaskForm,
}
ALL_FORMS: Mapping[str, type[schemas.ActForm]] = {**FORMS, **LIFE_FORMS}
# A held message that has not left by then does not leave any more.
LEAVES_WITHIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an act was refused; `seen` is when the page with its form was made."""

    error: CoulisseError
    form: str
    seen: datetime | None = None


@dataclass(frozen=True, slots=True)
class Days:
    """Until when a delivered request closes by itself, and can be reopened; both included."""

    today: date
    confirm: date | None = None
    reopen: date | None = None


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


def render_request(
    request: ServiceRequest, shown: Shown | None = None, *, act: str = ""
) -> Response:
    """`act` names the one of the menu whose form stands open."""
    shown = shown or Shown()
    actor, now, client = current_actor(), clock.now(), current_client()
    problem = shown.problem
    found = get_conversation(actor=actor, request=request, now=now)
    terms = terms_from(found.terms[0], now)
    current = [row for row in found.deliverables if row.superseded_at is None]
    sha256 = package_hash(current)
    template = (
        "service_requests/_request.html" if wants_fragment() else "service_requests/show.html"
    )
    provider = actor.side == "provider"
    findings_open = any(one.is_open for one in found.findings)
    days = _days(request, found, terms.calendar, now)
    reopenable = days.reopen is None or days.today <= days.reopen
    may = allowed(actor, request, reopenable=reopenable, checked=findings_open)
    kind_of_work = category_now(request, findings_open=findings_open)
    forms = _forms(request, client.slug, sha256, now, shown, kind_of_work)
    check = check_of(actor, request, found.findings, found.draws)
    offer_results(forms["deliverable"], request, current)
    offer_choices(forms, request, check)
    desktop = get_desktop(actor=actor, request=request, now=now)
    fill(forms, desktop.drafts, refused=shown.refused)
    opened = BY_NAME.get(problem.form if problem else act)
    if opened and opened.name in may:
        forms[opened.name] = _open_form(opened, forms, request, actor, now, found)
    approval = find_approval(
        actor=actor,
        request=request,
        approvals=found.approvals,
        rounds=found.rounds,
        sha256=sha256,
        now=now,
    )
    return make_response(
        render_template(
            template,
            r=request,
            now=now,
            client=client,
            provider=provider,
            me=actor.user_id,
            item=item_of(request),
            subject=presenting.subject_of(request.item, request.title),
            state=presenting.state_pill(request.state, actor.side),
            clocks=clock_marks(request, found.ledger, terms, now, provider=provider),
            may=may,
            menu=menu_of(may),
            opened=opened if opened and opened.name in may else None,
            days=days,
            linked=found.linked,
            since=_last_step(request, found),
            priority_names=PRIORITY_NAMES,
            state_pill=partial(presenting.state_pill, side=actor.side),
            needs_check=review_asked(request) or findings_open,
            check=check,
            own_work=provider and actor.user_id == request.preparer_id,
            approval=approval,
            **documents_context(
                actor=actor, request=request, lines=found.documents, calendar=terms.calendar
            ),
            ratings=found.ratings,
            watchers=found.watchers,
            tasks=found.tasks,
            task_kinds=KINDS,
            supervises=provider and actor.can("request.review", request.line),
            proves=actor.can("evidence.read", request.line),
            thread=presenting.thread(found, seen=problem.seen if problem else None),
            news=presenting.news(found, problem.seen if problem else None, actor.side),
            open_questions=[row for row in found.questions if row.is_open],
            form_values=form_showing.form_values(request),
            slot_label=form_showing.slot_label,
            uploads=[row for row in found.files if row.message_id is None],
            deliverables=current,
            superseded=[row for row in found.deliverables if row.superseded_at is not None],
            package=sha256,
            time_rows=time_presenting.rows(found.time_entries, actor, request),
            checklist=checklist_of(actor, request, found, local_today()),
            playbooks=found.playbooks,
            is_stale=is_stale,
            timer=time_presenting.timer_here(current_identity(), request.id, now),
            time=time_presenting.total_of(found, request, DETAIL if provider else terms.time.shown),
            time_shown=terms.time,
            waits=presenting.span(int((now - request.state_since).total_seconds() // 60)),
            recipients=_recipients(actor, request, found),
            panel=panels.find_panel(actor=actor, request=request),
            forms=forms,
            offer=_offers(request, actor, forms, now),
            replying=desktop.others,
            held=_leaving(request, desktop),
            problem=problem,
            problem_text=text(problem.error.message, problem.error.params) if problem else "",
        ),
        problem.error.status if problem else 200,
    )


def _offers(
    request: ServiceRequest, actor: Actor, forms: Mapping[str, BoundForm], now: datetime
) -> OfferPart | None:
    found = offer_part(actor=actor, request=request, today=local_today())
    if found is not None and found.open is not None:
        for name in ("accept_offer", "decline_offer"):
            forms[name]["offered"].value = found.open.sha256
    return found


def _days(
    request: ServiceRequest, found: Conversation, calendar: BusinessCalendar, now: datetime
) -> Days:
    if request.delivered_at is None or request.state not in ("delivered", "closed"):
        return Days(local_today())
    said = [row.at for row in found.messages if row.author_side == "client"]
    return Days(
        calendar.local_day(now),
        confirm=last_day(calendar, max([request.state_since, *said]), CONFIRM_DAYS),
        reopen=last_day(calendar, request.delivered_at, REOPEN_DAYS),
    )


def _last_step(request: ServiceRequest, found: Conversation) -> Any:
    """The move that brought it where it is."""
    return next(
        (row for row in reversed(found.moves)
         if row.target == request.state and row.source != row.target), None,
    )  # fmt: skip


def _open_form(
    opened: MenuAct, forms: Mapping[str, BoundForm], request: ServiceRequest, actor: Actor,
    now: datetime, found: Conversation,
) -> BoundForm:  # fmt: skip
    """The one that was refused, or a new one; with what there is to choose from."""
    choices = choices_of(opened.name, request=request, actor=actor, now=now, found=found)
    form = forms.get(opened.name)
    if form is None:
        values = {"client": current_client().slug, "version": request.version,
                  "seen": now.isoformat(), "priority": request.proposed_priority or request.priority,
                  "impact": request.impact, "urgency": request.urgency,
                  "planned_for": request.planned_for}  # fmt: skip
        form = BoundForm(ALL_FORMS[opened.name], values=values, prefix=opened.name)
        form["seen"].value = now.isoformat()
    for name, offered in choices.items():
        form[name].choices = offered
    return form


def _forms(
    request: ServiceRequest, slug: str, sha256: str, now: datetime, shown: Shown, kind_of_work: str
) -> dict[str, BoundForm]:
    values = {
        "client": slug,
        "version": request.version,
        "sha256": sha256,
        "worked_on": local_today(),
        "billable": is_billed(kind_of_work),
        "category": kind_of_work,
        "once": uuid7(),
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


def _leaving(request: ServiceRequest, desktop: Desktop) -> list[tuple[Held, int | None]]:
    """With the seconds until each has left and the page knows more; None for one that stays."""
    real_now = clock.real_now()
    return [
        (one, max(2, int((one.leaves_at - real_now).total_seconds()) + 2)
         if request.is_open and real_now - one.leaves_at < LEAVES_WITHIN else None)
        for one in desktop.held
    ]  # fmt: skip


def fill(
    forms: dict[str, BoundForm], drafts: Mapping[str, str], *, refused: Mapping[str, BoundForm]
) -> None:
    """What was being written stands there again; what was just refused is newer."""
    for kind, body in drafts.items():
        if kind in refused:
            continue
        if kind.startswith("answer-"):
            values = {field.name: field.value for field in forms["answer"]}
            forms[kind] = BoundForm(FORMS["answer"], values={**values, "answer": body}, prefix=kind)
        else:
            forms[kind]["body"].value = body


def _recipients(actor: Actor, request: ServiceRequest, found: Conversation) -> list[str]:
    if actor.side == "client":
        return [request.assignee_name or text("Coulisse")]
    return [
        text(_m("%(name)s (guest)"), {"name": one.display_name})
        if one.is_guest
        else one.display_name
        for one in found.members
        if request.line in one.lines
    ]
