"""The list of invoices: each figure opens what stands behind it."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template, request

from app.finance.sales_invoices import queries
from app.finance.sales_invoices.list_files import invoices_sheet, open_items_sheet
from app.finance.sales_invoices.transitions import STATES
from app.finance.sales_invoices.views.blueprint import bp
from app.finance.sales_invoices.views.opening import frame, reader
from app.finance.sales_invoices.words import FILES, TYPES, VIEWS
from app.service_requests.views.rendering import current_client, local_today
from app.spreadsheets.writing import KINDS, Sheet, write
from app.web.i18n import text
from tenants.core.errors import NotFound
from tenants.core.pagination import Page
from tenants.endpoints import tenant

RARE = ("open", "disputed", "credited", "files", "undelivered", "partly_paid")


@bp.get("")
@tenant("sales_invoice.read")
def list_invoices(slug: str) -> str:
    actor, today = reader(), local_today()
    view = request.args.get("view", "all")
    view = view if view in queries.VIEWS else "all"
    search, cursor = request.args.get("q", "").strip()[:120], request.args.get("cursor") or None
    found = queries.list_invoices(today=today, view=view, search=search, cursor=cursor)
    counts = queries.count_views(today)
    shown = [one for one in queries.VIEWS if one not in RARE or counts[one] or one == view]
    return render_template(
        "sales_invoices/list.html", **frame(actor), rows=found.items, view=view, search=search,
        cursor=cursor, next_cursor=found.next_cursor, today=today, states=STATES, types=TYPES,
        files=FILES, sums=queries.sums_open(today),
        views=[(one, VIEWS[one], counts[one]) for one in shown],
    )  # fmt: skip


@bp.get("/export")
@tenant("sales_invoice.read")
def export(slug: str) -> Response:
    """What the view shows, whole."""
    reader()
    view = request.args.get("view", "all")
    rows: list[Any] = []
    cursor = None
    while True:
        found: Page[Any] = queries.list_invoices(
            today=local_today(), view=view if view in queries.VIEWS else "all",
            search=request.args.get("q", "").strip()[:120], cursor=cursor, limit=1000,
        )  # fmt: skip
        rows += found.items
        cursor = found.next_cursor
        if cursor is None:
            break
    return _file(invoices_sheet(rows, text))


@bp.get("/open-items")
@tenant("sales_invoice.read")
def open_items(slug: str) -> Response:
    """As payment control takes them."""
    reader()
    return _file(open_items_sheet(queries.list_open(), text))


def _file(sheet: Sheet) -> Response:
    kind = request.args.get("kind", "csv")
    if kind not in KINDS:
        raise NotFound
    name = f"{sheet.code}-{current_client().code}.{kind}"
    return Response(
        write(sheet, kind), mimetype=KINDS[kind],
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "private, no-store",
        },
    )  # fmt: skip
