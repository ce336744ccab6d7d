"""What EN 16931 asks of each VAT category (BR-S, BR-Z, BR-E, BR-AE, BR-IC, BR-G, BR-O)."""

from app.finance.einvoicing.broken import Found
from app.finance.einvoicing.document import InvoiceDocument
from app.finance.einvoicing.vat import (
    EXPORT,
    INTRA_EU,
    OUTSIDE,
    REVERSE,
    STANDARD,
    needs_reason,
)
from tenants.core.text import _m


def vat_problems(document: InvoiceDocument) -> Found:
    used = {line.category for line in document.lines}
    yield from _rates(document)
    yield from _reasons(document)
    yield from _numbers(document, used)
    if INTRA_EU in used:
        yield from _intra_eu(document)
    if OUTSIDE in used and len(used) > 1:
        yield (
            "lines",
            _m("What isn't subject to VAT needs an invoice of its own, apart from lines with VAT."),
        )
    if document.vat_point and document.tax_point_on:
        yield "tax_point_on", _m("Give the day of the tax point or the rule for it, not both.")


def _rates(document: InvoiceDocument) -> Found:
    for number, line in enumerate(document.lines, start=1):
        field = f"lines.{number}.rate"
        if line.category == OUTSIDE:
            if line.rate is not None:
                yield field, _m("What isn't subject to VAT has no rate.")
        elif line.rate is None:
            yield field, _m("The VAT rate is missing.")
        elif line.category == STANDARD and line.rate <= 0:
            yield field, _m("A rate of zero needs its reason: choose why no VAT is charged.")
        elif line.category != STANDARD and line.rate != 0:
            yield field, _m("In this VAT category the rate is zero.")


def _reasons(document: InvoiceDocument) -> Found:
    said = {one.category for one in document.vat if one.exemption_code or one.exemption_reason}
    for number, line in enumerate(document.lines, start=1):
        if needs_reason(line.category) and line.category not in said:
            yield f"lines.{number}.exemption_reason", _m("Say why no VAT is charged.")


def _numbers(document: InvoiceDocument, used: set[str]) -> Found:
    seller, buyer = document.seller, document.buyer
    represented = document.tax_representative is not None
    if used - {OUTSIDE} and not (seller.vat_id or seller.tax_id or represented):
        yield "seller.vat_id", _m("Whoever invoices with VAT gives a VAT or tax number.")
    if used & {INTRA_EU, EXPORT, REVERSE} and not (seller.vat_id or represented):
        yield "seller.vat_id", _m("Without VAT charged, the seller's VAT number is compulsory.")
    if INTRA_EU in used and not buyer.vat_id:
        yield "buyer.vat_id", _m("A supply to another EU country needs the buyer's VAT number.")
    if REVERSE in used and not (buyer.vat_id or buyer.legal_id):
        yield "buyer.vat_id", _m("Reverse charge needs the buyer's VAT number.")
    if OUTSIDE in used and (seller.vat_id or buyer.vat_id):
        yield (
            "seller.vat_id",
            _m("An invoice not subject to VAT names no VAT number, of neither side."),
        )


def _intra_eu(document: InvoiceDocument) -> Found:
    given = document.delivery
    if not (given and given.on) and not document.period:
        yield "delivery.on", _m("A supply to another EU country needs its date or period.")
    if not (given and given.address and given.address.country):
        yield "delivery.address", _m("A supply to another EU country names the country it went to.")
