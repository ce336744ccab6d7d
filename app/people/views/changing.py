from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.auth.views.blueprint import each_person, note_wrong_code
from app.people.queries import is_last_administrator
from app.people.schemas import ChangeForm, CodeForm, seen_state
from app.people.services import members as services
from app.people.views.blueprint import bp
from app.people.views.page import member_page
from app.service_requests.views.rendering import current_client
from app.web.forms import BoundForm
from app.web.headers import wants_fragment
from app.web.limits import limiter
from app.web.other_client import check_client
from tenants import queries
from tenants.core import clock
from tenants.core.db import db
from tenants.core.errors import CoulisseError, Invalid, NotFound
from tenants.endpoints import tenant
from tenants.models import Member
from tenants.services.members import MemberChanged


@bp.get("/<uuid:member_id>")
@tenant("people.manage")
def show_member(slug: str, member_id: UUID) -> ResponseReturnValue:
    return member_page(member_id)


@bp.post("/<uuid:member_id>")
@tenant("people.manage")
def change(slug: str, member_id: UUID) -> ResponseReturnValue:
    queries.get_member(member_id=member_id)
    form = BoundForm(ChangeForm, request.form)
    sound = form.load()
    try:
        check_client(slug)
        if not sound:
            raise Invalid
        member = services.change_rights(
            member_id=member_id, role=form.data["role"], approver=form.data["approver"],
            lines=form.data["lines"], sure=form.data["sure"], actor=current_actor(),
            expected=seen_state(form.data["seen"]), now=clock.now(),
        )  # fmt: skip
    except NotFound:
        raise
    except CoulisseError as error:
        db.session.rollback()
        return _refused(member_id, form, error)
    return redirect(_after_change(slug, member), 303)


def _after_change(slug: str, member: Member) -> str:
    if member.user_id == current_actor().user_id and member.role != "client_admin":
        return url_for("portal.home", slug=slug)
    return url_for("people.show_member", slug=slug, member_id=member.id, done="changed")


def _refused(member_id: UUID, form: BoundForm, error: CoulisseError) -> ResponseReturnValue:
    if isinstance(error, MemberChanged):
        return member_page(member_id, rights=form, problem=error)
    if type(error) is not Invalid or error.field_errors:
        form.refuse(error)
    return member_page(member_id, rights=form)


@bp.get("/<uuid:member_id>/remove")
@tenant("people.manage")
def confirm_removal(slug: str, member_id: UUID) -> ResponseReturnValue:
    return _removal(queries.get_member(member_id=member_id), None)


@bp.post("/<uuid:member_id>/remove")
@tenant("people.manage")
def remove(slug: str, member_id: UUID) -> ResponseReturnValue:
    member = queries.get_member(member_id=member_id)
    try:
        check_client(slug)
        services.remove_person(member=member, actor=current_actor(), now=clock.now())
    except NotFound:
        raise
    except CoulisseError as error:
        db.session.rollback()
        return _removal(queries.get_member(member_id=member_id), error)
    if member.user_id == current_actor().user_id:
        return redirect(url_for("auth.home"), 303)
    return redirect(url_for("people.list_people", slug=slug, done="removed"), 303)


def _removal(member: Member, problem: CoulisseError | None) -> ResponseReturnValue:
    template = "people/_remove.html" if wants_fragment() else "people/remove.html"
    page = render_template(
        template, client=current_client(), member=member, problem=problem,
        last=is_last_administrator(member), own=member.user_id == current_actor().user_id,
    )  # fmt: skip
    return page, problem.status if problem else 200


@bp.post("/<uuid:member_id>/second-factor")
@tenant("people.manage")
@limiter.limit("6/minute;40/hour", key_func=each_person)
def reset_factor(slug: str, member_id: UUID) -> ResponseReturnValue:
    queries.get_member(member_id=member_id)
    form = BoundForm(CodeForm, request.form, prefix="r")
    sound = form.load()
    try:
        check_client(slug)
        if not sound:
            raise Invalid
        services.reset_factor(
            member_id=member_id, code=form.data["code"], actor=current_actor(), now=clock.now(),
            real_now=clock.real_now(),
        )  # fmt: skip
    except CoulisseError as error:
        db.session.rollback()
        note_wrong_code(error)
        if type(error) is not Invalid or error.field_errors:
            form.refuse(error)
        return member_page(member_id, reset=form)
    return redirect(
        url_for("people.show_member", slug=slug, member_id=member_id, done="reset"), 303
    )
