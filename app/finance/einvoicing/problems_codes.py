"""Countries and currencies that the rule sets don't know."""

from app.finance.currencies import is_currency
from app.finance.einvoicing.broken import Found
from app.finance.einvoicing.codes import is_listed_country, is_listed_currency
from app.finance.einvoicing.document import InvoiceDocument
from tenants.core.text import _m


def code_problems(document: InvoiceDocument) -> Found:
    to = document.delivery.address if document.delivery else None
    for field, address in (
        ("seller.address.country", document.seller.address),
        ("buyer.address.country", document.buyer.address),
        ("delivery.address", to),
    ):
        if address and address.country and not is_listed_country(address.country):
            yield (
                field,
                _m("No e-invoice can name this country: its code isn't in their list."),
            )
    if is_currency(document.currency) and not is_listed_currency(document.currency):
        yield "currency", _m("No e-invoice can be in this currency. Choose another one.")
