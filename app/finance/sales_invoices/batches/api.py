"""Sheets of invoices for programs: sent, looked at, issued; the same services as the pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint

from app.documents.queries import get_own_request
from app.finance.sales_invoices import api as sales_invoices
from app.finance.sales_invoices.api import READ
from app.finance.sales_invoices.batches import api_schemas as shapes
from app.finance.sales_invoices.batches import queries, services
from app.finance.sales_invoices.batches.saying import said
from app.finance.sales_invoices.models import InvoiceBatch
from app.finance.sales_invoices.opened import WORK, reader
from app.web.api.reading import SentFile
from tenants.core import clock
from tenants.core.pagination import Page
from tenants.core.schema import amount_of
from tenants.operations import Answer, operation
from tenants.permissions import Actor

bp = Blueprint("invoice_batches_api", __name__, url_prefix="/api/v1")
WORKS: dict[str, Any] = {**sales_invoices.WORKS, "answer": shapes.InvoiceBatchOut}
ALL, ONE = "/sales-invoice-batches", "/sales-invoice-batches/<uuid:invoice_batch_id>"
_SAME = (
    "id", "name", "sha256", "state", "aim", "ignored", "rows_in", "invoices_in", "job_id",
    "created_by_name", "created_at", "ended_at",
)  # fmt: skip


@bp.get(ALL)
@operation("List sheets of invoices, newest first", form="page", query=shapes.BatchQuery,
           answer=shapes.InvoiceBatchOut, refusals=(404,), **READ)  # fmt: skip
def list_invoice_batches(query: dict[str, Any]) -> Page[Any]:
    actor = reader()
    found = queries.list_batches(request_id=_request(query.pop("request", None), actor), **query)
    return Page(_all_shown(found.items), found.next_cursor)


@bp.post(ALL)
@operation(
    "Send a sheet of invoices", upload=True, query=shapes.SentSheetQuery, status=201,
    refusals=(404, 409, 413, 422), **WORKS,
    description="CSV or XLSX, with headings in French, German or English. It is read first and no "
    "invoice is made: look at it until its state is `read`, then issue it.",
)  # fmt: skip
def send_invoice_batch(sent: SentFile, query: dict[str, Any]) -> Answer:
    actor = reader(WORK)
    row = services.upload_batch(
        name=sent.name, content_type=sent.content_type, content=sent.content,
        request_id=_request(query.get("request"), actor), actor=actor, now=clock.now(),
    )  # fmt: skip
    return Answer(_shown(row), location=f"/api/v1/sales-invoice-batches/{row.id}")


@bp.get(ONE)
@operation("Show a sheet of invoices", answer=shapes.InvoiceBatchOut, **READ)
def show_invoice_batch(invoice_batch_id: UUID) -> dict[str, Any]:
    reader()
    return _shown(queries.get_batch(batch_id=invoice_batch_id))


@bp.get(f"{ONE}/rows")
@operation("List what becomes of each invoice of a sheet", form="page",
           query=shapes.InvoiceBatchRowQuery, answer=shapes.InvoiceBatchRowOut, **READ)  # fmt: skip
def list_invoice_batch_rows(invoice_batch_id: UUID, query: dict[str, Any]) -> Page[Any]:
    reader()
    row = queries.get_batch(batch_id=invoice_batch_id)
    found = queries.list_rows(batch_id=row.id, **query)
    return Page([_row(one) for one in found.items], found.next_cursor)


@bp.post(f"{ONE}/issue")
@operation("Issue the invoices of a sheet", body=shapes.IssueIn, status=202,
           refusals=(409, 422), example={"aim": "validate"}, **WORKS)  # fmt: skip
def issue_invoice_batch(invoice_batch_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    actor = reader(WORK)
    services.issue_batch(batch_id=invoice_batch_id, **body, actor=actor, now=clock.now())
    return _shown(queries.get_batch(batch_id=invoice_batch_id))


@bp.post(f"{ONE}/drop")
@operation("Drop a sheet of invoices that isn't wanted", refusals=(409,), **WORKS)
def drop_invoice_batch(invoice_batch_id: UUID) -> dict[str, Any]:
    actor = reader(WORK)
    services.drop_batch(batch_id=invoice_batch_id, actor=actor, now=clock.now())
    return _shown(queries.get_batch(batch_id=invoice_batch_id))


def _request(number: int | None, actor: Actor) -> UUID | None:
    return get_own_request(number=number, actor=actor) if number is not None else None


def _shown(row: InvoiceBatch) -> dict[str, Any]:
    return _all_shown([row])[0]


def _all_shown(rows: Sequence[InvoiceBatch]) -> list[dict[str, Any]]:
    counts = queries.count_by_batch([row.id for row in rows])
    return [
        {
            **{name: getattr(row, name) for name in _SAME},
            **counts[row.id],
            "problem": said(row.problem) if row.problem else "",
        }
        for row in rows
    ]


def _row(one: Any) -> dict[str, Any]:
    amounts = {
        name: None if value is None else amount_of(value, one.currency)
        for name, value in (("net", one.net), ("tax", one.tax), ("gross", one.gross))
    }
    return {
        "position": one.position, "reference": one.reference, "lines": one.lines,
        "customer_name": one.customer_name, "state": one.state, **amounts,
        "reasons": [
            {"line": line, "column": title, "reason": said(reason)}
            for line, title, reason in one.reasons
        ],
        "invoice_id": one.invoice_id, "number": one.number or "",
        "invoice_state": one.standing or "", "file": one.files or "",
    }  # fmt: skip
