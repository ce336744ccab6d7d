"""Writing the report: ask for it, watch it, find it."""

from flask import Response, make_response, redirect, render_template
from flask.typing import ResponseReturnValue

from app.finance.opened import Opened, open_control
from app.finance.schemas import DecisionForm
from app.finance.services import reporting
from app.finance.views import opening
from app.finance.views.blueprint import bp
from app.web.headers import wants_fragment
from tenants.endpoints import tenant


@bp.post("/report")
@tenant("payment_control.work")
def create_report(slug: str, number: int) -> ResponseReturnValue:
    opened = open_control(number)
    opening.decided_form(slug, opened, DecisionForm)
    reporting.request_report(**opened.who, control=opened.control)
    if not wants_fragment():
        return redirect(opening.workbench_url(slug, number), 303)
    return _box(slug, opened)


@bp.get("/report")
@tenant("request.read")
def report_progress(slug: str, number: int) -> ResponseReturnValue:
    """Asked by the progress bar; once the job has ended, the whole box takes its place."""
    opened = open_control(number)
    found = opening.report_context(opened.actor, opened.request, opened.control)
    if not wants_fragment():
        return redirect(opening.workbench_url(slug, number), 303)
    if found["report"] is not None and not found["report"].ended:
        return render_template(
            "finance/_report_progress.html", base=opening.workbench_url(slug, number), **found
        )
    response = _box(slug, opened)
    response.headers["HX-Retarget"] = "#report"
    response.headers["HX-Reswap"] = "outerHTML"
    return response


def _box(slug: str, opened: Opened) -> Response:
    return make_response(
        render_template("finance/_report.html", **opening.frame(slug, opened, "lines"))
    )
