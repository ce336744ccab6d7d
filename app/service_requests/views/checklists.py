"""Ticking the steps of a request's checklist."""

from uuid import UUID

from flask.typing import ResponseReturnValue

from app.service_requests.checklists import services as checklists
from app.service_requests.views.acting import perform
from app.service_requests.views.blueprint import bp
from tenants.core.text import _m
from tenants.endpoints import tenant


@bp.post("/<int:number>/steps/<uuid:step_id>/tick")
@tenant("request.work")
def tick_step(slug: str, number: int, step_id: UUID) -> ResponseReturnValue:
    return perform(
        number, "act", slug=slug, versioned=False, done=_m("Step done."),
        work=lambda act: checklists.tick(**act.who, step_id=step_id),
    )  # fmt: skip


@bp.post("/<int:number>/steps/<uuid:step_id>/untick")
@tenant("request.work")
def untick_step(slug: str, number: int, step_id: UUID) -> ResponseReturnValue:
    return perform(
        number, "act", slug=slug, versioned=False, done=_m("Step is open again."),
        work=lambda act: checklists.untick(**act.who, step_id=step_id),
    )  # fmt: skip
