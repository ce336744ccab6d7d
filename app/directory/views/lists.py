from typing import Any

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue

from app.directory import queries
from app.directory.export import sheet
from app.directory.models import ROLES
from app.directory.part_export import TITLES, part_sheet
from app.directory.views.blueprint import bp, page, reader
from app.spreadsheets.writing import KINDS, write
from app.web.i18n import language, text
from tenants.core.errors import NotFound
from tenants.core.text import _m
from tenants.endpoints import tenant

ROLE_LABELS = {"": _m("All"), "customer": _m("Customers"), "supplier": _m("Suppliers")}


def _filters() -> dict[str, Any]:
    role, state = request.args.get("role", ""), request.args.get("state", "active")
    return {
        "role": role if role in ROLES else "",
        "search": request.args.get("q", "").replace("\0", "").strip()[:120],
        "state": state if state in queries.STATES else "active",
    }


@bp.get("")
@tenant("directory.read")
def list_parties(slug: str) -> ResponseReturnValue:
    reader()
    filters, cursor = _filters(), request.args.get("cursor") or None
    found = queries.list_parties(**filters, cursor=cursor)
    counts = queries.count_parties()

    def here(**more: Any) -> str:
        values = {"role": filters["role"], "q": filters["search"], "state": filters["state"]}
        values["state"] = "" if values["state"] == "active" else values["state"]
        kept = {name: value for name, value in {**values, **more}.items() if value}
        return url_for("directory.list_parties", slug=slug, **kept)

    return page(
        "list", rows=found.items, parts=queries.load_parts([row.id for row in found.items]),
        next_url=here(cursor=found.next_cursor) if found.next_cursor else None,
        first_url=here() if cursor else None, **filters,
        views=[(here(role=role), text(label), counts[role], role == filters["role"])
               for role, label in ROLE_LABELS.items()],
        archive_url=here(state="" if filters["state"] == "archived" else "archived"),
        exports=[
            (kind.upper(), url_for("directory.export", slug=slug, kind=kind, role=filters["role"],
                                   q=filters["search"], state=filters["state"]))
            for kind in KINDS
        ] + [
            (text(title), url_for("directory.export", slug=slug, kind="csv", of=of,
                                  role=filters["role"], q=filters["search"],
                                  state=filters["state"]))
            for of, title in TITLES.items()
        ],
    )  # fmt: skip


@bp.get("/export")
@tenant("directory.read", always=True)
def export(slug: str) -> ResponseReturnValue:
    """What the list shows, all pages of it, without bank accounts. With `of` it is all addresses,
    contacts or e-invoice addresses; a workbook has these behind its first sheet."""
    reader()
    kind, of = request.args.get("kind", "csv"), request.args.get("of", "")
    if kind not in KINDS or of not in ("", *TITLES):
        raise NotFound
    rows = queries.list_all(**_filters())
    parts = queries.load_parts([row.id for row in rows])
    if of:
        content = write(part_sheet(of, rows, parts, text), kind)
    else:
        first = sheet(rows, parts, language(), text(_m("Customers and suppliers")))
        content = write(first, kind, [part_sheet(one, rows, parts, text) for one in TITLES])
    name = f"{slug}-{of or 'directory'}.{kind}"
    return Response(
        content,
        mimetype=KINDS[kind],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
