"""Who follows a request."""

from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import Schema, fields

from app.auth.current import current_actor
from app.service_requests import presenting
from app.service_requests.models import ServiceRequest
from app.service_requests.queries import get_request
from app.service_requests.services.watching import unwatch, watch
from app.service_requests.views.blueprint import bp
from app.service_requests.views.rendering import current_client
from app.service_requests.views.sending import carried_out
from app.service_requests.watchers.queries import list_watchers
from app.web.forms import BoundForm
from app.web.other_client import check_client
from tenants.core import clock
from tenants.core.text import _m
from tenants.endpoints import tenant
from tenants.permissions import Actor
from tenants.queries import list_grants, list_members


class WatcherForm(Schema):
    client = fields.String(load_default="", metadata={"input": "hidden"})
    user_id = fields.UUID(required=True, metadata={"label": _m("Colleague"), "input": "select"})


@bp.get("/<int:number>/watchers")
@tenant("request.read")
def watchers(slug: str, number: int) -> ResponseReturnValue:
    row = get_request(actor=current_actor(), number=number)
    return _page(row, _form(row))


@bp.post("/<int:number>/watchers")
@tenant("request.read")
def add_watcher(slug: str, number: int) -> ResponseReturnValue:
    row, actor = get_request(actor=current_actor(), number=number), current_actor()
    form = _form(row, sent=True)
    if not carried_out(
        form, slug, lambda data: watch(request=row, actor=actor, now=clock.now(), user_id=data["user_id"])
    ):  # fmt: skip
        return _page(row, form)
    return _back(slug, number, own=form.data["user_id"] == actor.user_id)


@bp.post("/<int:number>/watchers/<uuid:user_id>/remove")
@tenant("request.read")
def remove_watcher(slug: str, number: int, user_id: UUID) -> ResponseReturnValue:
    actor = current_actor()
    row = get_request(actor=actor, number=number)
    check_client(slug)
    unwatch(request=row, actor=actor, now=clock.now(), user_id=user_id)
    return _back(slug, number, own=user_id == actor.user_id)


def _back(slug: str, number: int, *, own: bool) -> ResponseReturnValue:
    """To the request after one's own click there, else to the list."""
    endpoint = "service_requests.show" if own else "service_requests.watchers"
    return redirect(url_for(endpoint, slug=slug, number=number), 303)


def _form(row: ServiceRequest, *, sent: bool = False) -> BoundForm:
    choices = {"user_id": _colleagues(current_actor(), row)}
    return BoundForm(WatcherForm, request.form if sent else None, choices=choices)


def _colleagues(actor: Actor, row: ServiceRequest) -> list[tuple[str, str]]:
    if actor.side == "client":
        found = {m.user_id: m.display_name for m in list_members() if row.line in m.lines}
    else:
        found = {
            g.user_id: g.display_name
            for g in list_grants(live_at=clock.now())
            if g.line == row.line
        }
    return [(str(user_id), name) for user_id, name in found.items()]


def _page(row: ServiceRequest, form: BoundForm) -> Response:
    actor = current_actor()
    shown = list_watchers(request=row, now=clock.now())
    form["client"].value = current_client().slug
    there = {str(one.user_id) for one in shown}
    form["user_id"].choices = [one for one in form["user_id"].choices if one[0] not in there]
    page = render_template(
        "service_requests/watchers/list.html", client=current_client(), r=row, form=form,
        subject=presenting.subject_of(row.item, row.title), rows=shown, side=actor.side,
        me=actor.user_id, provider=actor.side == "provider",
    )  # fmt: skip
    return make_response(page, form.status)
