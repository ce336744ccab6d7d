"""Supervision: what burns where, who has how much to do, and the list behind every figure."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.catalogue.lines import LINES
from app.desk.supervision import files, tables
from app.desk.supervision.figures import LATER, MARKS
from app.desk.supervision.filters import LISTS, OF_REQUESTS, Asked, asked_of
from app.desk.supervision.listing import rows_of
from app.desk.supervision.reading import Reader, read_overview, reader_of
from app.desk.supervision.words import AGE_NAMES
from app.desk.supervision.words import MARKS as WORDS
from app.desk.views.common import user_id
from app.service_levels.words import CLOCK_NAMES
from app.service_requests.presenting import LOOKS
from app.service_requests.transitions import STATES
from app.spreadsheets.writing import KINDS, Sheet, write
from app.web.i18n import text
from tenants.core import clock
from tenants.core.errors import NotFound
from tenants.core.text import _m
from tenants.endpoints import staff

bp = Blueprint("supervision", __name__, url_prefix="/supervision")
# So many rows are shown; the file has them all.
MOST = 200


@bp.get("")
@staff("desk.supervise")
def overview() -> ResponseReturnValue:
    reader = _reader()
    seen, slug = read_overview(reader), request.args.get("client", "")
    heat = tables.heat_of(reader, seen, slug)
    if slug and not heat.rows:
        raise NotFound
    return render_template(
        "desk/supervision/overview.html", reader=reader, seen=seen, heat=heat, slug=slug,
        client=heat.rows[0].client if slug else None, lines=LINES, marks=MARKS, words=WORDS,
        loads=tables.loads_of(reader, seen, text(_m("Somebody who left"))),
        weeks=reader.facts.office.weeks(reader.now), later=LATER,
        ages=tables.ages_of(reader, seen), age_names=AGE_NAMES, url=_list_url,
        parts=files.PARTS,
    )  # fmt: skip


@bp.get("/file")
@staff("desk.supervise")
def overview_file() -> ResponseReturnValue:
    """One part of the page, over all clients."""
    part = files.PARTS.get(request.args.get("part", ""))
    if part is None:
        raise NotFound
    reader = _reader()
    return _sent(part(reader, read_overview(reader), text))


@bp.get("/list")
@staff("desk.supervise")
def behind() -> ResponseReturnValue:
    """What stands behind one figure."""
    asked, reader = _asked(), _reader()
    rows = rows_of(reader, asked)
    title, about = LISTS[asked.what]
    return render_template(
        "desk/supervision/list.html", asked=asked, title=title, about=about,
        says=_says(reader, asked), count=len(rows), rows=_linked(rows[:MOST]), most=MOST, lines=LINES,
        states=STATES, looks=LOOKS, of_requests=asked.what in OF_REQUESTS, words=WORDS,
        clocks=CLOCK_NAMES, file=lambda kind: _file_url(asked, kind),
        minutes=sum(one.minutes or 0 for one in rows),
    )  # fmt: skip


@bp.get("/list/file")
@staff("desk.supervise")
def list_file() -> ResponseReturnValue:
    asked, reader = _asked(), _reader()
    return _sent(files.of_list(asked.what, rows_of(reader, asked), text))


def _reader() -> Reader:
    return reader_of(user_id=user_id(), now=clock.now())


def _asked() -> Asked:
    asked = asked_of(request.args)
    if asked is None:
        raise NotFound
    return asked


def _list_url(what: str, **narrowed: Any) -> str:
    return url_for("supervision.behind", what=what, **narrowed)


def _file_url(asked: Asked, kind: str) -> str:
    values: dict[str, Any] = asked.parameters()
    return url_for("supervision.list_file", kind=kind, **values)


def _linked(rows: Sequence[Any]) -> Sequence[Any]:
    for one in rows:
        one.url = url_for("service_requests.show", slug=one.client.slug, number=one.number)
    return rows


def _says(reader: Reader, asked: Asked) -> list[str]:
    """What the list is narrowed to, in words."""
    client = next((one.name for one in reader.clients.values() if one.slug == asked.client), "")
    line = text(LINES[asked.line]) if asked.line else ""
    person = reader.name(asked.person) if asked.person else text(_m("Nobody yet"))
    age = text(AGE_NAMES[int(asked.age)]) if asked.age else ""
    said = (client, line, person if asked.who else "", _week(reader, asked), age, asked.month)
    return [one for one in said if one]


def _week(reader: Reader, asked: Asked) -> str:
    if not asked.week:
        return ""
    if int(asked.week) == LATER:
        return text(_m("Later, or without a day"))
    first, _ = reader.facts.office.weeks(reader.now)[int(asked.week)]
    return text(_m("Week of %(day)s"), {"day": first.isoformat()})


def _sent(sheet: Sheet) -> Response:
    kind = request.args.get("kind", "")
    kind = kind if kind in KINDS else "csv"
    return Response(
        write(sheet, kind), mimetype=KINDS[kind],
        headers={
            "Content-Disposition": f'attachment; filename="{sheet.code}.{kind}"',
            "Cache-Control": "private, no-store",
        },
    )  # fmt: skip
