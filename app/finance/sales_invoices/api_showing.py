"""Sales invoices as the JSON API shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.finance.einvoicing.document import Line, VatLine
from app.finance.sales_invoices.content import Draft, DraftLine
from app.finance.sales_invoices.models import InvoiceDispute, InvoicePayment, SalesInvoice
from app.finance.sales_invoices.queries import Kept
from app.finance.sales_invoices.transitions import left_of
from app.finance.sales_invoices.writing import IN_CONTENT
from tenants.core.schema import amount_of

_SAME = (
    "id", "type", "number", "customer_id", "customer_name", "issued_on", "due_on", "form",
    "preceding_id",
)  # fmt: skip
# What a document calls otherwise than a draft does.
_NAMES = {
    "rate": "exchange_rate", "delivery.on": "delivered_on", "delivery": "delivered_on",
    "period": "period_start", "frame": "nature",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What of an invoice stands elsewhere. `problems` are fields with their sentences,
    `file_problem` is one."""

    content: Draft
    lines: Sequence[Line]
    vat: Sequence[VatLine]
    request: int | None
    problems: Sequence[tuple[str, str]]
    disputes: Sequence[InvoiceDispute]
    following: Sequence[UUID]
    is_leaving: bool
    file_problem: str


def row_of(invoice: Any, standing: Any) -> dict[str, Any]:
    """Of two rows, or of one that has the columns of both."""
    left = left_of(due=invoice.due, standing=standing)
    owed = standing.state != "draft" and invoice.type != "381"
    amounts = {
        "net": invoice.net, "tax": invoice.tax, "gross": invoice.gross, "due": invoice.due,
        "paid": standing.paid, "credited": standing.credited, "released": standing.released,
        "open": left if owed else None,
    }  # fmt: skip
    return {
        **{name: getattr(invoice, name) for name in _SAME},
        **{name: amount_of(value, invoice.currency) for name, value in amounts.items()},
        "state": standing.state, "version": standing.version, "file": standing.files,
        "sent_at": standing.sent_at, "undelivered_at": standing.undelivered_at,
    }  # fmt: skip


def detail_of(kept: Kept, facts: Facts) -> dict[str, Any]:
    row, standing, content = kept.invoice, kept.standing, facts.content
    return {
        **row_of(row, standing),
        **{name: getattr(content, name) for name in IN_CONTENT},
        "series_id": row.series_id, "language": row.language, "currency": row.currency,
        "delivery": content.delivery_choice, "contact": content.contact_choice,
        "exchange_rate": _plain(row.rate), "deposits": content.deposits, "request": facts.request,
        "lines": [
            _line(one, line, row.currency)
            for one, line in zip(content.lines, facts.lines, strict=True)
        ],
        "vat": [_vat(one, row.currency) for one in facts.vat],
        "tax_in_euros": amount_of(row.tax_eur, "EUR"),
        "prepaid": amount_of(row.prepaid, row.currency), "sha256": row.sha256,
        "validated_at": row.validated_at, "validated_by": row.validated_by_name,
        "sent_to": standing.sent_to, "undelivered_to": standing.undelivered_to,
        "file_problem": facts.file_problem,
        "leaves_at": standing.leaves_at if facts.is_leaving else None,
        "problems": [
            {"pointer": "/" + field_of(name).replace(".", "/"), "detail": sentence}
            for name, sentence in facts.problems
        ],
        "disputes": facts.disputes, "following": facts.following,
    }  # fmt: skip


def field_of(name: str) -> str:
    """As the API writes it; lines are counted from nought there."""
    first, _, rest = name.partition(".")
    if first == "lines" and rest:
        number, _, part = rest.partition(".")
        return ".".join(filter(None, (first, str(int(number) - 1), part)))
    return _NAMES.get(name, name)


def by_field(errors: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, sentences in errors.items():
        found.setdefault(field_of(name), []).extend(sentences)
    return found


def payment_row(row: InvoicePayment, invoice: SalesInvoice) -> dict[str, Any]:
    same = ("id", "match_id", "received_on", "state")
    return {name: getattr(row, name) for name in same} | {
        name: amount_of(getattr(row, name), invoice.currency) for name in ("amount", "difference")
    }


def _line(written: DraftLine, line: Line, currency: str) -> dict[str, Any]:
    same = ("name", "description", "item", "unit", "category")
    return {name: getattr(written, name) for name in same} | {
        "quantity": _plain(written.quantity), "unit_price": _plain(written.unit_price),
        "discount": _plain(written.discount), "rate": _plain(written.rate),
        "exemption_code": line.exemption_code, "exemption_reason": line.exemption_reason,
        "net": amount_of(line.net, currency),
    }  # fmt: skip


def _vat(line: VatLine, currency: str) -> dict[str, Any]:
    same = ("category", "exemption_code", "exemption_reason")
    return {name: getattr(line, name) for name in same} | {
        "rate": _plain(line.rate), "taxable": amount_of(line.taxable, currency),
        "tax": amount_of(line.tax, currency),
    }  # fmt: skip


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"
