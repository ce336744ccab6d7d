from collections.abc import Mapping
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.desk.queries import QueueFilter
from app.desk.queue import VIEWS, Desk, filter_of, list_clients, read_desk
from app.service_requests.catalogue import LINES
from app.service_requests.rows import RowMaker
from app.service_requests.transitions import OPEN, STATES
from app.web.branding import brands_css
from app.web.i18n import text
from app.web.layout import NavItem
from tenants.core import clock
from tenants.core.text import _m
from tenants.endpoints import staff

bp = Blueprint("desk", __name__, url_prefix="/desk")

TITLES: Mapping[str, tuple[str, str]] = {
    "all": ("inbox", _m("All open")),
    "mine": ("user", _m("Mine")),
    "unassigned": ("user-question", _m("Unassigned")),
    "overdue": ("flame", _m("Overdue")),
    "in_review": ("eye", _m("To review")),
}
FILTERS = ("state", "client", "line", "q")
KEPT = ("view", *FILTERS)


@bp.get("")
@staff("desk.use")
def queue() -> ResponseReturnValue:
    now, chosen = clock.now(), filter_of(request.args)
    desk = _read(chosen, now)
    return render_template(
        "desk/queue.html", **_list(desk, now), nav=_nav(desk), chosen=chosen,
        clients=desk.clients, lines=LINES, title=TITLES[_view()][1],
        states=[(code, text(STATES[code])) for code in OPEN], open=_open(desk),
    )  # fmt: skip


@bp.get("/rows")
@staff("desk.use")
def rows() -> ResponseReturnValue:
    """Rows and figures, for the page that asks again every half minute."""
    now = clock.now()
    desk = _read(filter_of(request.args), now)
    return render_template("desk/_refresh.html", **_list(desk, now), nav=_nav(desk))


@bp.get("/brands.css")
@staff("desk.use")
def brands() -> Response:
    css = brands_css((one.code, one.colour) for one in list_clients())
    return Response(css, mimetype="text/css", headers={"Cache-Control": "private, max-age=300"})


@bp.get("/palette")
@staff("desk.use")
def palette() -> ResponseReturnValue:
    """A client's name or code, a request's number or words."""
    wanted, now = request.args.get("q", "").strip()[:120], clock.now()
    desk = _read(QueueFilter(search=wanted), now, counted=False)
    low = wanted.lower()
    clients = [one for one in desk.clients if low in one.name.lower() or low == one.code.lower()]
    return make_response(
        render_template("desk/_palette.html", clients=clients[:5] if wanted else [],
                        rows=_list(desk, now)["rows"][:8] if wanted else [], wanted=wanted)
    )  # fmt: skip


def _read(chosen: QueueFilter, now: datetime, *, counted: bool = True) -> Desk:
    user_id = current_actor().user_id
    assert user_id is not None
    return read_desk(
        user_id=user_id, now=now, chosen=chosen, cursor=request.args.get("cursor"), counted=counted
    )


def _view() -> str:
    view = request.args.get("view", "all")
    return view if view in VIEWS else "all"


def _kept(**changes: Any) -> dict[str, Any]:
    """The filters that stand in the address, with these changes; empty ones are left out."""
    found = {name: request.args.get(name, "") for name in KEPT} | changes
    return {name: value for name, value in found.items() if value}


def _open(desk: Desk) -> SimpleNamespace | None:
    """The request that the address names, if its client is one of theirs."""
    slug, _, number = request.args.get("open", "").partition("/")
    if not number.isdecimal() or len(number) > 9 or slug not in {one.slug for one in desk.clients}:
        return None
    url = url_for("service_requests.show", slug=slug, number=int(number))
    return SimpleNamespace(key=f"{slug}/{number}", url=url)


def _list(desk: Desk, now: datetime) -> dict[str, Any]:
    kept, opened = _kept(), request.args.get("open")
    here, pattern = url_for("desk.queue", **kept), _request_url_pattern()
    joined = f"{here}{'&' if kept else '?'}open="
    make = RowMaker(side="provider", now=now)
    found = [
        make.row(
            SimpleNamespace(**row),
            key=(key := f"{row['slug']}/{row['number']}"),
            url=f"{joined}{key}",
            fragment_url=pattern.format(slug=row["slug"], number=row["number"]),
            client_name=row["client_name"], client_code=row["client_code"],
            current=key == opened,
        )
        for row in desk.page.items
    ]  # fmt: skip
    following = desk.page.next_cursor
    return {
        "rows": found,
        "rows_url": url_for("desk.rows", **_kept(cursor=request.args.get("cursor", ""))),
        "next_url": url_for("desk.queue", **kept, cursor=following) if following else None,
        "first_url": here if request.args.get("cursor") else None,
        "filtered": any(kept.get(name) for name in FILTERS),
        "granted": bool(desk.clients),
        "view": _view(),
    }


def _request_url_pattern() -> str:
    """`url_for` once, not once a row."""
    return url_for("service_requests.show", slug="SLUG", number=0).replace("SLUG", "{slug}").replace(
        "/0", "/{number}"
    )  # fmt: skip


def _nav(desk: Desk) -> list[NavItem]:
    items = [NavItem(url=None, icon=None, label=text(_m("Views")))]
    items += [
        NavItem(
            url=url_for("desk.queue", **_kept(view=view if view != "all" else "", state="")),
            icon=icon, label=text(title), count=desk.counts.get(view, 0),
            active=view == _view(), alert=view == "overdue" and bool(desk.counts.get(view)),
        )
        for view, (icon, title) in TITLES.items()
    ]  # fmt: skip
    items.append(NavItem(url=None, icon=None, label=text(_m("Clients"))))
    only = request.args.get("client")
    items += [
        NavItem(
            url=url_for("desk.queue", **_kept(client=one.slug if one.slug != only else "")),
            icon=None, label=one.name, client=one.code, active=one.slug == only,
        )
        for one in desk.clients
    ]  # fmt: skip
    return items
