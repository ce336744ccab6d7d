"""The client's own home: what waits for them, and where the rest stands."""

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor, current_identity
from app.contracts.queries import get_terms
from app.portal import finding
from app.portal.waiting import groups_of
from app.service_requests import presenting
from app.service_requests.approvals.rights import delegated_lines
from app.service_requests.drafts.showing import own_drafts
from app.service_requests.home_queries import list_beside
from app.service_requests.queries import (
    count_open_by_state,
    list_waiting_for_client,
)
from app.service_requests.ratings.links import Claim, token_of
from app.service_requests.ratings.queries import list_asked
from app.service_requests.rows import RowMaker
from app.service_requests.running.showing import being_done
from app.service_requests.transitions import OPEN
from app.service_requests.views.rendering import current_client
from app.web.branding import brand_css, brands_css
from app.web.headers import wants_fragment
from app.web.palette import wanted
from app.web.shell import nav_of
from tenants.core import clock
from tenants.endpoints import tenant
from tenants.permissions import Actor

bp = Blueprint("portal", __name__, url_prefix="/c/<slug>")


@bp.get("/")
@tenant("company.enter")
def home(slug: str) -> ResponseReturnValue:
    actor = current_actor()
    if actor.side == "provider":
        return redirect(url_for("desk.queue", client=slug), 303)
    if actor.is_guest:
        return redirect(url_for("guests.home", slug=slug), 303)
    now = clock.now()
    delegated = delegated_lines(actor=actor, now=now)
    waiting = list_waiting_for_client(actor=actor, delegated=delegated)
    terms = get_terms(now)
    calendar = terms.calendar
    groups = groups_of(waiting, slug=slug, now=now, calendar=calendar)
    make = RowMaker(side="client", now=now)
    counts = count_open_by_state(actor=actor)
    beside = list_beside(
        actor=actor, until=now + timedelta(days=7),
        pauses_for_third_party=terms.pauses_for_third_party,
    )  # fmt: skip
    return render_template(
        "portal/home.html", client=current_client(), groups=groups, total=sum(counts.values()),
        waiting=sum(len(group.items) for group in groups), may_raise=actor.can("request.raise"),
        drafts=own_drafts(actor),
        running=being_done(slug=slug, actor=actor, real_now=clock.real_now()), to_rate=_to_rate(actor, now),
        due_soon=[make.row(row, url=_url(slug, row), calendar=calendar)
                  for row in beside.due_soon],
        results=[(make.row(row, url=_url(slug, row), calendar=calendar), row.delivered_at)
                 for row in beside.results],
        counts=[(state, presenting.state_pill(state, "client"), counts[state])
                for state in OPEN if counts.get(state)],
    )  # fmt: skip


@bp.get("/find")
@tenant("request.read")
def find(slug: str) -> ResponseReturnValue:
    """A page, or the lines of the palette. The provider's people have the desk's."""
    actor, client = current_actor(), current_client()
    if actor.side == "provider":
        return redirect(url_for("desk.palette", q=request.args.get("q")), 303)
    asked = wanted(request.args.get("q", ""))
    template = "_palette.html" if wants_fragment() else "portal/find.html"
    found = finding.find(asked, actor=actor, slug=slug, code=client.code, country=client.country,
                         nav=nav_of(current_identity()))  # fmt: skip
    return render_template(template, client=client, found=found, wanted=asked.text)


def _url(slug: str, row: Any) -> str:
    return url_for("service_requests.show", slug=slug, number=row.number)


def _to_rate(actor: Actor, now: datetime) -> list[tuple[str, str, int]]:
    """Subject, address and number of what the reader was asked to rate."""
    assert actor.user_id is not None
    assert actor.tenant_id is not None
    found = list_asked(user_id=actor.user_id, lines=actor.visible_lines, now=now)
    return [
        (
            presenting.subject_of(row.item, row.title),
            url_for("ratings.show_rating", token=token_of(
                Claim(actor.tenant_id, row.request_id, actor.user_id, row.expires_at))),
            row.number,
        )
        for row in found
    ]  # fmt: skip


@bp.get("/brand.css")
@tenant("company.enter")
def brand(slug: str) -> Response:
    client = current_client()
    css = brand_css(client.colour) + brands_css([(client.code, client.colour)])
    return Response(css, mimetype="text/css", headers={"Cache-Control": "private, max-age=300"})
