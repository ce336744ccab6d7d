from flask import request
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.service_requests.queries import get_request
from app.service_requests.services import conversation
from app.service_requests.views.acting import perform, uploads
from app.service_requests.views.blueprint import bp
from app.service_requests.views.rendering import render_request
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
    return perform(
        number, "message", slug=slug, done=_m("Message sent."),
        work=lambda act: conversation.send_message(
            **act.versioned, body=act.data["body"], uploads=uploads("files")
        ),
    )  # fmt: skip
