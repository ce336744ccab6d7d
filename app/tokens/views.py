"""A company's tokens: one's own, and all of them for who looks after its people."""

from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.tokens import queries, services
from app.tokens.schemas import SCOPE_LABELS, TokenForm
from app.web.forms import BoundForm
from tenants.core import clock
from tenants.core.errors import CoulisseError
from tenants.endpoints import tenant
from tenants.permissions import SECOND_FACTOR_FRESH, Actor, offered_scopes

bp = Blueprint("tokens", __name__, url_prefix="/c/<slug>/tokens")


def _actor() -> Actor:
    return cast(Actor, g.actor)


def _form(sent: Any = None) -> BoundForm:
    offered = [(scope, SCOPE_LABELS[scope]) for scope in offered_scopes(_actor())]
    return BoundForm(TokenForm, sent, values={"days": "90"}, choices={"scopes": offered})


def _code_is_due(now: datetime) -> bool:
    shown_at = _actor().second_factor_at
    fresh = shown_at is not None and now - shown_at <= SECOND_FACTOR_FRESH
    return bool(g.identity.has_second_factor) and not fresh


def _page(slug: str, form: BoundForm, made: services.NewToken | None = None) -> ResponseReturnValue:
    now, everybody = clock.real_now(), _actor().can("token.manage")
    page = render_template(
        "tokens/list.html", slug=slug, form=form, made=made, everybody=everybody, now=now,
        tokens=queries.list_tokens(user_id=None if everybody else _actor().user_id),
        labels=SCOPE_LABELS, code_is_due=_code_is_due(now), me=_actor().user_id,
        done=request.args.get("done", ""),
    )  # fmt: skip
    return page, form.status


@bp.get("")
@tenant("token.use")
def list_tokens(slug: str) -> ResponseReturnValue:
    return _page(slug, _form())


@bp.post("")
@tenant("token.use")
def create(slug: str) -> ResponseReturnValue:
    form = _form(request.form)
    if not form.load():
        return _page(slug, form)
    try:
        made = services.create_token(
            actor=_actor(), now=clock.real_now(), name=form.data["name"],
            scopes=form.data["scopes"], lifetime=timedelta(days=int(form.data["days"])),
            has_second_factor=bool(g.identity.has_second_factor),
        )  # fmt: skip
    except CoulisseError as error:
        form.refuse(error)
        return _page(slug, form)
    return _page(slug, _form(), made)


@bp.post("/<uuid:token_id>/end")
@tenant("token.use")
def end(slug: str, token_id: UUID) -> ResponseReturnValue:
    token = queries.get_token(actor=_actor(), token_id=token_id)
    services.end_token(token=token, actor=_actor(), now=clock.real_now())
    return redirect(url_for("tokens.list_tokens", slug=slug, done="ended"), 303)
