from types import SimpleNamespace
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.catalogue.lines import LINES
from app.catalogue.memory import ITEMS
from app.contracts.calendar_of import stored_calendar
from app.contracts.words import PRIORITY_NAMES
from app.desk.bulk import ACTS
from app.desk.filters import (
    DUE,
    SORTS,
    QueueFilter,
    filter_of,
    query_of,
)
from app.desk.queries import DeskContext
from app.desk.queue import Desk, read_desk, views_of
from app.desk.views.blueprint import bp
from app.desk.views.common import address, context, kept, reader, request_url_pattern, title
from app.service_requests.models import PRIORITIES
from app.service_requests.rows import RowMaker
from app.service_requests.transitions import OPEN, STATES
from app.web.branding import brands_css
from app.web.i18n import text
from app.web.layout import NavItem
from tenants.core import clock
from tenants.core.text import _m
from tenants.endpoints import staff


@bp.get("")
@staff("desk.use")
def queue() -> ResponseReturnValue:
    found = context()
    start = views_of(found).get(found.default_view)
    if start and not request.args:
        return redirect(address(start), 303)
    desk = _read(found)
    return render_template(
        "desk/queue.html", **_list(desk), nav=_nav(desk), chosen=desk.chosen, desk=desk,
        clients=found.clients, title=title(desk.view), offered=_offered(found), open=_open(found),
        after=found.after, acts=ACTS, bulk_keys={"take": "a", "snooze": "s"},
    )  # fmt: skip


@bp.get("/rows")
@staff("desk.use")
def rows() -> ResponseReturnValue:
    """Rows and figures, for the page that asks again every half minute."""
    desk = _read(context())
    return render_template("desk/_refresh.html", **_list(desk), nav=_nav(desk))


@bp.get("/brands.css")
@staff("desk.use")
def brands() -> Response:
    css = brands_css((one.code, one.colour) for one in context().clients)
    return Response(css, mimetype="text/css", headers={"Cache-Control": "private, max-age=300"})


def _read(found: DeskContext) -> Desk:
    return read_desk(
        context=found, reader=reader(found), view=request.args.get("view", "all"),
        chosen=filter_of(request.args), cursor=request.args.get("cursor"),
        reviews=current_actor().can("desk.supervise"),
    )  # fmt: skip


def _offered(found: DeskContext) -> dict[str, Any]:
    """What the filters offer, by parameter: what is empty narrows nothing."""
    return {
        "line": [(code, text(label)) for code, label in LINES.items()],
        "state": [(code, text(STATES[code])) for code in OPEN],
        "item": [(code, text(item.title)) for code, item in ITEMS.items()],
        "priority": [(code, text(PRIORITY_NAMES[code])) for code in PRIORITIES],
        "who": [
            ("me", text(_m("Me"))), ("nobody", text(_m("Nobody yet"))), *found.people.items(),
        ],
        "due": [(code, text(label)) for code, label in DUE.items()],
        "sort": [(code, text(label)) for code, label in SORTS.items()],
    }  # fmt: skip


def _open(found: DeskContext) -> SimpleNamespace | None:
    """The request that the address names, if its client is one of theirs."""
    slug, _, number = request.args.get("open", "").partition("/")
    mine = slug in {one.slug for one in found.clients}
    if not mine or not number.isdecimal() or len(number) > 9:
        return None
    url = url_for("service_requests.show", slug=slug, number=int(number))
    return SimpleNamespace(key=f"{slug}/{number}", url=url)


def _list(desk: Desk) -> dict[str, Any]:
    filters, opened, now = kept(), request.args.get("open"), clock.now()
    here, pattern = url_for("desk.queue", **filters), request_url_pattern()
    joined = f"{here}{'&' if filters else '?'}open="
    make = RowMaker(side="provider", now=now)
    select = text(_m("Select %(code)s-%(number)s"))
    found = [
        make.row(
            SimpleNamespace(**row),
            calendar=stored_calendar(
                row["calendar"], country=row["country"], zone=row["time_zone"], on=now
            ),
            key=(key := f"{row['slug']}/{row['number']}"),
            url=f"{joined}{key}",
            fragment_url=pattern.format(slug=row["slug"], number=row["number"]),
            client_name=row["client_name"], client_code=row["client_code"],
            anchor=f"{row['slug']}-{row['number']}",
            select=select % {"code": row["client_code"], "number": row["number"]},
            current=key == opened, version=row["version"],
            steps=f"{row['steps_done']}/{row['steps_total']}" if row["steps_total"] else "",
            asleep=row["snoozed_until"] if row["snoozed_until"] and row["snoozed_until"] > now else None,
        )
        for row in desk.page.items
    ]  # fmt: skip
    following = desk.page.next_cursor
    return {
        "rows": found,
        "rows_url": url_for("desk.rows", **kept(cursor=request.args.get("cursor", ""))),
        "next_url": url_for("desk.queue", **filters, cursor=following) if following else None,
        "first_url": here if request.args.get("cursor") else None,
        "filtered": _beside(desk).narrows,
        "granted": bool(desk.context.clients),
        "view": desk.view.code,
        "query": query_of(desk.chosen),
    }


def _beside(desk: Desk) -> QueueFilter:
    """What the reader chose beside the view itself."""
    chosen = filter_of(request.args)
    return QueueFilter() if desk.view.saved and chosen == desk.view.filter else chosen


def _nav(desk: Desk) -> list[NavItem]:
    return [*_views(desk), *_clients(desk)]


def _views(desk: Desk) -> list[NavItem]:
    items = [NavItem(url=None, icon=None, label=text(_m("Views")))]
    for code, view in desk.views.items():
        count = desk.counts.get(code, 0)
        items.append(
            NavItem(
                url=address(view), icon=view.icon, label=title(view), count=count,
                active=code == desk.view.code, alert=code == "overdue" and bool(count),
            )
        )  # fmt: skip
    items += [
        NavItem(
            url=url_for("desk.mail"),
            icon="mail",
            label=text(_m("Mails in quarantine")),
            count=desk.counts.get("mail", 0),
            alert=bool(desk.counts.get("mail")),
        ),
        _handovers(desk),
        NavItem(url=url_for("desk.saved_views"), icon="adjustments", label=text(_m("My desk"))),
        NavItem(url=url_for("desk.texts"), icon="template", label=text(_m("Text modules"))),
    ]
    return items


def _handovers(desk: Desk) -> NavItem:
    """What waits for the reader's own answer, and for a supervisor's decision."""
    left_alone = desk.counts.get("left_alone", 0)
    return NavItem(
        url=url_for("desk.handovers"), icon="arrows-exchange", label=text(_m("Handovers")),
        count=desk.counts.get("handed", 0) + left_alone, alert=bool(left_alone),
    )  # fmt: skip


def _clients(desk: Desk) -> list[NavItem]:
    only = desk.chosen.client
    everybody = url_for("desk.queue", **kept(client=""))
    begin = f"{everybody}{'&' if '?' in everybody else '?'}client="
    return [
        NavItem(url=None, icon=None, label=text(_m("Clients"))),
        *(
            NavItem(
                url=f"{begin}{one.slug}" if one.slug != only else everybody,
                icon=None, label=one.name, client=one.code, active=one.slug == only,
            )
            for one in desk.context.clients
        ),
    ]  # fmt: skip
