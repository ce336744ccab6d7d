"""What a person wants to be told by mail: /account/notifications."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.notifications import services
from app.notifications.catalogue import CATEGORIES
from app.notifications.schemas import NoticesSchema
from app.web.forms import BoundForm
from tenants.core import clock
from tenants.endpoints import account
from tenants.queries import get_user

bp = Blueprint("notifications", __name__)


@bp.get("/account/notifications")
@account
def preferences() -> ResponseReturnValue:
    reader = get_user(user_id=g.identity.user_id)
    wanted = {one.code: one.code not in reader.muted_notices for one in CATEGORIES}
    return _page(BoundForm(NoticesSchema, values=wanted), reader.email)


@bp.post("/account/notifications")
@account
def choose() -> ResponseReturnValue:
    form = BoundForm(NoticesSchema, request.form)
    if not form.load():
        return _page(form, g.identity.email)
    services.choose(
        user_id=g.identity.user_id,
        wanted={code for code, on in form.data.items() if on},
        actor=g.actor,
        now=clock.real_now(),
    )
    return redirect(url_for("notifications.preferences", done="kept"), 303)


def _page(form: BoundForm, email: str) -> ResponseReturnValue:
    page = render_template(
        "notifications/preferences.html", form=form, email=email, categories=CATEGORIES,
        done=request.args.get("done") == "kept",
    )  # fmt: skip
    return page, form.status
