"""One's own account: profile, and what protects it."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth import queries, services
from app.auth.schemas import PasswordSchema, ProfileSchema, StepUpSchema, profile_values
from app.auth.views.blueprint import bp, each_person, here, me, who, with_token
from app.web.forms import BoundForm
from app.web.i18n import remember_language
from app.web.limits import limiter
from tenants.core.errors import CoulisseError
from tenants.endpoints import account
from tenants.queries import get_user


def _profile_page(form: BoundForm | None = None) -> ResponseReturnValue:
    user = get_user(user_id=me().user_id)
    form = form or BoundForm(ProfileSchema, values=profile_values(user))
    page = render_template(
        "auth/account.html", user=user, profile=form, done=request.args.get("done", "")
    )
    return page, form.status


@bp.get("/account")
@account
def account_page() -> ResponseReturnValue:
    return _profile_page()


@bp.post("/account")
@account
def change_profile() -> ResponseReturnValue:
    form = BoundForm(ProfileSchema, request.form)
    if not form.load():
        return _profile_page(form)
    services.change_profile(**form.data, **who())
    return remember_language(form.data["language"], url_for("auth.account_page", done="profile"))


def security_page(
    *,
    password: BoundForm | None = None,
    codes: BoundForm | None = None,
    remove: BoundForm | None = None,
) -> ResponseReturnValue:
    password = password or BoundForm(PasswordSchema, prefix="p")
    codes = codes or BoundForm(StepUpSchema, prefix="codes")
    remove = remove or BoundForm(StepUpSchema, prefix="remove")
    page = render_template(
        "auth/security.html",
        user=get_user(user_id=me().user_id),
        needed=me().needs_second_factor,
        codes_left=queries.count_recovery_codes(user_id=me().user_id),
        password=password, codes=codes, remove=remove, done=request.args.get("done", ""),
    )  # fmt: skip
    return page, max(form.status for form in (password, codes, remove))


@bp.get("/account/security")
@account
def security() -> ResponseReturnValue:
    return security_page()


@bp.post("/account/password")
@account
@limiter.limit("10/minute", key_func=each_person)
def change_password() -> ResponseReturnValue:
    form = BoundForm(PasswordSchema, request.form, prefix="p")
    if form.load():
        try:
            token = services.change_password(**form.data, **here())
            return with_token(redirect(url_for("auth.security", done="password"), 303), token)
        except CoulisseError as error:
            form.refuse(error)
    return security_page(password=form)
