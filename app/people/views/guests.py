"""External accountants and auditors: who looks at what until when, and what they looked at."""

from uuid import UUID

from flask import Response, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth import mails
from app.auth.current import current_actor
from app.auth.views.blueprint import each_person, note_wrong_code
from app.people.guest_rows import guest_row
from app.people.looks import last_looks, list_looks
from app.people.schemas import ChangeGuestForm, CodeForm, InviteGuestForm
from app.people.services import guests
from app.people.services.guests import Terms
from app.people.views.blueprint import bp
from app.service_requests.presenting import subject_of
from app.service_requests.views.rendering import current_client
from app.web.forms import BoundForm
from app.web.limits import limiter
from app.web.other_client import check_client
from tenants import queries
from tenants.core import clock
from tenants.core.db import db
from tenants.core.errors import CoulisseError, Forbidden, NotFound
from tenants.core.text import _m
from tenants.endpoints import tenant
from tenants.models import Member

ENDED_SHOWN = 50


@bp.get("/guests")
@tenant("people.manage")
def list_guests(slug: str) -> ResponseReturnValue:
    found, now = queries.list_guests(), clock.now()
    facts = queries.list_member_facts(user_ids=[one.user_id for one in found])
    looks = last_looks([one.id for one in found])
    zone = current_client().time_zone
    rows = [guest_row(one, facts.get(one.user_id), looks.get(one.id), zone, now) for one in found]
    return render_template(
        "people/guests.html", client=current_client(), done=request.args.get("done", ""),
        here=[row for row in rows if row.here],
        ended=[row for row in rows if not row.here][:ENDED_SHOWN],
    )  # fmt: skip


@bp.get("/guests/invite")
@tenant("people.manage")
def new_guest(slug: str) -> ResponseReturnValue:
    values = {"language": current_client().language, "level": "read"}
    return _invitation(BoundForm(InviteGuestForm, values=values))


@bp.post("/guests/invite")
@tenant("people.manage")
@limiter.limit("20/hour", key_func=each_person)
def invite_guest(slug: str) -> ResponseReturnValue:
    form = BoundForm(InviteGuestForm, request.form)
    sound = form.load()
    try:
        check_client(slug)
        if not sound:
            return _invitation(form)
        data = form.data
        guests.invite_guest(
            email=data["email"], display_name=data["display_name"], language=data["language"],
            terms=_terms(form), code=data["code"],
            write=mails.guest_invitation(current_client().name),
            base_url=current_app.config["SETTINGS"].base_url, actor=current_actor(),
            now=clock.now(), real_now=clock.real_now(),
        )  # fmt: skip
    except CoulisseError as error:
        db.session.rollback()
        note_wrong_code(error)
        form.refuse(error)
        return _invitation(form)
    return redirect(url_for("people.list_guests", slug=slug, done="invited"), 303)


def _invitation(form: BoundForm) -> ResponseReturnValue:
    form["client"].value = current_client().slug
    page = render_template("people/invite_guest.html", client=current_client(), form=form)
    return page, form.status


def _terms(form: BoundForm) -> Terms:
    return Terms(**{name: form.data[name] for name in ("level", "lines", "reason", "until")})


@bp.get("/guests/<uuid:guest_id>")
@tenant("people.manage")
def show_guest(slug: str, guest_id: UUID) -> ResponseReturnValue:
    return _guest_page(guest_id)


@bp.post("/guests/<uuid:guest_id>")
@tenant("people.manage")
@limiter.limit("20/hour", key_func=each_person)
def change_guest(slug: str, guest_id: UUID) -> ResponseReturnValue:
    queries.get_guest(member_id=guest_id)
    form = BoundForm(ChangeGuestForm, request.form)
    sound = form.load()
    try:
        check_client(slug)
        if not sound:
            return _guest_page(guest_id, terms=form)
        guests.change_guest(
            member_id=guest_id, terms=_terms(form), code=form.data["code"], actor=current_actor(),
            now=clock.now(), real_now=clock.real_now(),
        )  # fmt: skip
    except NotFound:
        raise
    except CoulisseError as error:
        db.session.rollback()
        note_wrong_code(error)
        _refuse(form, error)
        return _guest_page(guest_id, terms=form)
    return redirect(url_for("people.show_guest", slug=slug, guest_id=guest_id, done="changed"), 303)


