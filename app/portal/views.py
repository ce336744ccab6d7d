"""The client's own home: what waits for them, and where the rest stands."""

from flask import Blueprint, Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.portal.waiting import groups_of
from app.service_requests import presenting
from app.service_requests.approvals.rights import delegated_lines
from app.service_requests.drafts.showing import own_drafts
from app.service_requests.queries import count_open_by_state, list_waiting_for_client
from app.service_requests.transitions import OPEN
from app.service_requests.views.rendering import current_client
from app.web.branding import brand_css, brands_css
from tenants.core import clock
from tenants.endpoints import tenant

bp = Blueprint("portal", __name__, url_prefix="/c/<slug>")


@bp.get("/")
@tenant("request.read")
def home(slug: str) -> ResponseReturnValue:
    actor = current_actor()
    if actor.side == "provider":
        return redirect(url_for("desk.queue", client=slug), 303)
    now = clock.now()
    delegated = delegated_lines(actor=actor, now=now)
    waiting = list_waiting_for_client(actor=actor, delegated=delegated)
    groups = groups_of(waiting, slug=slug, now=now)
    counts = count_open_by_state(actor=actor)
    return render_template(
        "portal/home.html", client=current_client(), groups=groups, total=sum(counts.values()),
        waiting=sum(len(group.items) for group in groups), may_raise=actor.can("request.raise"),
        drafts=own_drafts(actor),
        counts=[(state, presenting.state_pill(state, "client"), counts[state])
                for state in OPEN if counts.get(state)],
    )  # fmt: skip


@bp.get("/brand.css")
@tenant("request.read")
def brand(slug: str) -> Response:
    client = current_client()
    css = brand_css(client.colour) + brands_css([(client.code, client.colour)])
    return Response(css, mimetype="text/css", headers={"Cache-Control": "private, max-age=300"})
