"""Who decides for an approver who is away."""

from datetime import timedelta
from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.catalogue.lines import LINES
from app.service_requests.approvals.queries import get_delegation, list_delegations
from app.service_requests.delegate_forms import DelegateForm
from app.service_requests.services.delegations import delegate, end_delegation
from app.service_requests.views.blueprint import bp
from app.service_requests.views.rendering import current_client, local_today
from app.service_requests.views.sending import carried_out
from app.web.forms import BoundForm
from app.web.other_client import check_client
from tenants.core import clock
from tenants.endpoints import tenant
from tenants.queries import list_members

# Ended ones stay in sight for a while.
SHOWN = timedelta(days=90)


@bp.get("/delegates")
@tenant("company.read")
def delegates(slug: str) -> ResponseReturnValue:
    return _page(_form())


@bp.post("/delegates")
@tenant("request.approve")
def add_delegate(slug: str) -> ResponseReturnValue:
    form, zone = _form(sent=True), current_client().time_zone
    if not carried_out(form, slug, lambda data: delegate(
        actor=current_actor(), now=clock.now(), time_zone=zone,
        **{name: value for name, value in data.items() if name != "client"},
    )):  # fmt: skip
        return _page(form)
    return redirect(url_for("service_requests.delegates", slug=slug, done="added"), 303)


@bp.post("/delegates/<uuid:delegation_id>/end")
@tenant("company.read")
def end_delegate(slug: str, delegation_id: UUID) -> ResponseReturnValue:
    actor = current_actor()
    check_client(slug)
    row = get_delegation(actor=actor, delegation_id=delegation_id)
    end_delegation(delegation=row, actor=actor, now=clock.now())
    return redirect(url_for("service_requests.delegates", slug=slug, done="ended"), 303)


def _form(*, sent: bool = False) -> BoundForm:
    actor, today = current_actor(), local_today()
    lines = [line for line in LINES if actor.can("request.approve", line)]
    choices = {
        "delegate_id": [
            (str(one.user_id), one.display_name)
            for one in (list_members() if lines else [])
            if one.user_id != actor.user_id and not one.approver
        ],
        "lines": [(line, LINES[line]) for line in lines],
    }
    values = {"client": current_client().slug, "lines": lines, "starts_on": today, "ends_on": today}
    return BoundForm(DelegateForm, request.form if sent else None, values=values, choices=choices)


def _page(form: BoundForm) -> Response:
    actor, now = current_actor(), clock.now()
    form["client"].value = current_client().slug
    page = render_template(
        "service_requests/approvals/delegates.html", client=current_client(), form=form, now=now,
        rows=list_delegations(actor=actor, since=now - SHOWN), me=actor.user_id, lines=LINES,
        approver=actor.can("request.approve"), administers=actor.can("people.manage"),
        done=request.args.get("done", ""),
    )  # fmt: skip
    return make_response(page, form.status)
