from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.catalogue.lines import LINES
from app.people import presenting
from app.people.queries import list_recent_grants, names_of_staff
from app.people.services.members import end_access
from app.people.views.blueprint import bp
from app.service_requests.views.rendering import current_client
from app.web.headers import wants_fragment
from app.web.i18n import text
from app.web.other_client import check_client
from tenants import queries
from tenants.core import clock
from tenants.core.db import db
from tenants.core.errors import CoulisseError, NotFound
from tenants.endpoints import tenant


@bp.get("/provider")
@tenant("people.manage")
def provider_access(slug: str) -> ResponseReturnValue:
    now = clock.now()
    grants = list_recent_grants(now=now)
    givers = names_of_staff(user_ids=[one.granted_by for one in grants if one.granted_by])
    live, ended = presenting.holders(grants, givers, current_client().time_zone, now)
    return render_template(
        "people/provider.html", client=current_client(), holders=live, ended=ended,
        done=request.args.get("done", ""),
    )  # fmt: skip


@bp.get("/provider/<uuid:grant_id>/end")
@tenant("people.manage")
def confirm_end(slug: str, grant_id: UUID) -> ResponseReturnValue:
    return _ending(grant_id, None)


@bp.post("/provider/<uuid:grant_id>/end")
@tenant("people.manage")
def end(slug: str, grant_id: UUID) -> ResponseReturnValue:
    queries.get_grant(grant_id=grant_id)
    try:
        check_client(slug)
        end_access(grant_id=grant_id, actor=current_actor(), now=clock.now())
    except NotFound:
        raise
    except CoulisseError as error:
        db.session.rollback()
        return _ending(grant_id, error)
    return redirect(url_for("people.provider_access", slug=slug, done="ended"), 303)


def _ending(grant_id: UUID, problem: CoulisseError | None) -> ResponseReturnValue:
    grant = queries.get_grant(grant_id=grant_id)
    template = "people/_end_grant.html" if wants_fragment() else "people/end_grant.html"
    page = render_template(
        template, client=current_client(), grant=grant, line=text(LINES[grant.line]),
        problem=problem,
    )  # fmt: skip
    return page, problem.status if problem else 200
