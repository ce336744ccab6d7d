from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.catalogue.lines import LINES
from app.guests.services import note_look
from app.guests.views.blueprint import bp
from app.service_levels import words
from app.service_levels.months import read_month as month_named
from app.service_levels.statement import read_month
from app.service_requests.views.rendering import current_client
from tenants.core import clock
from tenants.endpoints import tenant


@bp.get("/service-levels")
@tenant("guest.read")
def month(slug: str) -> ResponseReturnValue:
    """What was promised and kept in a month; not what comes back in money."""
    actor, now = current_actor(), clock.now()
    found = read_month(actor=actor, first=month_named(request.args.get("month", "")), now=now)
    note_look(verb="month.opened", actor=actor, now=now, month=found.span.name)
    chosen = (request.args.get("line", ""), request.args.get("clock", ""))
    listed = [one for one in found.outcomes if (one.line, one.clock) == chosen]
    return render_template(
        "guests/month.html", client=current_client(), found=found, lines=LINES, words=words,
        here=url_for("guests.month", slug=slug), chosen=chosen if any(chosen) else None,
        listed=listed,
    )  # fmt: skip
