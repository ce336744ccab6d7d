"""Rating a request by a signed link, without signing in."""

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import Schema, fields, validate

from app.service_requests import presenting
from app.service_requests.services.rating import Opened, Said, open_link, rate
from app.web.fields import TrimmedString
from app.web.forms import BoundForm
from app.web.limits import limiter
from tenants.core import clock
from tenants.core.db import db
from tenants.core.errors import Conflict
from tenants.core.text import _m
from tenants.endpoints import public
from tenants.queries import get_tenant

bp = Blueprint("ratings", __name__, url_prefix="/rate")
SCORES = {
    "5": _m("5: very good"), "4": _m("4: good"), "3": _m("3: all right"), "2": _m("2: poor"),
    "1": _m("1: very poor"),
}  # fmt: skip


def _score(label: str, *, required: bool) -> fields.Integer:
    more: dict[str, Any] = {} if required else {"load_default": None}
    choices = list(SCORES.items()) if required else [("", _m("No answer")), *SCORES.items()]
    return fields.Integer(
        required=required, allow_none=not required,
        **more,
        validate=validate.Range(1, 5, error=_m("Choose one of the answers.")),
        error_messages={"required": _m("Choose one of the answers."),
                        "invalid": _m("Choose one of the answers.")},
        metadata={"label": label, "input": "radio" if required else "select", "choices": choices},
    )  # fmt: skip


class RatingForm(Schema):
    score = _score(_m("How satisfied are you?"), required=True)
    speed = _score(_m("Speed"), required=False)
    quality = _score(_m("Quality"), required=False)
    comment = TrimmedString(
        load_default="",
        validate=validate.Length(max=2000),
        metadata={"label": _m("What should we know?"), "input": "textarea", "rows": 3},
    )


@bp.get("/<token>")
@limiter.limit("60/minute")
@public
def show_rating(token: str) -> ResponseReturnValue:
    opened = open_link(token=token, now=clock.now())
    row = opened.rating
    values = {
        name: getattr(row, name) for name in ("score", "speed", "quality", "comment")
    } if row else {}  # fmt: skip
    return _page(opened, BoundForm(RatingForm, values=values))


@bp.post("/<token>")
@limiter.limit("10/minute;60/hour")
@public
def rate_request(token: str) -> ResponseReturnValue:
    opened = open_link(token=token, now=clock.now())
    form = BoundForm(RatingForm, request.form)
    if not form.load():
        return _page(opened, form)
    try:
        rate(opened=opened, said=Said(**form.data), now=clock.now())
    except Conflict as error:
        db.session.rollback()
        form.refuse(error)
        return _page(open_link(token=token, now=clock.now()), form)
    return _page(opened, form, done=True)


def _page(opened: Opened, form: BoundForm, *, done: bool = False) -> Response:
    """No word of what the request is about: whoever holds the mail reads it."""
    row = opened.request
    page = render_template(
        "service_requests/ratings/rate.html", form=form, done=done, number=row.number,
        item=presenting.item_title(row.item), company=get_tenant(), name=opened.member.display_name,
        rating=opened.rating,
    )  # fmt: skip
    response = make_response(page, form.status)
    response.headers["X-Robots-Tag"] = "noindex"
    return response
