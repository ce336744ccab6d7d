"""How the time of a request is counted, and the client's objection to a pause."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.service_requests import presenting
from app.service_requests.clock_schemas import ContestForm, ExclusionForm, VerdictForm
from app.service_requests.models import ServiceRequest
from app.service_requests.queries import get_request
from app.service_requests.schemas import ActForm
from app.service_requests.sla import contests, exclusions, showing
from app.service_requests.sla.queries import get_contest, get_exclusion, list_exclusions
from app.service_requests.sla.reading import explain
from app.service_requests.views.acting import check_client
from app.service_requests.views.blueprint import bp
from app.service_requests.views.rendering import current_client
from app.web.forms import BoundForm
from app.web.headers import wants_fragment
from tenants.core import clock
from tenants.core.db import db
from tenants.core.errors import CoulisseError, Invalid
from tenants.endpoints import tenant
from tenants.permissions import Actor


@bp.get("/<int:number>/clock")
@tenant("request.read")
def show_clock(slug: str, number: int) -> ResponseReturnValue:
    """A page, or what the request's page opens at its side."""
    return _page(get_request(actor=current_actor(), number=number))


@bp.post("/<int:number>/clock/pauses/<uuid:pause_id>/contest")
@tenant("request.answer")
def contest_pause(slug: str, number: int, pause_id: UUID) -> ResponseReturnValue:
    actor, now = current_actor(), clock.now()
    row = get_request(actor=actor, number=number)
    form = BoundForm(ContestForm, request.form, prefix=f"contest-{pause_id}")
    if form.load():
        try:
            check_client(slug)
            contests.contest(
                request=row, pause_id=pause_id, words=form.data["words"], actor=actor, now=now
            )
            return _back(slug, number)
        except Invalid as error:
            return _refused(number, f"contest-{pause_id}", form, error)
    return _page(row, {f"contest-{pause_id}": form}, form.status)


@bp.post("/<int:number>/clock/contests/<uuid:contest_id>")
@tenant("request.review")
def decide_contest(slug: str, number: int, contest_id: UUID) -> ResponseReturnValue:
    actor, now = current_actor(), clock.now()
    row = get_request(actor=actor, number=number)
    form = BoundForm(VerdictForm, request.form, prefix=f"verdict-{contest_id}")
    if form.load():
        try:
            check_client(slug)
            contests.decide(
                request=row, contest=get_contest(request_id=row.id, contest_id=contest_id),
                upheld=form.data["outcome"] == "upheld", answer=form.data["answer"], actor=actor,
                now=now,
            )  # fmt: skip
            return _back(slug, number)
        except Invalid as error:
            return _refused(number, f"verdict-{contest_id}", form, error)
    return _page(row, {f"verdict-{contest_id}": form}, form.status)


@bp.post("/<int:number>/clock/exclusions")
@tenant("request.review")
def propose_exclusion(slug: str, number: int) -> ResponseReturnValue:
    actor, now = current_actor(), clock.now()
    row = get_request(actor=actor, number=number)
    form = BoundForm(ExclusionForm, request.form, prefix="exclusion")
    if form.load():
        check_client(slug)
        exclusions.propose(
            request=row, kind=form.data["kind"], words=form.data["words"], actor=actor, now=now,
            known=list_exclusions(request_id=row.id),
        )  # fmt: skip
        return _back(slug, number)
    return _page(row, {"exclusion": form}, form.status)


@bp.post("/<int:number>/clock/exclusions/<uuid:exclusion_id>/confirm")
@tenant("request.review")
def confirm_exclusion(slug: str, number: int, exclusion_id: UUID) -> ResponseReturnValue:
    actor, now = current_actor(), clock.now()
    row = get_request(actor=actor, number=number)
    check_client(slug)
    found = get_exclusion(request_id=row.id, exclusion_id=exclusion_id)
    exclusions.confirm(request=row, exclusion=found, actor=actor, now=now)
    return _back(slug, number)


def _back(slug: str, number: int) -> ResponseReturnValue:
    return redirect(url_for("service_requests.show_clock", slug=slug, number=number), 303)


def _refused(number: int, name: str, form: BoundForm, error: CoulisseError) -> Response:
    db.session.rollback()
    form.refuse(error)
    return _page(get_request(actor=current_actor(), number=number), {name: form}, form.status)


def _page(
    row: ServiceRequest, refused: dict[str, BoundForm] | None = None, status: int = 200
) -> Response:
    actor, now = current_actor(), clock.now()
    template = "_clock.html" if wants_fragment() and not refused else "clock.html"
    return make_response(
        render_template(
            f"service_requests/{template}", r=row, client=current_client(),
            provider=actor.side == "provider",
            subject=presenting.subject_of(row.item, row.title),
            **_facts(row, actor, now, refused or {}),
        ),
        status,
    )  # fmt: skip


def _facts(
    row: ServiceRequest, actor: Actor, now: datetime, refused: dict[str, BoundForm]
) -> dict[str, Any]:
    found = explain(row, now=now)
    client = actor.side == "client"

    def form(name: str, schema: type) -> BoundForm:
        values = {"client": current_client().slug}
        return refused.get(name) or BoundForm(schema, values=values, prefix=name)

    def pill(face: Any) -> Any:
        return showing.face_pill(face, provider=not client)

    return {
        "faces": found.faces,
        "terms": found.terms,
        "contested": any(one.outcome is None for one in found.contests),
        "names": showing.CLOCK_NAMES,
        "step_words": showing.STEPS,
        "pill": pill,
        "why": lambda reason: showing.why(reason, provider=not client),
        "may_contest": client and actor.can("request.answer", row.line),
        "may_decide": not client and actor.can("request.review", row.line),
        "exclusions": list_exclusions(request_id=row.id),
        "exclusion_names": exclusions.KINDS,
        "exclusion_form": form("exclusion", ExclusionForm),
        "confirm_form": form("confirm", ActForm),
        "me": actor.user_id,
        "contest_form": lambda pause_id: form(f"contest-{pause_id}", ContestForm),
        "verdict_form": lambda contest_id: form(f"verdict-{contest_id}", VerdictForm),
    }
