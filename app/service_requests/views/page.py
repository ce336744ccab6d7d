from datetime import timedelta
from uuid import UUID

from flask import current_app, request
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.service_requests.outgoing import services as outgoing
from app.service_requests.queries import get_request
from app.service_requests.services import conversation
from app.service_requests.views.acting import Act, UndoOffer, perform, undone, uploads
from app.service_requests.views.blueprint import bp
from app.service_requests.views.rendering import render_request
from app.web.i18n import text
from tenants.core import clock
from tenants.core.errors import Invalid
from tenants.core.text import _m
from tenants.endpoints import tenant


@bp.get("/<int:number>")
@tenant("request.read")
def show(slug: str, number: int) -> ResponseReturnValue:
    row = get_request(actor=current_actor(), number=number)
    return render_request(row, act=request.args.get("act", ""))


@bp.post("/<int:number>/messages")
@tenant("request.read")
def send_message(slug: str, number: int) -> ResponseReturnValue:
    """An operator's waits some seconds and can be taken back; a client's is said at once."""
    wait = current_app.config["SETTINGS"].hold_seconds if current_actor().side == "provider" else 0
    if not wait:
        return perform(
            number, "message", slug=slug, done=_m("Message sent."),
            work=lambda act: conversation.send_message(
                **act.versioned, body=act.data["body"], uploads=uploads("files")
            ),
        )  # fmt: skip
    return perform(
        number, "message", slug=slug, done=_m("Your message leaves in a few seconds."),
        work=lambda act: _hold(act, timedelta(seconds=wait)),
    )  # fmt: skip


def _hold(act: Act, wait: timedelta) -> UndoOffer:
    row = outgoing.hold_message(
        **act.versioned, leaves_at=clock.real_now() + wait, body=act.data["body"],
        uploads=uploads("files"),
    )  # fmt: skip
    return UndoOffer(
        "service_requests.take_back", {"held": [row.id]}, {"number": act.request.number}
    )


@bp.post("/<int:number>/messages/take-back")
@tenant("request.work")
def take_back(slug: str, number: int) -> ResponseReturnValue:
    """A message that has not left yet, by the id that its toast names."""
    row = get_request(actor=current_actor(), number=number)
    try:
        held_id = UUID(request.form.get("held", ""))
    except ValueError as error:
        raise Invalid from error
    outgoing.take_back(request=row, actor=current_actor(), now=clock.now(), held_id=held_id)
    return undone(text(_m("Taken back; your words are a draft again.")), slug=slug, number=number)
