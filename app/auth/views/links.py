from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue

from app.auth import mails, services
from app.auth.schemas import ForgotSchema, LinkSchema
from app.auth.views.blueprint import bp, then, visitor
from app.web.forms import BoundForm
from app.web.limits import account_and_address, limiter
from tenants.core import clock
from tenants.core.errors import CoulisseError
from tenants.endpoints import public


@bp.get("/forgot-password")
@public
def forgot() -> ResponseReturnValue:
    return render_template("auth/forgot.html", form=BoundForm(ForgotSchema), sent=False)


@bp.post("/forgot-password")
@public
@limiter.limit("5/hour", key_func=account_and_address)
@limiter.limit("60/hour")
def send_reset() -> ResponseReturnValue:
    form = BoundForm(ForgotSchema, request.form)
    if form.load():
        services.request_reset(
            **form.data,
            write=mails.reset,
            base_url=current_app.config["SETTINGS"].base_url,
            visitor=visitor(),
            now=clock.real_now(),
        )
    page = render_template("auth/forgot.html", form=form, sent=not form.invalid)
    return page, form.status


@bp.get("/link/<token>")
@public
def link(token: str) -> ResponseReturnValue:
    owner = services.get_link_owner(token=token)
    return render_template("auth/link.html", form=BoundForm(LinkSchema), owner=owner)


@bp.post("/link/<token>")
@public
@limiter.limit("10/minute")
def use_link(token: str) -> ResponseReturnValue:
    form = BoundForm(LinkSchema, request.form)
    owner = services.get_link_owner(token=token)
    if form.load():
        try:
            return then(
                services.use_link(**form.data, token=token, visitor=visitor(), now=clock.real_now())
            )
        except CoulisseError as error:
            if error.status == 404:
                raise
            form.refuse(error)
    return render_template("auth/link.html", form=form, owner=owner), form.status
