"""What is done on the page of one recurring work."""

from collections.abc import Callable
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import Schema

from app.auth.current import current_actor
from app.service_requests.recurring.forms import PauseForm, PeriodForm
from app.service_requests.recurring.models import Recurrence
from app.service_requests.recurring.queries import get_recurrence
from app.service_requests.recurring.services import deciding, keeping
from app.service_requests.schemas import ActForm
from app.service_requests.views.recurring.blueprint import bp
from app.service_requests.views.recurring.listing import page
from app.service_requests.views.sending import carried_out
from app.web.forms import BoundForm
from app.web.i18n import text
from tenants.core import clock
from tenants.endpoints import tenant

Work = Callable[[Recurrence, dict[str, Any], dict[str, Any]], object]


@bp.post("/<int:recurrence_number>/pause")
@tenant("request.work")
def pause(slug: str, recurrence_number: int) -> ResponseReturnValue:
    return _act(slug, recurrence_number, PauseForm, "pause", lambda row, data, who: keeping.pause(
        recurrence=row, first=data["first"], last=data["last"], **who,
    ))  # fmt: skip


@bp.post("/<int:recurrence_number>/go-on")
@tenant("request.work")
def go_on(slug: str, recurrence_number: int) -> ResponseReturnValue:
    return _act(slug, recurrence_number, ActForm, "go_on", lambda row, _data, who: keeping.go_on(
        recurrence=row, **who,
    ))  # fmt: skip


@bp.post("/<int:recurrence_number>/end")
@tenant("request.work")
def end(slug: str, recurrence_number: int) -> ResponseReturnValue:
    return _act(slug, recurrence_number, ActForm, "end", lambda row, _data, who:
                keeping.end_recurrence(recurrence=row, **who))  # fmt: skip


@bp.post("/<int:recurrence_number>/skip")
@tenant("request.work")
def skip(slug: str, recurrence_number: int) -> ResponseReturnValue:
    return _act(slug, recurrence_number, PeriodForm, "skip", lambda row, data, who: deciding.skip(
        recurrence=row, period=data["period"], words=data["words"], **who,
    ))  # fmt: skip


@bp.post("/<int:recurrence_number>/raise")
@tenant("request.work")
def raise_now(slug: str, recurrence_number: int) -> ResponseReturnValue:
    return _act(slug, recurrence_number, PeriodForm, "raise", lambda row, data, who:
                deciding.raise_now(recurrence=row, period=data["period"], **who))  # fmt: skip


def _act(
    slug: str, number: int, schema: type[Schema], name: str, work: Work
) -> ResponseReturnValue:
    actor = current_actor()
    row = get_recurrence(actor=actor, number=number, for_change=True)
    form = BoundForm(schema, request.form, prefix=name)
    who = {"actor": actor, "now": clock.now()}
    if carried_out(form, slug, lambda data: work(row, data, who)):
        return redirect(
            url_for("recurring.show", slug=slug, recurrence_number=number, done=name), 303
        )
    # Refused and taken back: as it is now.
    row = get_recurrence(actor=actor, number=number)
    problem = "; ".join(form.form_errors) or text(_first_error(form))
    shown = {} if name != "pause" else {name: form}
    return page(row, forms=shown, problem=problem, status=form.status)


def _first_error(form: BoundForm) -> str:
    return next((one.errors[0] for one in form if one.errors), "")
