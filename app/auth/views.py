from typing import Any

from flask import Blueprint, Response, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth import cookies, mails, queries, services
from app.auth.identity import Identity
from app.auth.schemas import (
    CodeSchema,
    EnrolSchema,
    ForgotSchema,
    LinkSchema,
    PasswordSchema,
    ProfileSchema,
    SignInSchema,
    profile_values,
)
from app.auth.second_factor import qr_data_url
from app.auth.sessions import Visitor
from app.web.forms import BoundForm
from app.web.i18n import LANGUAGES, remember_language
from app.web.limits import account_and_address, limiter
from app.web.targets import is_local
from tenants.core import clock
from tenants.core.errors import CoulisseError, Forbidden
from tenants.endpoints import account, public, signed_in
from tenants.queries import list_workspaces

bp = Blueprint("auth", __name__)


def _visitor() -> Visitor:
    return Visitor(
        address=request.remote_addr or "",
        user_agent=request.user_agent.string,
        request_id=g.request_id,
    )


def _me() -> Identity:
    identity: Identity = g.identity
    return identity


def _person() -> str:
    return str(_me().user_id)


def _who() -> dict[str, Any]:
    """What most services ask for: who acts, from where, when (the machine's time)."""
    return {"user_id": _me().user_id, "visitor": _visitor(), "now": clock.real_now()}


def _here() -> dict[str, Any]:
    return {**_who(), "session_hash": _me().token_hash}


def _next(default: str = "auth.home") -> str:
    """Where the visitor was going, on this site only."""
    target = request.args.get("next", "")
    return target if is_local(target) else url_for(default)


def _with_token(response: ResponseReturnValue, token: str) -> Response:
    answer = current_app.make_response(response)
    cookies.set_session(answer, token)
    return answer


def _then(found: services.SignedIn) -> Response:
    if found.code_is_due:
        target = url_for("auth.confirm", next=request.args.get("next"))
    elif found.enrolment_is_due:
        target = url_for("auth.enrol", next=request.args.get("next"))
    else:
        target = _next()
    return _with_token(redirect(target, 303), found.token)


@bp.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    return render_template("auth/sign_in.html", form=BoundForm(SignInSchema))


@bp.post("/sign-in")
@public
@limiter.limit("10/minute", key_func=account_and_address)
def sign_in_with_password() -> ResponseReturnValue:
    form = BoundForm(SignInSchema, request.form)
    if form.load():
        try:
            return _then(
                services.sign_in(
                    **form.data,
                    visitor=_visitor(),
                    now=clock.real_now(),
                    previous_hash=cookies.token_hash_of(request),
                )
            )
        except CoulisseError as error:
            form.refuse(error)
    return render_template("auth/sign_in.html", form=form), form.status


@bp.get("/sign-in/code")
@signed_in
def confirm() -> ResponseReturnValue:
    if not _me().has_second_factor:
        return redirect(url_for("auth.enrol", next=request.args.get("next")), 303)
    return render_template("auth/code.html", form=BoundForm(CodeSchema))


@bp.post("/sign-in/code")
@signed_in
@limiter.limit("6/minute;40/hour", key_func=_person)
def confirm_with_code() -> ResponseReturnValue:
    form = BoundForm(CodeSchema, request.form)
    if form.load():
        try:
            token = services.confirm_session(**form.data, **_here())
            return _with_token(redirect(_next(), 303), token)
        except CoulisseError as error:
            form.refuse(error)
    return render_template("auth/code.html", form=form), form.status


