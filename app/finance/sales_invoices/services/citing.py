"""What a credit note or a corrective invoice may cite: an invoice of the same customer and currency,
not of a later day, of which as much is left as it takes back."""

from __future__ import annotations

from app.finance.einvoicing.broken import Found, broken
from app.finance.einvoicing.document import InvoiceDocument, Party
from app.finance.sales_invoices.freezing import from_json
from app.finance.sales_invoices.models import SalesInvoice
from app.finance.sales_invoices.queries import Kept
from app.finance.sales_invoices.services.deducting import (
    DEPOSIT,
    find_refusal,
    is_same_customer,
)
from tenants.core.errors import Conflict
from tenants.core.text import _m

CREDIT_NOTE, CORRECTIVE = "381", "384"


class CreditInstead(Conflict):
    code = "credit_instead"
    message = _m("Of a paid or credited invoice only a credit note takes something back.")


class DepositNotCorrected(Conflict):
    code = "deposit_not_corrected"
    message = _m("A deposit invoice isn’t corrected: credit it and write a new one.")


def problems_of_citing(
    row: SalesInvoice, document: InvoiceDocument, preceding: Kept | None
) -> list[tuple[str, str]]:
    if row.type not in (CREDIT_NOTE, CORRECTIVE):
        return []
    if preceding is None or not preceding.invoice.number:
        return [("preceding", _m("Say which validated invoice this one corrects."))]
    cited = preceding.invoice
    if cited.currency != row.currency:
        return [("currency", _m("The invoice it corrects is in another currency."))]
    refusal = find_refusal(cited)
    if refusal is not None:
        return [("preceding", refusal.message)]
    return [*_of_both(row, document, cited), *_of_amounts(row, document, preceding)]


def _of_both(row: SalesInvoice, document: InvoiceDocument, cited: SalesInvoice) -> Found:
    yield from broken(
        (
            document.buyer.name and not _is_theirs(row, document, cited),
            "customer_id",
            _m("The invoice it corrects is another customer’s."),
        ),
        (
            cited.issued_on and document.issued_on < cited.issued_on,
            "issued_on",
            _m("This day is before the invoice that it corrects. Leave it empty for today."),
        ),
    )


def _of_amounts(row: SalesInvoice, document: InvoiceDocument, preceding: Kept) -> Found:
    cited, standing = preceding.invoice, preceding.standing
    if row.type == CREDIT_NOTE:
        if document.totals.gross > cited.gross - standing.credited:
            yield "lines", _m("This takes more back than is left of the invoice.")
    elif cited.type == DEPOSIT:
        yield "preceding", DepositNotCorrected.message
    elif standing.settled or standing.credited:
        yield "preceding", CreditInstead.message


def _is_theirs(row: SalesInvoice, document: InvoiceDocument, cited: SalesInvoice) -> bool:
    if row.customer_id is not None and cited.customer_id is not None:
        return is_same_customer(row.customer_id, cited.customer_id)
    assert cited.document is not None
    one, other = document.buyer, from_json(Party, cited.document["buyer"])
    numbers = [
        mine.replace(" ", "") == theirs.replace(" ", "")
        for mine, theirs in zip(_numbers(one), _numbers(other), strict=True)
        if mine and theirs
    ]
    named = one.name.casefold().split() == other.name.casefold().split()
    if row.type == CORRECTIVE:
        # A number that was wrong is what it may correct.
        return named or any(numbers)
    return numbers[0] if numbers else named


def _numbers(party: Party) -> tuple[str, str]:
    return party.legal_id.value if party.legal_id else "", party.vat_id
