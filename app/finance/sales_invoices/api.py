"""Sales invoices for programs: the same services as the pages."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import Blueprint

from app.documents.queries import get_own_request, get_request_place
from app.finance.sales_invoices import api_answers as answers
from app.finance.sales_invoices import api_schemas as shapes
from app.finance.sales_invoices import queries, unwritten
from app.finance.sales_invoices.amounts import add_up
from app.finance.sales_invoices.api_reading import read_wish
from app.finance.sales_invoices.api_showing import Facts, by_field, detail_of, payment_row, row_of
from app.finance.sales_invoices.opened import WORK, reader
from app.finance.sales_invoices.queries import Kept
from app.finance.sales_invoices.services import (
    correcting,
    disputing,
    drafting,
    leaving,
    making,
    sending,
    validating,
)
from app.finance.sales_invoices.services.drafting import Wish
from app.finance.sales_invoices.services.settings import NoSettings
from app.service_requests.views.rendering import local_today
from app.web.api.reading import require_version
from app.web.i18n import text
from tenants.core import clock
from tenants.core.errors import Invalid, NotFound
from tenants.core.pagination import Page
from tenants.core.text import _m
from tenants.operations import Answer, operation
from tenants.permissions import Actor

bp = Blueprint("sales_invoices_api", __name__, url_prefix="/api/v1")
TAG = "Sales invoices"
READ: dict[str, Any] = {
    "tag": TAG, "permission": "sales_invoice.read", "scope": "sales_invoices:read",
}  # fmt: skip
WORKS: dict[str, Any] = {
    "tag": TAG, "permission": "sales_invoice.work", "scope": "sales_invoices:write",
    "answer": answers.SalesInvoiceDetail,
}  # fmt: skip
DRAFT = {
    "customer_id": "019a0f00-0000-7000-8000-000000000004", "issued_on": "2026-11-30",
    "lines": [{"name": "Advice", "quantity": "2.5", "unit": "HUR", "unit_price": "80.00",
               "category": "S", "rate": "20"}],
}  # fmt: skip
ONE = "/sales-invoices/<uuid:invoice_id>"


@bp.get("/sales-invoices")
@operation("List sales invoices, newest first", form="page", query=shapes.InvoiceQuery,
           answer=answers.SalesInvoiceOut, refusals=(404,), **READ)  # fmt: skip
def list_sales_invoices(query: dict[str, Any]) -> Page[Any]:
    actor, number = reader(), query.pop("request", None)
    found = queries.list_invoices(
        today=local_today(), search=query.pop("q", ""),
        request_id=get_own_request(actor=actor, number=number) if number else None, **query,
    )  # fmt: skip
    return Page([row_of(row, row) for row in found.items], found.next_cursor)


@bp.post("/sales-invoices")
@operation(
    "Draft a sales invoice", body=shapes.NewDraftIn, status=201, refusals=(409, 422),
    example=DRAFT, **WORKS,
)  # fmt: skip
def create_sales_invoice(body: dict[str, Any]) -> Answer:
    actor, number = reader(WORK), body.pop("request")
    row = drafting.create_draft(
        wish=read_wish(body, before=Wish()), actor=actor, now=clock.now(),
        request_id=_request(actor, number) if number else None,
    )  # fmt: skip
    return _made(row.id)


@bp.get(ONE)
@operation("Show a sales invoice", answer=answers.SalesInvoiceDetail, **READ)
def show_sales_invoice(invoice_id: UUID) -> Answer:
    reader()
    return _shown(queries.get_invoice(invoice_id=invoice_id))


@bp.post(ONE)
@operation(
    "Change a draft", body=shapes.DraftIn, versioned=True, refusals=(409, 412, 422), example=DRAFT,
    description="All of it is replaced.", **WORKS,
)  # fmt: skip
def change_sales_invoice(
    invoice_id: UUID, body: dict[str, Any], expected_version: int | None
) -> Answer:
    kept = _held(invoice_id, expected_version)
    row = kept.invoice
    wish = read_wish(body, before=drafting.wish_of(row), instead_of=row.preceding_id)
    return _shown(drafting.change_draft(**_who(kept), wish=wish, expected_version=None))


@bp.post(f"{ONE}/delete")
@operation("Delete a draft", versioned=True, refusals=(409, 412), **WORKS)
def delete_sales_invoice(invoice_id: UUID, expected_version: int | None) -> Answer:
    kept = _held(invoice_id, expected_version)
    shown = _shown(kept)
    drafting.delete_draft(**_who(kept))
    return shown


@bp.post(f"{ONE}/validate")
@operation(
    "Validate a draft", versioned=True, refusals=(409, 412, 422), **WORKS,
    description="It gets its number and stays as it is from then on. Its file is written and checked "
    "afterwards: look at it until `file` is no longer `making`.",
)  # fmt: skip
def validate_sales_invoice(invoice_id: UUID, expected_version: int | None) -> Answer:
    kept = _held(invoice_id, expected_version)
    try:
        return _shown(validating.validate_draft(**_who(kept), expected_version=None))
    except Invalid as error:
        error.field_errors = by_field(error.field_errors)
        raise


@bp.post(f"{ONE}/send")
@operation(
    "Send a sales invoice", body=shapes.SendIn, versioned=True, refusals=(409, 412, 422),
    example={"to": "accounts@customer.example"}, **WORKS,
    description="Only one whose file passed every rule of its receiver's country.",
)  # fmt: skip
def send_sales_invoice(
    invoice_id: UUID, body: dict[str, Any], expected_version: int | None
) -> Answer:
    kept = _held(invoice_id, expected_version)
    return _shown(sending.send_invoice(**_who(kept), to=body["to"], otherwise=body["handed_over"]))


@bp.post(f"{ONE}/credit")
@operation(
    "Draft a credit note", body=shapes.CreditIn, status=201, refusals=(409, 422),
    example={"reason": "Returned", "share": "50"}, **WORKS,
)  # fmt: skip
def credit_sales_invoice(invoice_id: UUID, body: dict[str, Any]) -> Answer:
    kept, share = _held(invoice_id), body["share"]
    return _made(
        correcting.credit(
            **_who(kept), reason=body["reason"], share=Decimal(share) if share else None
        ).id
    )


@bp.post(f"{ONE}/correct")
@operation("Draft a corrective invoice", status=201, refusals=(409,), **WORKS)
def correct_sales_invoice(invoice_id: UUID) -> Answer:
    return _made(correcting.correct(**_who(_held(invoice_id))).id)


@bp.post(f"{ONE}/finish")
@operation("Draft the final invoice of a deposit", status=201, refusals=(409,), **WORKS)
def finish_sales_invoice(invoice_id: UUID) -> Answer:
    who = _who(_held(invoice_id))
    return _made(correcting.finish(deposit_id=who.pop("invoice_id"), **who).id)


@bp.post(f"{ONE}/dispute")
@operation(
    "Mark a sales invoice as disputed", body=shapes.DisputeIn, versioned=True,
    refusals=(409, 412, 422), example={"reason": "Two hours were not agreed."}, **WORKS,
)  # fmt: skip
def dispute_sales_invoice(
    invoice_id: UUID, body: dict[str, Any], expected_version: int | None
) -> Answer:
    kept = _held(invoice_id, expected_version)
    return _shown(disputing.dispute(**_who(kept), reason=body["reason"]))


@bp.post(f"{ONE}/resolve")
@operation(
    "Say how a dispute ended", body=shapes.ResolveIn, versioned=True, refusals=(409, 412, 422),
    example={"outcome": "The customer pays."}, **WORKS,
)  # fmt: skip
def resolve_sales_invoice(
    invoice_id: UUID, body: dict[str, Any], expected_version: int | None
) -> Answer:
    kept = _held(invoice_id, expected_version)
    return _shown(disputing.resolve(**_who(kept), outcome=body["outcome"]))


@bp.get(f"{ONE}/payments")
@operation(
    "List what was paid of a sales invoice", form="list", answer=answers.InvoicePaymentOut, **READ,
    description="Confirmed matches of payment control, and those that were undone.",
)  # fmt: skip
def list_sales_invoice_payments(invoice_id: UUID) -> list[dict[str, Any]]:
    reader()
    invoice = queries.get_invoice(invoice_id=invoice_id).invoice
    return [payment_row(one, invoice) for one in queries.list_payments(invoice_id=invoice_id)]


@bp.get("/invoice-series")
@operation("List series of numbers", form="list", answer=answers.InvoiceSeriesOut, **READ)
def list_invoice_series() -> list[dict[str, Any]]:
    reader()
    names = answers.InvoiceSeriesOut().fields
    return [
        {name: getattr(one, name) for name in names} | {"name": text(one.name)}
        for one in queries.list_series()
    ]


def _held(invoice_id: UUID, expected_version: int | None = None) -> Kept:
    reader(WORK)
    kept = queries.get_invoice(invoice_id=invoice_id, for_change=True)
    require_version(kept.standing.version, expected_version)
    return kept


def _who(kept: Kept) -> dict[str, Any]:
    return {"invoice_id": kept.invoice.id, "actor": reader(WORK), "now": clock.now()}


def _made(invoice_id: UUID) -> Answer:
    answer = _shown(queries.get_invoice(invoice_id=invoice_id))
    place = f"/api/v1/sales-invoices/{invoice_id}"
    return Answer(answer.data, version=answer.version, location=place)


def _request(actor: Actor, number: int) -> UUID:
    try:
        return get_own_request(actor=actor, number=number)
    except NotFound as error:
        problem = _m("This company has no such request.")
        raise Invalid(field_errors={"request": [problem]}) from error


def _shown(kept: Kept) -> Answer:
    row = kept.invoice
    content = drafting.content_of(row)
    problems: list[tuple[str, str]] = []
    try:
        document = making.document_of(row) if row.document else None
        if document is None:
            document, problems = validating.preview(row, now=clock.now())
        lines, vat = document.lines, document.vat
    except NoSettings as error:
        lines, vat, _ = add_up(content, currency=row.currency, rate=row.rate)
        problems = [("settings", error.message)]
    number, line, _ = (
        get_request_place(request_id=row.request_id) if row.request_id else (0, "", "")
    )
    why = unwritten.read(kept.standing.problem)
    facts = Facts(
        content=content, lines=lines, vat=vat,
        request=number if line in reader().visible_lines else None,
        problems=[(name, text(sentence)) for name, sentence in problems],
        disputes=queries.list_disputes(invoice_id=row.id) if row.number else [],
        following=[
            one.id for one in (queries.list_following(invoice_id=row.id) if row.number else [])
        ],
        is_leaving=leaving.is_leaving(kept.standing, clock.real_now()),
        file_problem=text(why.message, why.params),
    )  # fmt: skip
    return Answer(detail_of(kept, facts), version=kept.standing.version)
