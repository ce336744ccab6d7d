"""Confirming with a code; setting up, renewing and removing the factor."""

import base64

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth import enrolment, services
from app.auth.schemas import CodeSchema, EnrolSchema, StepUpSchema
from app.auth.second_factor import qr_data_url
from app.auth.views.blueprint import (
    bp,
    each_person,
    here,
    me,
    next_url,
    note_wrong_code,
    who,
    with_token,
)
from app.auth.views.settings import security_page
from app.web.forms import BoundForm
from app.web.limits import limiter
from tenants.core import clock
from tenants.core.errors import CoulisseError, Forbidden
from tenants.endpoints import account, signed_in

ATTEMPTS = "6/minute;40/hour"


@bp.get("/sign-in/code")
@signed_in
def confirm() -> ResponseReturnValue:
    if not me().has_second_factor:
        return redirect(url_for("auth.enrol", next=request.args.get("next")), 303)
    return render_template("auth/code.html", form=BoundForm(CodeSchema))


@bp.post("/sign-in/code")
@signed_in
@limiter.limit(ATTEMPTS, key_func=each_person)
def confirm_with_code() -> ResponseReturnValue:
    form = BoundForm(CodeSchema, request.form)
    if form.load():
        try:
            token = services.confirm_session(**form.data, **here())
            return with_token(redirect(next_url(), 303), token)
        except CoulisseError as error:
            note_wrong_code(error)
            form.refuse(error)
    return render_template("auth/code.html", form=form), form.status


def _enrolment(form: BoundForm, sealed: str | None) -> ResponseReturnValue:
    pending = enrolment.begin_enrolment(
        user_id=me().user_id,
        second_factor_at=me().second_factor_at,
        now=clock.real_now(),
        sealed=sealed,
    )
    form["sealed"].value = pending.sealed
    page = render_template(
        "auth/enrol.html", form=form, secret=pending.secret, qr=qr_data_url(pending.link)
    )
    return page, form.status


@bp.get("/sign-in/enrol")
@signed_in
def enrol() -> ResponseReturnValue:
    try:
        return _enrolment(BoundForm(EnrolSchema), None)
    except Forbidden:
        back = url_for("auth.enrol", next=request.args.get("next"))
        return redirect(url_for("auth.confirm", next=back), 303)


@bp.post("/sign-in/enrol")
@signed_in
@limiter.limit(ATTEMPTS, key_func=each_person)
def enrol_with_code() -> ResponseReturnValue:
    form = BoundForm(EnrolSchema, request.form)
    if form.load():
        try:
            done = enrolment.enrol(**form.data, **here(), second_factor_at=me().second_factor_at)
            return with_token(_codes(done.recovery_codes, next_url()), done.token)
        except CoulisseError as error:
            form.refuse(error)
    return _enrolment(form, request.form.get("sealed") or None)


@bp.post("/account/recovery-codes")
@account
@limiter.limit(ATTEMPTS, key_func=each_person)
def renew_codes() -> ResponseReturnValue:
    form = BoundForm(StepUpSchema, request.form, prefix="codes")
    if form.load():
        try:
            codes = enrolment.renew_recovery_codes(**form.data, **who())
            return _codes(codes, url_for("auth.security"))
        except CoulisseError as error:
            note_wrong_code(error)
            form.refuse(error)
    return security_page(codes=form)


@bp.post("/account/second-factor/remove")
@account
@limiter.limit(ATTEMPTS, key_func=each_person)
def remove_factor() -> ResponseReturnValue:
    form = BoundForm(StepUpSchema, request.form, prefix="remove")
    if form.load():
        try:
            token = enrolment.remove_second_factor(**form.data, **here())
            return with_token(redirect(url_for("auth.security", done="removed"), 303), token)
        except CoulisseError as error:
            note_wrong_code(error)
            form.refuse(error)
    return security_page(remove=form)


def _codes(codes: list[str], onward: str) -> str:
    """Shown this once; the file is made from what stands on the page."""
    file = base64.b64encode("\r\n".join([f"Coulisse · {me().email}", "", *codes, ""]).encode())
    return render_template(
        "auth/recovery_codes.html", codes=codes, next=onward,
        file=f"data:text/plain;charset=utf-8;base64,{file.decode()}",
    )  # fmt: skip
