"""Replies being written: kept as they are typed, filled in again when the page comes back."""

from collections.abc import Mapping

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.service_requests.queries import get_request
from app.service_requests.reply_drafts.queries import get_desktop
from app.service_requests.reply_drafts.services import keep
from app.service_requests.views.blueprint import bp
from tenants.core import clock
from tenants.core.errors import Forbidden
from tenants.endpoints import tenant


@bp.post("/<int:number>/reply-draft")
@tenant("request.read")
def keep_reply(slug: str, number: int) -> ResponseReturnValue:
    row, kind = get_request(actor=current_actor(), number=number), request.args.get("kind", "")
    body = _text(request.form, "answer" if kind.startswith("answer") else "body")
    keep(request=row, actor=current_actor(), now=clock.now(), kind=kind, body=body)
    return Response(status=204)


@bp.get("/<int:number>/presence")
@tenant("note.read")
def presence(slug: str, number: int) -> ResponseReturnValue:
    """Asked again every few seconds by an open page of the provider's side."""
    actor = current_actor()
    if actor.side != "provider":
        raise Forbidden
    row = get_request(actor=actor, number=number)
    others = get_desktop(actor=actor, request=row, now=clock.now()).others
    return render_template("service_requests/_presence.html", others=others)


def _text(form: Mapping[str, str], name: str) -> str:
    return form.get(name, "").replace("\0", "").replace("\r\n", "\n")