def _enrolment(form: BoundForm, sealed: str | None) -> ResponseReturnValue:
    pending = services.begin_enrolment(
        user_id=_me().user_id,
        second_factor_at=_me().second_factor_at,
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
        return redirect(url_for("auth.confirm", next=url_for("auth.enrol")), 303)


@bp.post("/sign-in/enrol")
@signed_in
@limiter.limit("6/minute;40/hour", key_func=_person)
def enrol_with_code() -> ResponseReturnValue:
    form = BoundForm(EnrolSchema, request.form)
    if form.load():
        try:
            done = services.enrol(**form.data, **_here(), second_factor_at=_me().second_factor_at)
            page = render_template(
                "auth/recovery_codes.html", codes=done.recovery_codes, next=_next()
            )
            return _with_token(page, done.token)
        except CoulisseError as error:
            form.refuse(error)
    return _enrolment(form, request.form.get("sealed") or None)


@bp.post("/sign-out")
@signed_in
def sign_out() -> ResponseReturnValue:
    services.sign_out(**_here())
    response = redirect(url_for("auth.sign_in"), 303)
    cookies.drop_session(response)  # type: ignore[arg-type]
    return response


@bp.get("/forgot-password")
@public
def forgot() -> ResponseReturnValue:
    return render_template("auth/forgot.html", form=BoundForm(ForgotSchema), sent=False)


@bp.post("/forgot-password")
@public
@limiter.limit("5/hour", key_func=account_and_address)
def send_reset() -> ResponseReturnValue:
    form = BoundForm(ForgotSchema, request.form)
    if form.load():
        services.request_reset(
            **form.data,
            write=mails.reset,
            base_url=current_app.config["SETTINGS"].base_url,
            visitor=_visitor(),
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
            return _then(
                services.use_link(
                    **form.data, token=token, visitor=_visitor(), now=clock.real_now()
                )
            )
        except CoulisseError as error:
            if error.status == 404:
                raise
            form.refuse(error)
    return render_template("auth/link.html", form=form, owner=owner), form.status


@bp.get("/")
@account
def home() -> ResponseReturnValue:
    """The right place for this person; several clients, or none, get a page of their own."""
    if (
        _me().actor().can("provider.administer")
        and "provider.companies" in current_app.view_functions
    ):
        return redirect(url_for("provider.companies"), 303)
    if _me().is_staff and "desk.queue" in current_app.view_functions:
        return redirect(url_for("desk.queue"), 303)
    places, has_portal = list_workspaces(), "portal.home" in current_app.view_functions
    if len(places) == 1 and has_portal:
        return redirect(url_for("portal.home", slug=places[0].slug), 303)
    return render_template("auth/places.html", places=places, has_portal=has_portal)


@bp.post("/language")
@public
def switch_language() -> ResponseReturnValue:
    return remember_language(request.form.get("lang"), request.form.get("next"))


@bp.post("/account/language")
@account
def change_language() -> ResponseReturnValue:
    chosen = request.form.get("lang", "")
    if chosen in LANGUAGES:
        services.change_language(user_id=_me().user_id, language=chosen)
    return remember_language(chosen, request.form.get("next"))


def _account_page(
    profile: BoundForm | None = None, password: BoundForm | None = None
) -> ResponseReturnValue:
    user = queries.get_user(user_id=_me().user_id)
    profile = profile or BoundForm(ProfileSchema, values=profile_values(user))
    password = password or BoundForm(PasswordSchema, prefix="p")
    page = render_template(
        "auth/account.html",
        user=user,
        profile=profile,
        password=password,
        sessions=queries.list_open_sessions(user_id=user.id, current_hash=_me().token_hash),
        codes_left=queries.count_recovery_codes(user_id=user.id),
        done=request.args.get("done", ""),
    )
    return page, max(profile.status, password.status)


@bp.get("/account")
@account
def account_page() -> ResponseReturnValue:
    return _account_page()


@bp.post("/account")
@account
def change_profile() -> ResponseReturnValue:
    form = BoundForm(ProfileSchema, request.form)
    if not form.load():
        return _account_page(profile=form)
    services.change_profile(**form.data, **_who())
    return remember_language(form.data["language"], url_for("auth.account_page", done="profile"))


@bp.post("/account/password")
@account
@limiter.limit("10/minute", key_func=_person)
def change_password() -> ResponseReturnValue:
    form = BoundForm(PasswordSchema, request.form, prefix="p")
    if form.load():
        try:
            token = services.change_password(**form.data, **_here())
            return _with_token(redirect(url_for("auth.account_page", done="password"), 303), token)
        except CoulisseError as error:
            form.refuse(error)
    return _account_page(password=form)


@bp.post("/account/sessions/<ref>/end")
@account
def end_session(ref: str) -> ResponseReturnValue:
    services.end_session(ref=ref, **_here())
    return redirect(url_for("auth.account_page", done="session"), 303)
