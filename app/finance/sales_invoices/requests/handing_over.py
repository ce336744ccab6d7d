"""The list of the invoices that were issued for a request, as its result."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from app.finance.sales_invoices.amounts import sign_of
from app.finance.sales_invoices.requests.queries import list_issued
from app.service_requests.models import Deliverable, ServiceRequest
from app.service_requests.services.work import upload_deliverable
from app.spreadsheets.writing import KINDS, Sheet, write
from tenants.core.errors import Conflict
from tenants.core.money import Money
from tenants.core.text import _m
from tenants.permissions import Actor
from tenants.queries import get_tenant

RESULT = "invoice_list"
HEADINGS = (
    _m("Number"), _m("Kind"), _m("Customer"), _m("Date"), _m("Due on"), _m("Currency"),
    _m("Before VAT"), _m("VAT"), _m("Total"), _m("File"), _m("Sent on"), _m("Fingerprint"),
)  # fmt: skip


class NothingIssued(Conflict):
    code = "no_invoice_issued"
    message = _m("No invoice of this request is validated yet.")


def attach_list(
    *, request: ServiceRequest, words: Callable[[str], str], kinds: dict[str, str], actor: Actor,
    now: datetime,
) -> Deliverable:  # fmt: skip
    """`words` translates; attached again it is the next version. The fingerprint is that of the
    invoice itself, which its file carries."""
    rows = list_issued(request_id=request.id)
    if not rows:
        actor.require("request.work", request.line)
        raise NothingIssued
    zone = ZoneInfo(get_tenant().time_zone)
    sheet = Sheet(
        "invoices", words(_m("Invoices")), [words(one) for one in HEADINGS],
        [
            [row.number, words(kinds[row.type]), row.customer_name, row.issued_on, row.due_on,
             row.currency, *(_amount(row, part) for part in ("net", "tax", "gross")), row.form,
             row.sent_at.astimezone(zone).date() if row.sent_at else "", row.sha256]
            for row in rows
        ],
    )  # fmt: skip
    return upload_deliverable(
        request=request, actor=actor, now=now, name=f"invoices-{request.number}.xlsx",
        content_type=KINDS["xlsx"], content=write(sheet, "xlsx"),
        title=words(_m("List of the invoices issued")), kind=RESULT,
    )  # fmt: skip


def _amount(row: Any, part: str) -> Decimal:
    return Money(sign_of(row.type) * int(getattr(row, part)), row.currency).amount
