from uuid import UUID

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth import mails
from app.auth.current import current_actor
from app.auth.views.blueprint import each_person
from app.people.schemas import InviteForm
from app.people.services.members import invite_again, invite_member
from app.people.views.blueprint import bp
from app.people.views.page import member_page
from app.service_requests.views.rendering import current_client
from app.web.forms import BoundForm
from app.web.limits import limiter
from app.web.other_client import check_client
from tenants.core import clock
from tenants.core.db import db
from tenants.core.errors import CoulisseError, NotFound
from tenants.endpoints import tenant


def _page(form: BoundForm) -> ResponseReturnValue:
    form["client"].value = current_client().slug
    return render_template(
        "people/invite.html", client=current_client(), form=form
    ), form.status  # fmt: skip


@bp.get("/invite")
@tenant("people.manage")
def new_member(slug: str) -> ResponseReturnValue:
    values = {"language": current_client().language, "role": "client_user"}
    return _page(BoundForm(InviteForm, values=values))


@bp.post("/invite")
@tenant("people.manage")
@limiter.limit("60/hour", key_func=each_person)
def invite(slug: str) -> ResponseReturnValue:
    form = BoundForm(InviteForm, request.form)
    sound = form.load()
    try:
        check_client(slug)
        if not sound:
            return _page(form)
        values = {name: value for name, value in form.data.items() if name != "client"}
        invite_member(
            **values, write=mails.invitation(current_client().name),
            base_url=current_app.config["SETTINGS"].base_url, actor=current_actor(),
            now=clock.now(),
        )  # fmt: skip
    except CoulisseError as error:
        db.session.rollback()
        form.refuse(error)
        return _page(form)
    return redirect(url_for("people.list_people", slug=slug, done="invited"), 303)


@bp.post("/<uuid:member_id>/invite")
@tenant("people.manage")
@limiter.limit("20/hour", key_func=each_person)
def send_again(slug: str, member_id: UUID) -> ResponseReturnValue:
    try:
        check_client(slug)
        invite_again(
            member_id=member_id, write=mails.invitation(current_client().name),
            base_url=current_app.config["SETTINGS"].base_url, actor=current_actor(),
            now=clock.now(),
        )  # fmt: skip
    except NotFound:
        raise
    except CoulisseError as error:
        db.session.rollback()
        return member_page(member_id, problem=error)
    return redirect(url_for("people.show_member", slug=slug, member_id=member_id, done="sent"), 303)
