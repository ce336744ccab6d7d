"""Sheets of invoices: sent, looked at, issued."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.finance.sales_invoices.batches import queries, services
from app.finance.sales_invoices.batches.errors_file import errors_file
from app.finance.sales_invoices.batches.saying import said
from app.finance.sales_invoices.batches.sheet import MAX_INVOICES, template_rows
from app.finance.sales_invoices.models import InvoiceBatch
from app.finance.sales_invoices.queries import find_settings
from app.finance.sales_invoices.schemas import ActForm, IssueForm, SheetForm
from app.finance.sales_invoices.transitions import STATES
from app.finance.sales_invoices.views.blueprint import bp
from app.finance.sales_invoices.views.opening import WORK, frame, reader, request_to_work
from app.finance.sales_invoices.words import BATCH_ROWS, BATCHES, FILES
from app.service_requests.models import ServiceRequest
from app.service_requests.queries import (
    get_request_by_id,
    get_request_file,
    list_files,
)
from app.service_requests.views.rendering import current_client
from app.service_requests.views.sending import carried_out
from app.spreadsheets.writing import KINDS, Sheet, write
from app.web.forms import BoundForm
from app.web.i18n import language, text
from tenants.core import clock
from tenants.core.errors import Invalid, NotFound
from tenants.core.text import _m
from tenants.endpoints import tenant
from tenants.jobs import get_status

SHEETS = (".csv", ".txt", ".xlsx")
CHOOSE = _m("Please choose a file.")
ENDED = ("quarantined", "cancelled")


@bp.get("/batches")
@tenant("sales_invoice.read")
def list_batches(slug: str) -> str:
    actor, cursor = reader(), request.args.get("cursor") or None
    found = queries.list_batches(cursor=cursor)
    return render_template(
        "sales_invoices/batches.html", **frame(actor), rows=found.items, cursor=cursor,
        next_cursor=found.next_cursor, batch_states=BATCHES,
    )  # fmt: skip


@bp.get("/batches/new")
@tenant("sales_invoice.work")
def new_batch(slug: str) -> ResponseReturnValue:
    reader(WORK)
    row = request_to_work(request.args.get("request", ""))
    values = {"client": slug, "request": row.number if row else None}
    return _send_page(_form(row, values=values), row)


@bp.post("/batches/new")
@tenant("sales_invoice.work")
def send_batch(slug: str) -> ResponseReturnValue:
    actor, row = reader(WORK), request_to_work(request.form.get("request", ""))
    form, made = _form(row), []

    def work(data: dict[str, Any]) -> None:
        who: dict[str, Any] = {
            "request_id": row.id if row else None, "actor": actor, "now": clock.now(),
        }  # fmt: skip
        sent, chosen = data["file"], data["chosen"]
        if chosen and row:
            stored = get_request_file(actor=actor, request=row, file_id=chosen)
            made.append(services.start_batch(stored=stored, **who).id)
        elif sent is not None:
            made.append(services.upload_batch(
                name=sent.filename or "invoices.csv",
                content_type=sent.mimetype or "application/octet-stream", content=sent.read(),
                **who,
            ).id)  # fmt: skip
        else:
            raise Invalid(field_errors={"file": [CHOOSE]})

    if not carried_out(form, slug, work):
        return _send_page(form, row)
    return redirect(_url(slug, made[0]), 303)


@bp.get("/batches/template")
@tenant("sales_invoice.read")
def batch_template(slug: str) -> Response:
    reader()
    kind = _kind("xlsx")
    headings, rows = template_rows(language())
    name = text(_m("Invoices"))
    return _file(write(Sheet("invoices", name, headings, rows), kind), kind, f"template.{kind}")


@bp.get("/batches/<uuid:invoice_batch_id>")
@tenant("sales_invoice.read")
def show_batch(slug: str, invoice_batch_id: UUID) -> ResponseReturnValue:
    return _page(slug, queries.get_batch(batch_id=invoice_batch_id))


@bp.post("/batches/<uuid:invoice_batch_id>/issue")
@tenant("sales_invoice.work")
def issue_batch(slug: str, invoice_batch_id: UUID) -> ResponseReturnValue:
    actor, form = reader(WORK), BoundForm(IssueForm, request.form)
    if not carried_out(form, slug, lambda data: services.issue_batch(
        batch_id=invoice_batch_id, aim=data["aim"], again=data["again"], actor=actor,
        now=clock.now(),
    )):  # fmt: skip
        return _page(slug, queries.get_batch(batch_id=invoice_batch_id), form)
    return redirect(_url(slug, invoice_batch_id), 303)


@bp.post("/batches/<uuid:invoice_batch_id>/drop")
@tenant("sales_invoice.work")
def drop_batch(slug: str, invoice_batch_id: UUID) -> ResponseReturnValue:
    actor, form = reader(WORK), BoundForm(ActForm, request.form)
    if not carried_out(form, slug, lambda _: services.drop_batch(
        batch_id=invoice_batch_id, actor=actor, now=clock.now()
    )):  # fmt: skip
        return _page(slug, queries.get_batch(batch_id=invoice_batch_id), form)
    return redirect(_url(slug, invoice_batch_id), 303)


@bp.get("/batches/<uuid:invoice_batch_id>/rejected")
@tenant("sales_invoice.read")
def batch_rejected(slug: str, invoice_batch_id: UUID) -> Response:
    """The lines of refused invoices as they were sent, with a column that says why."""
    reader()
    kind, row = _kind("csv"), queries.get_batch(batch_id=invoice_batch_id)
    made = errors_file(row, language(), said)
    return _file(write(made, kind), kind, f"rejected-{row.created_at:%Y-%m-%d}.{kind}")


def _form(row: ServiceRequest | None, *, values: dict[str, Any] | None = None) -> BoundForm:
    found = list_files(request_id=row.id) if row else []
    choices = [(str(one.id), one.name) for one in found if one.name.lower().endswith(SHEETS)]
    if values is not None:
        form = BoundForm(SheetForm, values=values, choices={"chosen": choices})
    else:
        form = BoundForm(SheetForm, request.form, request.files, choices={"chosen": choices})
    if not choices:
        form["chosen"].input = "hidden"
    return form


def _send_page(form: BoundForm, row: ServiceRequest | None) -> Response:
    form["client"].value = current_client().slug
    page = render_template(
        "sales_invoices/batch_new.html", **frame(reader(WORK)), form=form, r=row,
        ready=find_settings() is not None, most=MAX_INVOICES,
    )  # fmt: skip
    return make_response(page, form.status)


def _page(slug: str, row: InvoiceBatch, refused: BoundForm | None = None) -> Response:
    actor = reader()
    state, cursor = request.args.get("state", ""), request.args.get("cursor") or None
    state = state if state in queries.STATES else ""
    found = queries.list_rows(batch_id=row.id, state=state, cursor=cursor)
    counts = queries.count_rows(batch_id=row.id)
    labels = {"": _m("All"), **BATCH_ROWS}
    job = get_status(tenant_id=row.tenant_id, job_id=row.job_id) if row.job_id else None
    stopped = bool(job and job.state in ENDED)
    values = {"client": slug, "aim": row.aim}
    page = render_template(
        "sales_invoices/batch.html", **frame(actor), row=row, state=BATCHES[row.state], job=job,
        stopped=stopped, going=row.state in ("reading", "issuing") and not stopped,
        rows=found.items, counts=counts, view=state, labels=BATCH_ROWS, files=FILES,
        sums=queries.sum_rows(batch_id=row.id), states=STATES,
        problem=said(row.problem) if row.problem else "",
        reasons={
            one.position: [(line, title, said(reason)) for line, title, reason in one.reasons]
            for one in found.items
        },
        before=queries.find_same_file(batch=row) if row.state == "read" else None,
        r=get_request_by_id(request_id=row.request_id) if row.request_id else None,
        form=refused or BoundForm(IssueForm, values=values),
        views=[
            (_url(slug, row.id, state=name or None), text(label),
             counts[name] if name else row.invoices_in, name == state)
            for name, label in labels.items() if not name or counts[name] or name == state
        ],
        here=_url(slug, row.id, state=state or None),
        next_url=_url(slug, row.id, state=state or None, cursor=found.next_cursor)
        if found.next_cursor else None,
        first_url=_url(slug, row.id, state=state or None) if cursor else None,
    )  # fmt: skip
    return make_response(page, refused.status if refused else 200)


def _kind(usual: str) -> str:
    kind = request.args.get("kind", usual)
    if kind not in KINDS:
        raise NotFound
    return kind


def _file(content: bytes, kind: str, name: str) -> Response:
    return Response(
        content, mimetype=KINDS[kind],
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "private, no-store",
        },
    )  # fmt: skip


def _url(slug: str, batch_id: UUID, **values: Any) -> str:
    return url_for("sales_invoices.show_batch", slug=slug, invoice_batch_id=batch_id, **values)
