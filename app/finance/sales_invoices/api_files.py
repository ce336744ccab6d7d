"""The files of a sales invoice for programs, and what the rules said of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response

from app.documents.queries import find_slip, get_file, get_version_by_id, slip_facts
from app.finance.einvoicing.container import extract
from app.finance.einvoicing.forms import FORMS
from app.finance.sales_invoices import api_answers as answers
from app.finance.sales_invoices import queries
from app.finance.sales_invoices.api import ONE, READ
from app.finance.sales_invoices.opened import reader
from app.finance.sales_invoices.queries import Kept
from app.finance.sales_invoices.services.making import file_name
from app.web.api.attaching import attached
from tenants import files
from tenants.core.errors import NotFound
from tenants.operations import operation

bp = Blueprint("sales_invoice_files_api", __name__, url_prefix="/api/v1")
FILE: dict[str, Any] = {
    **READ, "form": "file", "refusals": (409,),
    "description": "`Slip-Outcome` says what the rules of its receiver's country found, and `Link` "
    "leads to the slip. The SHA-256 stands in `Content-Digest` (RFC 9530).",
}  # fmt: skip


@bp.get(f"{ONE}/pdf")
@operation("Download a sales invoice as PDF", **FILE)
def download_sales_invoice_pdf(invoice_id: UUID) -> Response:
    """The invoice itself, or the page to read beside one that is XML."""
    kept = _kept(invoice_id)
    standing = kept.standing
    return _file(kept, standing.view_version_id or standing.file_version_id, "pdf")


@bp.get(f"{ONE}/xml")
@operation("Download a sales invoice as XML", **FILE)
def download_sales_invoice_xml(invoice_id: UUID) -> Response:
    kept = _kept(invoice_id)
    return _file(kept, kept.standing.file_version_id, "xml")


@bp.get(f"{ONE}/slip")
@operation(
    "Show the validation slip of a sales invoice", answer=answers.InvoiceSlipOut, **READ,
    description="The latest check of its file.",
)  # fmt: skip
def show_sales_invoice_slip(invoice_id: UUID) -> dict[str, Any]:
    found = _kept(invoice_id).standing.file_version_id
    slip = find_slip(version_id=found) if found else None
    if slip is None:
        raise NotFound
    return slip_facts(slip)


def _kept(invoice_id: UUID) -> Kept:
    reader()
    return queries.get_invoice(invoice_id=invoice_id)


def _file(kept: Kept, version_id: UUID | None, extension: str) -> Response:
    if version_id is None:
        raise NotFound
    content = files.read(get_file(get_version_by_id(actor=reader(), version_id=version_id).version))
    if extension == "xml" and FORMS[kept.invoice.form].has_pdf:
        content = extract(content)
    response = attached(content, name=f"{file_name(kept.invoice.number)}.{extension}")
    response.headers["Slip-Outcome"] = kept.standing.files
    response.headers["Link"] = f'</api/v1/sales-invoices/{kept.invoice.id}/slip>; rel="describedby"'
    return response
