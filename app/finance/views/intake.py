"""What the request's page offers while its files are taken: a better file, a difference accepted."""

import json
from collections.abc import Callable
from typing import Any

from flask import Response, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import Schema

from app.auth.current import current_actor
from app.finance import schemas
from app.finance.panel import payment_control_panel
from app.finance.queries import get_control
from app.finance.services.deciding import accept_difference
from app.finance.services.replacing import SLOTS, replace_file, take_own_invoices
from app.finance.views.blueprint import bp
from app.finance.views.opening import request_url
from app.service_requests.models import ServiceRequest
from app.service_requests.queries import get_request
from app.service_requests.schemas import ActForm
from app.service_requests.services.moves import check_version
from app.service_requests.views.acting import uploads
from app.service_requests.views.rendering import (
    Problem,
    Shown,
    current_client,
    render_request,
)
from app.web.forms import BoundForm
from app.web.headers import wants_fragment
from app.web.i18n import text
from app.web.other_client import check_client
from tenants.core import clock
from tenants.core.db import db
from tenants.core.errors import CoulisseError, Forbidden, Invalid, NotFound
from tenants.core.text import _m
from tenants.endpoints import tenant

# Answers the sentence for the toast.
Work = Callable[[ServiceRequest, dict[str, Any]], str]


@bp.get("/progress")
@tenant("request.read")
def progress(slug: str, number: int) -> ResponseReturnValue:
    """Asked by the progress bar; once the job has ended, the whole panel takes its place."""
    row = get_request(actor=current_actor(), number=number)
    panel = payment_control_panel(current_actor(), row)
    if not wants_fragment():
        return redirect(request_url(slug, number), 303)
    if panel.context["state"] == "reading":
        return render_template("finance/_reading.html", p=panel.context)
    response = make_response(
        render_template(panel.template, p=panel.context, client=current_client())
    )
    response.headers["HX-Retarget"] = "#payment-control"
    response.headers["HX-Reswap"] = "outerHTML"
    return response


@bp.post("/files/<slot>")
@tenant("request.read")
def replace(slug: str, number: int, slot: str) -> ResponseReturnValue:
    if slot not in SLOTS:
        raise NotFound

    def work(row: ServiceRequest, _data: dict[str, Any]) -> str:
        [sent, *_rest] = uploads(slot)
        changed = replace_file(request=row, actor=current_actor(), now=clock.now(), upload=sent)
        if changed:
            return _m("Thank you, the new file is being read.")
        return _m("This is the very same file as before, so nothing has changed.")

    return _on_request(slug, number, schemas.file_form(slot), work)


@bp.post("/own-invoices")
@tenant("payment_control.work")
def own_invoices(slug: str, number: int) -> ResponseReturnValue:
    def work(row: ServiceRequest, _data: dict[str, Any]) -> str:
        if take_own_invoices(request=row, actor=current_actor(), now=clock.now()):
            return _m("The open invoices are being read.")
        return _m("These invoices were taken before, so nothing has changed.")

    return _on_request(slug, number, ActForm, work)


@bp.post("/accept")
@tenant("payment_control.work")
def accept(slug: str, number: int) -> ResponseReturnValue:
    def work(row: ServiceRequest, data: dict[str, Any]) -> str:
        check_version(row, data["version"])
        accept_difference(
            request=row, control=get_control(request_id=row.id), actor=current_actor(),
            now=clock.now(), reason=data["reason"],
        )  # fmt: skip
        return _m("The statement is taken; its lines are matched.")

    return _on_request(slug, number, schemas.AcceptForm, work)


def _on_request(slug: str, number: int, schema: type[Schema], work: Work) -> ResponseReturnValue:
    """As the acts of the request's own page: it comes again, changed or with what refused it."""
    row = get_request(actor=current_actor(), number=number)
    form = BoundForm(schema, request.form, request.files)
    sound = form.load()
    try:
        check_client(slug)
        if not sound:
            raise Invalid
        said = work(row, form.data)
    except CoulisseError as error:
        if type(error) in (Forbidden, NotFound) and error.code == type(error).code:
            raise
        db.session.rollback()
        row = get_request(actor=current_actor(), number=number)
        return render_request(row, Shown({}, Problem(error, "payment_control")))
    return _done(slug, row, said)


def _done(slug: str, row: ServiceRequest, said: str) -> Response:
    if not wants_fragment():
        return make_response(redirect(request_url(slug, row.number), 303))
    response = render_request(row)
    response.headers["HX-Trigger"] = json.dumps(
        {"toast": {"text": text(said)}, "request-changed": {}}
    )
    return response
