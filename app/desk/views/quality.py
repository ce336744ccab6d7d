"""First-pass yield, rework and findings: a supervisor's over the lines they review, an operator's
own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.catalogue.lines import LINES
from app.desk.quality.figures import Tally, add_up
from app.desk.quality.filters import BY, QualityFilter, filter_of, finding_of, parameters
from app.desk.quality.queries import LISTS, MOST, list_behind, read_cube
from app.desk.queries import DeskContext
from app.desk.queue import across
from app.desk.views.blueprint import bp
from app.desk.views.common import context, user_id
from app.service_requests import presenting
from app.service_requests.checking.kinds import KINDS, MARKS
from app.service_requests.checking.queries import list_raised
from app.web.i18n import text, zone
from tenants.core import clock
from tenants.core.errors import NotFound
from tenants.core.text import _m
from tenants.endpoints import staff

TITLES = {
    "delivered": _m("Delivered"),
    "first_pass": _m("Right the first time"),
    "corrected": _m("Corrected after a finding, a refusal or a reopening"),
    "checked": _m("Checked by a second person"),
    "rework": _m("Requests with rework"),
    "findings": _m("Findings"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """An operator asks about their own work only, at whichever client; a supervisor about
    everybody's on the lines that they review."""

    found: DeskContext
    chosen: QualityFilter
    supervises: bool

    @property
    def pairs(self) -> list[tuple[UUID, str]]:
        return [
            (one.tenant_id, line)
            for one in self.found.clients
            if self.chosen.client in ("", one.slug)
            for line, level in one.grant_lines.items()
            if self.chosen.line in ("", line) and (level == "review" or not self.supervises)
        ]

    @property
    def who(self) -> UUID | None:
        return self.chosen.who if self.supervises else user_id()

    def url(self, endpoint: str, **changes: Any) -> str:
        return url_for(endpoint, **parameters(self.chosen, **changes))


@bp.get("/quality")
@staff("desk.use")
def quality() -> ResponseReturnValue:
    asked = _asked()
    raised = _raised(asked.found, list_raised(user_id=None if asked.supervises else user_id()))
    with across(asked.found, reason="quality figures", user_id=user_id()) as session:
        cube = read_cube(
            session, pairs=asked.pairs, bounds=asked.chosen.bounds(zone()), who=asked.who
        )
    by = asked.chosen.by if asked.supervises or asked.chosen.by != "operator" else "line"
    total, parts = add_up(cube, by=by)
    return render_template(
        "desk/quality.html", asked=asked, chosen=asked.chosen, by=by, total=total,
        rows=_rows(asked, by, parts), kinds=_kinds(asked, total), all_by=_ways(asked),
        lines=LINES, people=asked.found.people, raised=raised,
        url=lambda what, **more: asked.url("desk.quality_list", what=what, **more),
    )  # fmt: skip


@bp.get("/quality/list")
@staff("desk.use")
def quality_list() -> ResponseReturnValue:
    """What stands behind one figure."""
    asked, what = _asked(), request.args.get("what", "delivered")
    if what not in LISTS:
        raise NotFound
    narrowed = finding_of(request.args)
    with across(asked.found, reason="behind a quality figure", user_id=user_id()) as session:
        rows = list_behind(
            session, what=what, pairs=asked.pairs, bounds=asked.chosen.bounds(zone()),
            who=asked.who, **narrowed,
        )  # fmt: skip
    clients = {one.tenant_id: one for one in asked.found.clients}
    return render_template(
        "desk/quality_list.html", title=TITLES[what], what=what, chosen=asked.chosen,
        kind=KINDS.get(narrowed["kind"], ""), more=len(rows) > MOST, most=MOST,
        back=asked.url("desk.quality"), marks=MARKS, kinds=KINDS,
        says=_says(asked),
        rows=[
            {
                "row": row, "client": clients[row.tenant_id],
                "subject": presenting.subject_of(row.item, row.title),
                "who": _name(asked.found, row.user_id),
                "url": url_for("service_requests.show", slug=clients[row.tenant_id].slug,
                               number=row.number),
            }
            for row in rows[:MOST]
        ],
    )  # fmt: skip


def _asked() -> Asked:
    found = context()
    today = clock.now().astimezone(zone()).date()
    return Asked(found, filter_of(request.args, today=today), current_actor().can("desk.supervise"))


def _ways(asked: Asked) -> dict[str, str]:
    return {way: word for way, word in BY.items() if asked.supervises or way != "operator"}


def _name(found: DeskContext, who: UUID | None) -> str:
    return found.people.get(str(who), text(_m("Somebody who left"))) if who else ""


def _rows(asked: Asked, by: str, parts: Any) -> list[tuple[str, dict[str, str], Tally]]:
    """Label, what narrows to it, counts; by name."""
    clients = {one.tenant_id: one for one in asked.found.clients}
    shown = []
    for key, tally in parts.items():
        if by == "client":
            label, narrowed = clients[key].name, {"client": clients[key].slug}
        elif by == "line":
            label, narrowed = text(LINES.get(key, key)), {"line": key}
        else:
            label = _name(asked.found, key) or text(_m("Nobody yet"))
            narrowed = {"operator": str(key)} if key else {}
        shown.append((label, narrowed, tally))
    return sorted(shown, key=lambda one: one[0].lower())


def _kinds(asked: Asked, total: Tally) -> tuple[list[tuple[str, int, str]], dict[str, str]]:
    """Bars, and the list behind each."""
    found = [
        (text(KINDS.get(kind, kind)), count, kind) for kind, count in total.kinds.most_common()
    ]
    urls = {
        label: asked.url("desk.quality_list", what="findings", kind=kind)
        for label, _, kind in found
    }
    return [(label, count, str(count)) for label, count, _ in found], urls


def _raised(found: DeskContext, raised: Sequence[Any]) -> list[dict[str, Any]]:
    clients = {one.tenant_id: one for one in found.clients}
    return [
        {
            "who": _name(found, one.user_id), "kind": presenting.item_title(one.item),
            "left": one.checks_left, "since": one.since, "client": clients.get(one.client_id),
        }
        for one in raised
    ]  # fmt: skip


def _says(asked: Asked) -> list[str]:
    """What the list is narrowed to, in words."""
    chosen, found = asked.chosen, asked.found
    client = next((one.name for one in found.clients if one.slug == chosen.client), "")
    line = text(LINES[chosen.line]) if chosen.line else ""
    person = _name(found, asked.who) if asked.who else ""
    return [one for one in (client, line, person) if one]
