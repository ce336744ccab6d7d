"""Grants: what opens a client to the provider's people."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.catalogue.lines import LEVELS, LINES
from app.provider.schemas import ROLES, AccessTerms, NewAccess, last_day
from app.provider.services.access import end_access, give_access, replace_access
from app.provider.views.blueprint import bp
from app.provider.views.common import administered, who
from app.web.forms import BoundForm
from app.web.i18n import text
from tenants.core import clock
from tenants.core.errors import CoulisseError
from tenants.endpoints import company
from tenants.models import Grant
from tenants.queries import get_grant, list_staff


@bp.get("/companies/<slug>/access/new")
@company("provider.administer")
def new_access(slug: str) -> ResponseReturnValue:
    values = {"user_id": request.args.get("person"), "level": "work", "period": "182"}
    return _new(BoundForm(NewAccess, values=values, choices=_people()))


@bp.post("/companies/<slug>/access/new")
@company("provider.administer")
def give(slug: str) -> ResponseReturnValue:
    form = BoundForm(NewAccess, request.form, choices=_people())
    if form.load():
        try:
            give_access(user_id=form.data["user_id"], lines=form.data["lines"], **_terms(form.data))
            return redirect(url_for("provider.company", slug=slug, done="given"), 303)
        except CoulisseError as error:
            form.refuse(error)
    return _new(form)


@bp.get("/companies/<slug>/access/<uuid:grant_id>")
@company("provider.administer")
def access(slug: str, grant_id: UUID) -> ResponseReturnValue:
    grant = get_grant(grant_id=grant_id)
    values = {"level": grant.level, "period": "182", "reason": grant.reason}
    return _change(grant, BoundForm(AccessTerms, values=values))


@bp.post("/companies/<slug>/access/<uuid:grant_id>")
@company("provider.administer")
def change_access(slug: str, grant_id: UUID) -> ResponseReturnValue:
    grant = get_grant(grant_id=grant_id)
    form = BoundForm(AccessTerms, request.form)
    if form.load():
        try:
            replace_access(grant_id=grant_id, **_terms(form.data))
            return redirect(url_for("provider.company", slug=slug, done="replaced"), 303)
        except CoulisseError as error:
            form.refuse(error)
    return _change(grant, form)


@bp.get("/companies/<slug>/access/<uuid:grant_id>/end")
@company("provider.administer")
def ask_to_end(slug: str, grant_id: UUID) -> ResponseReturnValue:
    return render_template(
        "provider/end_access.html", here=administered(), grant=get_grant(grant_id=grant_id),
        lines=LINES, levels=LEVELS,
    )  # fmt: skip


@bp.post("/companies/<slug>/access/<uuid:grant_id>/end")
@company("provider.administer")
def end(slug: str, grant_id: UUID) -> ResponseReturnValue:
    end_access(grant_id=grant_id, **who())
    return redirect(url_for("provider.company", slug=slug, done="ended"), 303)


def _terms(typed: dict[str, Any]) -> dict[str, Any]:
    today = clock.now().astimezone(ZoneInfo(administered().time_zone)).date()
    return {
        "level": typed["level"], "reason": typed["reason"], "until": last_day(typed, today), **who(),
    }  # fmt: skip


def _people() -> dict[str, Any]:
    """Nobody grants an access to themselves."""
    me = current_actor().user_id
    return {
        "user_id": [
            (str(one.user_id), f"{one.display_name} ({text(ROLES[one.role])})")
            for one in list_staff()
            if one.user_id != me
        ]
    }


def _new(form: BoundForm) -> ResponseReturnValue:
    return render_template("provider/new_access.html", here=administered(), form=form), form.status


def _change(grant: Grant, form: BoundForm) -> ResponseReturnValue:
    page = render_template("provider/access.html", here=administered(), grant=grant, form=form,
                           lines=LINES, levels=LEVELS)  # fmt: skip
    return page, form.status
