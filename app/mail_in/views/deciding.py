"""What an operator makes of a mail in quarantine."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.mail_in.queries import get_mail
from app.mail_in.schemas import AsMessage, AsRequest, Discard
from app.mail_in.services import deciding
from app.mail_in.views.blueprint import bp
from app.mail_in.views.listing import line_choices, mail_page, request_choices
from app.service_requests.models import ServiceRequest
from app.service_requests.views.sending import carried_out
from app.web.forms import BoundForm
from app.web.other_client import check_client
from tenants.core import clock
from tenants.core.errors import Invalid, NotFound
from tenants.core.text import _m
from tenants.endpoints import tenant

Decide = Callable[[dict[str, Any]], ServiceRequest]


@bp.post("/<uuid:mail_id>/message")
@tenant("request.work")
def accept_as_message(slug: str, mail_id: UUID) -> ResponseReturnValue:
    form = BoundForm(AsMessage, request.form, choices={"number": request_choices()}, prefix="m")
    return _accept(slug, mail_id, "message", form, lambda data: _as_message(mail_id, data))


def _as_message(mail_id: UUID, data: dict[str, Any]) -> ServiceRequest:
    try:
        return deciding.accept_as_message(
            mail_id=mail_id, number=int(data["number"].lstrip("#")), actor=current_actor(),
            now=clock.now(),
        )  # fmt: skip
    except NotFound as error:
        problem = _m("There is no such request of this client, or you can't see it.")
        raise Invalid(field_errors={"number": [problem]}) from error


@bp.post("/<uuid:mail_id>/request")
@tenant("request.work")
def accept_as_request(slug: str, mail_id: UUID) -> ResponseReturnValue:
    form = BoundForm(AsRequest, request.form, choices={"line": line_choices()}, prefix="r")
    return _accept(
        slug, mail_id, "request", form,
        lambda data: deciding.accept_as_request(
            mail_id=mail_id, line=data["line"], actor=current_actor(), now=clock.now()
        ),
    )  # fmt: skip


def _accept(
    slug: str, mail_id: UUID, name: str, form: BoundForm, decide: Decide
) -> ResponseReturnValue:
    get_mail(actor=current_actor(), mail_id=mail_id)
    made: list[int] = []
    if not carried_out(form, slug, lambda data: made.append(decide(data).number)):
        return mail_page(mail_id, **{name: form})
    return redirect(url_for("service_requests.show", slug=slug, number=made[0]), 303)


@bp.post("/<uuid:mail_id>/discard")
@tenant("request.work")
def discard(slug: str, mail_id: UUID) -> ResponseReturnValue:
    get_mail(actor=current_actor(), mail_id=mail_id)
    form = BoundForm(Discard, request.form, prefix="d")
    if not carried_out(form, slug, lambda data: deciding.discard(
        mail_id=mail_id, words=data["words"], block=data["block"], actor=current_actor(),
        now=clock.now(),
    )):  # fmt: skip
        return mail_page(mail_id, discard=form)
    return redirect(url_for("mail_in.list_all", slug=slug, done="discarded"), 303)


@bp.post("/blocked/<uuid:blocked_id>/allow")
@tenant("request.work")
def allow(slug: str, blocked_id: UUID) -> ResponseReturnValue:
    check_client(slug)
    deciding.allow_again(blocked_id=blocked_id, actor=current_actor(), now=clock.now())
    return redirect(url_for("mail_in.list_all", slug=slug, view="discarded", done="allowed"), 303)
