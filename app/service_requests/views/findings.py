"""Ticking the findings of a quality check as fixed."""

from uuid import UUID

from flask.typing import ResponseReturnValue

from app.service_requests.checking.services import findings
from app.service_requests.views.acting import perform
from app.service_requests.views.blueprint import bp
from tenants.core.text import _m
from tenants.endpoints import tenant


@bp.post("/<int:number>/findings/<uuid:finding_id>/fixed")
@tenant("request.work")
def fix_finding(slug: str, number: int, finding_id: UUID) -> ResponseReturnValue:
    return perform(
        number, "act", slug=slug, versioned=False, done=_m("Finding fixed."),
        work=lambda act: findings.mark_fixed(**act.who, finding_id=finding_id),
    )  # fmt: skip


@bp.post("/<int:number>/findings/<uuid:finding_id>/open")
@tenant("request.work")
def open_finding(slug: str, number: int, finding_id: UUID) -> ResponseReturnValue:
    return perform(
        number, "act", slug=slug, versioned=False, done=_m("Finding is open again."),
        work=lambda act: findings.mark_open(**act.who, finding_id=finding_id),
    )  # fmt: skip
