from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth import cookies, known_browser, services
from app.auth.schemas import SignInSchema
from app.auth.views.blueprint import bp, here, me, note_refusal, then, visitor
from app.web.forms import BoundForm
from app.web.i18n import LANGUAGES, remember_language
from app.web.limits import account_and_address, limiter, refused
from tenants.core import clock
from tenants.core.errors import CoulisseError
from tenants.endpoints import account, public, signed_in
from tenants.queries import list_workspaces


def _attempts_on_account() -> str:
    email = request.form.get("email", "")[:254]
    mark = known_browser.mark_of(request, email)
    return f"account|{email.strip().lower()}|{mark or ''}"


@bp.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    return render_template("auth/sign_in.html", form=BoundForm(SignInSchema))


@bp.post("/sign-in")
@public
@limiter.limit("10/minute", key_func=account_and_address)
@limiter.limit("60/10minutes;300/hour", deduct_when=refused)
@limiter.limit("20/10minutes;60/hour", key_func=_attempts_on_account, deduct_when=refused)
def sign_in_with_password() -> ResponseReturnValue:
    form = BoundForm(SignInSchema, request.form)
    if form.load():
        try:
            answer = then(
                services.sign_in(
                    **form.data,
                    visitor=visitor(),
                    now=clock.real_now(),
                    previous_hash=cookies.token_hash_of(request),
                )
            )
            known_browser.remember(answer, form.data["email"])
            return answer
        except services.WrongCredentials as error:
            note_refusal("account.sign_in.refused", error.user_id)
            form.refuse(error)
        except CoulisseError as error:
            form.refuse(error)
    return render_template("auth/sign_in.html", form=form), form.status


@bp.post("/sign-out")
@signed_in
def sign_out() -> ResponseReturnValue:
    services.sign_out(**here())
    response = redirect(url_for("auth.sign_in"), 303)
    cookies.drop_session(response)  # type: ignore[arg-type]
    return response


@bp.get("/")
@account
def home() -> ResponseReturnValue:
    """The right place for this person; several clients, or none, get a page of their own."""
    if (
        me().actor().can("provider.administer")
        and "provider.companies" in current_app.view_functions
    ):
        return redirect(url_for("provider.companies"), 303)
    if me().is_staff and "desk.queue" in current_app.view_functions:
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
        services.change_language(user_id=me().user_id, language=chosen)
    return remember_language(chosen, request.form.get("next"))
