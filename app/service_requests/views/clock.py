"""How the time of a request is counted, and the client's objection to a pause."""

from collections.abc import Callable
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
from app.service_requests.views.blueprint import bp
from app.service_requests.views.rendering import current_client
from app.service_requests.views.sending import carried_out
from app.web.forms import BoundForm
from app.web.headers import wants_fragment
from tenants.core import clock
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
    return _act(
        slug, number, f"contest-{pause_id}", ContestForm,
        lambda who, data: contests.contest(pause_id=pause_id, words=data["words"], **who),
    )  # fmt: skip


@bp.post("/<int:number>/clock/contests/<uuid:contest_id>")
@tenant("request.review")
def decide_contest(slug: str, number: int, contest_id: UUID) -> ResponseReturnValue:
    return _act(
        slug, number, f"verdict-{contest_id}", VerdictForm,
        lambda who, data: contests.decide(
            contest=get_contest(request_id=who["request"].id, contest_id=contest_id),
            upheld=data["outcome"] == "upheld", answer=data["answer"], **who,
        ),
    )  # fmt: skip


@bp.post("/<int:number>/clock/exclusions")
@tenant("request.review")
def propose_exclusion(slug: str, number: int) -> ResponseReturnValue:
    return _act(
        slug, number, "exclusion", ExclusionForm,
        lambda who, data: exclusions.propose(
            kind=data["kind"], words=data["words"],
            known=list_exclusions(request_id=who["request"].id), **who,
        ),
    )  # fmt: skip


@bp.post("/<int:number>/clock/exclusions/<uuid:exclusion_id>/confirm")
@tenant("request.review")
def confirm_exclusion(slug: str, number: int, exclusion_id: UUID) -> ResponseReturnValue:
    return _act(
        slug, number, f"confirm-{exclusion_id}", ActForm,
        lambda who, data: exclusions.confirm(
            exclusion=get_exclusion(request_id=who["request"].id, exclusion_id=exclusion_id), **who
        ),
    )  # fmt: skip


def _act(
    slug: str, number: int, name: str, schema: type[ActForm],
    work: Callable[[dict[str, Any], dict[str, Any]], object],
) -> ResponseReturnValue:  # fmt: skip
    row = get_request(actor=current_actor(), number=number)
    who = {"request": row, "actor": current_actor(), "now": clock.now()}
    form = BoundForm(schema, request.form, prefix=name)
    if carried_out(form, slug, lambda data: work(who, data)):
        return redirect(url_for("service_requests.show_clock", slug=slug, number=number), 303)
    return _page(row, {name: form}, form.status)


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
        "confirm_form": lambda exclusion_id: form(f"confirm-{exclusion_id}", ActForm),
        "me": actor.user_id,
        "contest_form": lambda pause_id: form(f"contest-{pause_id}", ContestForm),
        "verdict_form": lambda contest_id: form(f"verdict-{contest_id}", VerdictForm),
    }
