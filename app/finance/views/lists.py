"""The three lists of a payment control: lines, open items, rejects. Each state is in the address."""

from collections import defaultdict
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from app.finance import item_queries, line_views, presenting, queries
from app.finance.models import StatementLine
from app.finance.opened import Opened, open_control
from app.finance.reject_csv import rejects_csv
from app.finance.views.blueprint import bp
from app.finance.views.opening import frame, on_page
from app.web.i18n import language, text
from tenants.endpoints import tenant

THRESHOLDS = (100, 90, 80, 60, 0)


@bp.get("")
@tenant("request.read")
def workbench(slug: str, number: int) -> ResponseReturnValue:
    return on_page(slug, number, lambda opened: render_template(
        "finance/lines.html", **frame(slug, opened, "lines"), **lines_context(opened),
    ))  # fmt: skip


def lines_context(opened: Opened) -> dict[str, Any]:
    """The page of lines that the address (of the page, for an act of htmx) names."""
    args = _address()
    view = args.get("view", "all")
    if view not in (*line_views.VIEWS, *line_views.COUNTED_VIEWS):
        view = "all"
    search, cursor = args.get("q", "").strip()[:120], args.get("cursor") or None
    found = queries.list_lines(control=opened.control, view=view, search=search, cursor=cursor)
    return {
        "lines": shown(opened, found.items),
        "next_cursor": found.next_cursor,
        "cursor": cursor,
        **figures_context(opened, view, search),
    }


def figures_context(opened: Opened, view: str, search: str) -> dict[str, Any]:
    counts = queries.count_lines(control=opened.control, quality=opened.provider)
    labels = {**presenting.VIEWS, **({} if opened.provider else presenting.CLIENT_VIEWS)}
    # Views that are seldom filled are shown while they are.
    rare = {"learned", "difference"} if opened.provider else {"learned"}
    hidden = {name for name in rare if not getattr(counts, name)} - {view}
    names = [name for name in line_views.VIEWS if name not in hidden]
    names += [] if view in names else [view]
    return {
        "view": view,
        "search": search,
        "views": [(name, text(labels[name]), getattr(counts, name, None)) for name in names],
        "counts": counts,
        "quality": _quality(counts) if opened.provider else [],
        **_at_once(opened, counts),
    }


def _at_once(opened: Opened, counts: queries.LineCounts) -> dict[str, Any]:
    """What many decisions in one click offer."""
    if not opened.works:
        return {"thresholds": [], "learned": 0, "suggested": 0}
    return {
        "thresholds": _thresholds(opened) if counts.proposed else [],
        "learned": queries.count_learned(control=opened.control) if counts.learned else 0,
        "suggested": counts.suggested,
    }


def _quality(counts: queries.LineCounts) -> list[tuple[str, str, int, int]]:
    """Label, view, part and whole of each figure of quality."""
    return [
        (text(presenting.VIEWS["by_rule"]), "by_rule", counts.by_rule, counts.all),
        (text(presenting.VIEWS["undone"]), "undone", counts.undone, counts.ever_by_rule),
    ]


def _thresholds(opened: Opened) -> list[tuple[int, int]]:
    """Each threshold that adds something to the one above it."""
    found = queries.count_proposals(control=opened.control, thresholds=THRESHOLDS)
    return [
        (least, count)
        for at, (least, count) in enumerate(found)
        if count and (at == 0 or count != found[at - 1][1])
    ]


def shown(opened: Opened, lines: Any) -> list[presenting.ShownLine]:
    found: list[StatementLine] = list(lines)
    return presenting.shown_lines(
        found,
        matches=queries.list_matches_of_lines(
            control=opened.control, line_ids=[line.id for line in found]
        ),
        items=item_queries.list_items_by_id(
            control=opened.control, ids=presenting.candidate_ids(found) if opened.works else []
        ),
        provider=opened.provider,
        undone=queries.lines_with_undone(
            control=opened.control, line_ids=[line.id for line in found]
        ) if opened.works else (),
    )  # fmt: skip


def current_view() -> tuple[str, str]:
    """View and search of the page that an act was sent from."""
    args = _address()
    view = args.get("view", "all")
    known = (*line_views.VIEWS, *line_views.COUNTED_VIEWS)
    return (view if view in known else "all"), args.get("q", "").strip()[:120]


def _address() -> dict[str, str]:
    page = request.headers.get("HX-Current-URL", "")
    if request.method == "POST" and page:
        with suppress(ValueError):
            found = parse_qs(urlsplit(page).query)
            return {name: values[-1] for name, values in found.items()}
    return request.args.to_dict()


@bp.get("/items")
@tenant("request.read")
def items(slug: str, number: int) -> ResponseReturnValue:
    return on_page(slug, number, lambda opened: render_template(
        "finance/items.html", **frame(slug, opened, "items"), **_items(opened),
    ))  # fmt: skip


def _items(opened: Opened) -> dict[str, Any]:
    state = request.args.get("state", "")
    state = state if state in item_queries.ITEM_STATES else ""
    search, cursor = request.args.get("q", "").strip()[:120], request.args.get("cursor") or None
    found = item_queries.list_items(
        control=opened.control, state=state, search=search, cursor=cursor
    )
    paid: dict[Any, list[Any]] = defaultdict(list)
    for row in item_queries.list_lines_of_items(
        control=opened.control, item_ids=[item.id for item in found.items]
    ):
        if opened.provider or row.state == "confirmed":
            paid[row.item_id].append(row)
    return {
        "items": found.items,
        "paid_by": paid,
        "differences": {k: text(v) for k, v in presenting.DIFFERENCES.items()},
        "next_cursor": found.next_cursor,
        "cursor": cursor,
        "state": state,
        "search": search,
        "states": [(name, text(label)) for name, label in presenting.ITEM_STATES.items()],
    }


@bp.get("/rejects")
@tenant("request.read")
def rejects(slug: str, number: int) -> ResponseReturnValue:
    return on_page(slug, number, lambda opened: render_template(
        "finance/rejects.html", **frame(slug, opened, "rejects"), **_rejects(opened),
    ))  # fmt: skip


def _rejects(opened: Opened) -> dict[str, Any]:
    source = request.args.get("source", "")
    source = source if source in item_queries.SOURCES else ""
    cursor = request.args.get("cursor") or None
    found = item_queries.list_reject_page(control=opened.control, source=source, cursor=cursor)
    counts = item_queries.count_rejects(control=opened.control)
    counts[""] = sum(counts.values())
    return {
        "rejects": [(row, presenting.sentence(row.reason)) for row in found.items],
        "next_cursor": found.next_cursor,
        "cursor": cursor,
        "source": source,
        "sources": [
            (name, text(label), counts.get(name, 0)) for name, label in presenting.SOURCES.items()
        ],
        "labels": {name: text(label) for name, label in presenting.SOURCES.items()},
    }


@bp.get("/rejects.csv")
@tenant("request.read")
def rejects_file(slug: str, number: int) -> Response:
    opened = open_control(number)
    content = rejects_csv(
        queries.list_rejects(control=opened.control), translate=text, locale=language()
    )
    name = f"rejects-{opened.request.number}.csv"
    return Response(
        content, mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"',
                 "Cache-Control": "private, no-store"},
    )  # fmt: skip
