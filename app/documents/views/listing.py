"""What is filed: to look through, to search, and as a file."""

from datetime import date
from io import BytesIO
from typing import Any

from flask import Response, request, send_file, url_for
from flask.typing import ResponseReturnValue

from app.auth.current import current_actor
from app.documents import queries, words
from app.documents.kinds import KINDS
from app.documents.plan import Branch
from app.documents.queries import Filters
from app.documents.sheet import documents_sheet
from app.documents.views.blueprint import bp
from app.documents.views.frame import own_request, page, tree, uuid_or_none
from app.spreadsheets.writing import KINDS as SHEETS
from app.spreadsheets.writing import write
from app.web.i18n import text
from tenants.endpoints import tenant
from tenants.models import LANGUAGES

# Of a list that is taken along whole.
MOST_ROWS = 10_000
NAMES = ("q", "folder", "kind", "language", "since", "until", "request")


@bp.get("")
@tenant("document.read")
def list_documents(slug: str) -> ResponseReturnValue:
    branches = tree(counted=True)
    cursor = request.args.get("cursor") or None
    found = queries.list_documents(actor=current_actor(), filters=_filters(branches), cursor=cursor)
    kept: dict[str, Any] = {name: request.args[name] for name in NAMES if request.args.get(name)}
    folder = uuid_or_none(kept.get("folder", ""))
    return page(
        "list", rows=found.items, tree=branches, outcomes=words.OUTCOMES, held=words.HELD,
        chosen=kept, filtered=bool(set(kept) - {"folder"}), cursor=cursor,
        folder=next((one for one in branches if one.id == folder), None),
        next_url=url_for(".list_documents", slug=slug, **kept, cursor=found.next_cursor)
        if found.next_cursor else None,
        first_url=url_for(".list_documents", slug=slug, **kept),
        export={kind: url_for(".export", slug=slug, **kept, format=kind) for kind in SHEETS},
        may_file=current_actor().can("document.file"),
    )  # fmt: skip


@bp.get("/export")
@tenant("document.read")
def export(slug: str) -> Response:
    """The rows of the list as it is filtered, at most so many."""
    branches = tree()
    found = queries.list_documents(
        actor=current_actor(), filters=_filters(branches), limit=MOST_ROWS
    )
    kind = request.args.get("format", "csv")
    kind = kind if kind in SHEETS else "csv"
    sheet = documents_sheet(found.items, branches, text)
    response = send_file(
        BytesIO(write(sheet, kind)), mimetype=SHEETS[kind], as_attachment=True,
        download_name=f"{sheet.code}.{kind}", etag=False,
    )  # fmt: skip
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _filters(branches: list[Branch]) -> Filters:
    """What stands in the address; what isn't known there counts as left out."""
    args = request.args
    folder = uuid_or_none(args.get("folder", ""))
    kind, language = args.get("kind", ""), args.get("language", "")
    return Filters(
        words=args.get("q", "").replace("\0", "")[:120],
        kind=kind if kind in KINDS else "",
        language=language if language in LANGUAGES else "",
        folders=next((one.within for one in branches if one.id == folder), ()),
        request_id=own_request(args.get("request", "")),
        since=_day(args.get("since", "")),
        until=_day(args.get("until", "")),
    )


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None