def _refuse(form: BoundForm, error: CoulisseError) -> None:
    if isinstance(error, Forbidden) and error.code == "second_factor_required":
        form.add_errors({"code": [_m("Giving more needs a code from your authenticator app.")]})
    else:
        form.refuse(error)


@bp.post("/guests/<uuid:guest_id>/end")
@tenant("people.manage")
def end_guest(slug: str, guest_id: UUID) -> ResponseReturnValue:
    try:
        check_client(slug)
        guests.end_guest(member_id=guest_id, actor=current_actor(), now=clock.now())
    except NotFound:
        raise
    except CoulisseError as error:
        db.session.rollback()
        return _guest_page(guest_id, problem=error)
    return redirect(url_for("people.list_guests", slug=slug, done="ended"), 303)


@bp.post("/guests/<uuid:guest_id>/invite")
@tenant("people.manage")
@limiter.limit("20/hour", key_func=each_person)
def invite_guest_again(slug: str, guest_id: UUID) -> ResponseReturnValue:
    try:
        check_client(slug)
        guests.invite_guest_again(
            member_id=guest_id, write=mails.guest_invitation(current_client().name),
            base_url=current_app.config["SETTINGS"].base_url, actor=current_actor(),
            now=clock.now(),
        )  # fmt: skip
    except NotFound:
        raise
    except CoulisseError as error:
        db.session.rollback()
        return _guest_page(guest_id, problem=error)
    return redirect(url_for("people.show_guest", slug=slug, guest_id=guest_id, done="sent"), 303)


@bp.post("/guests/<uuid:guest_id>/second-factor")
@tenant("people.manage")
@limiter.limit("6/minute;40/hour", key_func=each_person)
def reset_guest_factor(slug: str, guest_id: UUID) -> ResponseReturnValue:
    queries.get_guest(member_id=guest_id)
    form = BoundForm(CodeForm, request.form, prefix="r")
    sound = form.load()
    try:
        check_client(slug)
        if not sound:
            return _guest_page(guest_id, reset=form)
        guests.reset_guest_factor(
            member_id=guest_id, code=form.data["code"], actor=current_actor(), now=clock.now(),
            real_now=clock.real_now(),
        )  # fmt: skip
    except CoulisseError as error:
        db.session.rollback()
        note_wrong_code(error)
        form.refuse(error)
        return _guest_page(guest_id, reset=form)
    return redirect(url_for("people.show_guest", slug=slug, guest_id=guest_id, done="reset"), 303)


def _guest_page(
    guest_id: UUID,
    *,
    terms: BoundForm | None = None,
    reset: BoundForm | None = None,
    problem: CoulisseError | None = None,
) -> Response:
    guest, client, now = queries.get_guest(member_id=guest_id), current_client(), clock.now()
    facts = queries.list_member_facts(user_ids=[guest.user_id]).get(guest.user_id)
    row = guest_row(guest, facts, None, client.time_zone, now)
    terms = terms or BoundForm(ChangeGuestForm, values=_values(guest, client.time_zone))
    reset = reset or BoundForm(CodeForm, prefix="r")
    terms["client"].value = reset["client"].value = client.slug
    page = render_template(
        "people/guest.html", client=client, guest=guest, row=row, terms=terms, reset=reset,
        problem=problem, done=request.args.get("done", ""), subject_of=subject_of,
        cursor=(cursor := request.args.get("cursor") or None),
        looks=list_looks(actor=current_actor(), member_id=guest.id, cursor=cursor),
    )  # fmt: skip
    refused = problem.status if problem else 200
    return make_response(page, max(terms.status, reset.status, refused))


def _values(guest: Member, zone: str) -> dict[str, object]:
    return {
        "level": guest.guest_level, "lines": guest.lines, "reason": guest.guest_reason,
        "until": guest.last_day(zone),
    }  # fmt: skip
