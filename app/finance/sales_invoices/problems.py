"""What keeps a draft from being validated: a field and a sentence each."""

from __future__ import annotations

from app.finance.einvoicing.document import InvoiceDocument
from app.finance.einvoicing.forms import Form
from app.finance.einvoicing.problems import problems
from app.finance.sales_invoices.content import Draft, DraftLine
from app.finance.sales_invoices.seller import Seller
from tenants.core.text import _m

Problem = tuple[str, str]
# 2,000 lines of a usual length; a page of it takes half of what making one may take.
MOST_TEXT = 400_000
TOO_LONG = _m(
    "The texts of the lines have more than 400,000 characters together. Shorten them, or make several"
    " invoices of it."
)

# An invoice, and the one that corrects it.
DEDUCTING = ("380", "384")
# Where a person puts it right: what the customer's file says, what the company's settings say.
_PLACES = {"buyer": "customer_id", "seller": "settings", "payment": "settings", "notes": "settings"}


def problems_of(
    content: Draft, document: InvoiceDocument, seller: Seller, form: Form
) -> list[Problem]:
    found = _own(content, document, seller)
    if found:
        # An invoice that isn't one yet would break more rules than help.
        return found
    return [
        (_PLACES.get(one.field.partition(".")[0], one.field), one.sentence)
        for one in problems(document, form)
        # Which comes last.
        if one.field != "number"
    ]


def _length(line: DraftLine) -> int:
    return len(line.name) + len(line.description) + len(line.item) + len(line.exemption_reason)


def _of_texts(content: Draft) -> list[Problem]:
    found: list[Problem] = []
    if not content.lines:
        found.append(("lines", _m("An invoice has at least one line.")))
    if any(not line.name for line in content.lines):
        found.append(("lines", _m("Each line says what is invoiced.")))
    if sum(map(_length, content.lines)) > MOST_TEXT:
        found.append(("lines", TOO_LONG))
    return found


def _own(content: Draft, document: InvoiceDocument, seller: Seller) -> list[Problem]:
    found = _of_texts(content)
    if document.buyer.name and not document.buyer.address.country:
        found.append(("customer_id", _m("The customer's address has no country.")))
    if document.totals.gross < 0:
        found.append(("lines", _m("An invoice can't be negative. Write a credit note.")))
    if document.totals.due < 0:
        found.append(("deposits", _m("The deposits are more than the invoice.")))
    if document.currency != "EUR" and document.exchange_rate is None:
        found.append(("rate", _m("Say how many euros one unit of the currency is worth.")))
    if seller.small_business and any(line.category == "S" and line.rate for line in content.lines):
        found.append(("lines", _m("A small business invoices no VAT: choose “exempt”.")))
    return found
