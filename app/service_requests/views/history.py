"""Everything that happened to a request, as far as the reader's side may know it."""

from flask import render_template
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.service_requests import presenting
from app.service_requests.history.queries import get_past
from app.service_requests.history.telling import told
from app.service_requests.queries import get_request
from app.service_requests.views.blueprint import bp
from app.service_requests.views.rendering import current_client
from app.web.headers import wants_fragment
from tenants.endpoints import tenant


@bp.get("/<int:number>/history")
@tenant("request.read")
def show_history(slug: str, number: int) -> ResponseReturnValue:
    """A page, or what the request's page opens at its side."""
    actor = current_actor()
    row = get_request(actor=actor, number=number)
    template = "_history.html" if wants_fragment() else "history.html"
    return render_template(
        f"service_requests/{template}", r=row, client=current_client(),
        provider=actor.side == "provider", subject=presenting.subject_of(row.item, row.title),
        events=told(get_past(actor=actor, request=row), actor),
    )  # fmt: skip
