from zoneinfo import ZoneInfo

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.catalogue.lines import LINES
from app.contracts.calendar_of import calendar_of_version
from app.guests.views.blueprint import bp
from app.service_requests.queries import list_requests
from app.service_requests.rows import RowMaker
from app.service_requests.views.rendering import current_client
from tenants.core import clock
from tenants.endpoints import tenant
from tenants.queries import get_own_guest

GROUPS = ("open", "ended", "all")


@bp.get("")
@tenant("guest.read")
def home(slug: str) -> ResponseReturnValue:
    """The requests of their lines, newest first."""
    actor, client, now = current_actor(), current_client(), clock.now()
    assert actor.user_id is not None
    state = request.args.get("state", "all")
    state = state if state in GROUPS else "all"
    line = request.args.get("line", "")
    line = line if line in actor.lines else ""
    search = request.args.get("q", "").strip()[:120]
    cursor = request.args.get("cursor") or None
    page = list_requests(
        actor=actor, state=None if state == "all" else state, search=search, cursor=cursor,
        line=line or None, today=now.astimezone(ZoneInfo(client.time_zone)).date(),
    )  # fmt: skip
    calendar = calendar_of_version(
        page.items[0].contract_id if page.items else None,
        country=client.country, zone=client.time_zone, on=now,
    )  # fmt: skip
    here = url_for("guests.home", slug=slug)
    guest = get_own_guest(user_id=actor.user_id)
    return render_template(
        "guests/home.html", client=client, here=here, state=state, line=line, search=search,
        rows=RowMaker(side="guest", now=now).client_list(
            page.items, here=f"{here}/requests", calendar=calendar
        ),
        shown=len(page.items), cursor=cursor, next_cursor=page.next_cursor,
        lines={code: label for code, label in LINES.items() if code in actor.lines},
        guest=guest, until=guest.last_day(client.time_zone), may_ask=actor.can("guest.ask"),
    )  # fmt: skip
