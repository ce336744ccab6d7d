"""Making up for a past time, by choice."""

from collections.abc import Sequence
from datetime import timedelta

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.service_requests.recurring.forms import BackfillForm
from app.service_requests.recurring.models import Recurrence
from app.service_requests.recurring.queries import get_recurrence
from app.service_requests.recurring.rule_words import period_text
from app.service_requests.recurring.services import deciding
from app.service_requests.recurring.services.deciding import Missed
from app.service_requests.views.recurring.blueprint import bp
from app.service_requests.views.rendering import current_client, local_today
from app.service_requests.views.sending import carried_out
from app.web.forms import BoundForm
from tenants.core import clock
from tenants.core.errors import CoulisseError
from tenants.endpoints import tenant

USUALLY = timedelta(days=92)


@bp.get("/<int:recurrence_number>/backfill")
@tenant("request.work")
def preview_backfill(slug: str, recurrence_number: int) -> ResponseReturnValue:
    row, today = _row(recurrence_number), local_today()
    if "first" in request.args:
        return _page(row, BoundForm(BackfillForm, request.args))
    values = {"first": today - USUALLY, "last": today - timedelta(days=1), "client": slug}
    return _page(row, BoundForm(BackfillForm, values=values))


@bp.post("/<int:recurrence_number>/backfill")
@tenant("request.work")
def backfill(slug: str, recurrence_number: int) -> ResponseReturnValue:
    row, form = _row(recurrence_number, for_change=True), BoundForm(BackfillForm, request.form)
    actor, now = current_actor(), clock.now()
    if carried_out(form, slug, lambda data: deciding.backfill(
        recurrence=row, first=data["first"], last=data["last"], periods=data["period"],
        actor=actor, now=now,
    )):  # fmt: skip
        return redirect(
            url_for("recurring.show", slug=slug, recurrence_number=recurrence_number,
                    done="backfill"), 303,
        )  # fmt: skip
    return _page(_row(recurrence_number), form)


def _row(number: int, *, for_change: bool = False) -> Recurrence:
    actor = current_actor()
    row = get_recurrence(actor=actor, number=number, for_change=for_change)
    actor.require("request.work", row.line)
    return row


def _page(row: Recurrence, form: BoundForm) -> Response:
    found: Sequence[Missed] | None = None
    if form.submitted and (form.data or form.load()):
        try:
            found = deciding.preview(
                recurrence=row, first=form.data["first"], last=form.data["last"], now=clock.now()
            )
        except CoulisseError as error:
            if not form.invalid:
                form.refuse(error)
    form["client"].value = current_client().slug
    page = render_template(
        "recurring/backfill.html", client=current_client(), r=row, form=form, found=found,
        period_text=period_text,
    )  # fmt: skip
    return make_response(page, form.status)
