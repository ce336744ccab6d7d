"""Which forms a receiver takes. Whoever writes may choose among those."""

from datetime import date

from app.finance.einvoicing.broken import Found
from app.finance.einvoicing.codes import NOT_IN_EXTENDED_CTC
from app.finance.einvoicing.document import InvoiceDocument
from app.finance.einvoicing.forms import Form
from app.finance.einvoicing.places import is_french_business
from app.finance.einvoicing.problems_de import is_public
from app.finance.einvoicing.rules_for import is_french_exchange
from tenants.core.text import _m

# France takes invoices of totals alone in the first year of its reform.
_LINES_SINCE = date(2027, 9, 1)


def form_problems(document: InvoiceDocument, form: Form | None) -> Found:
    if form is None:
        return
    if form.level == "extended-ctc-fr" and _countries(document) & NOT_IN_EXTENDED_CTC:
        yield (
            "form",
            _m("This kind of file can't name the country. Choose “Factur-X EN 16931” as the file."),
        )
    xrechnung, exchange = form.profile == "xrechnung", is_french_exchange(document)
    if is_public(document.buyer):
        if not xrechnung:
            yield (
                "form",
                _m(
                    "German authorities take XRechnung alone. Choose “XRechnung (CII)” as the file."
                ),
            )
    elif xrechnung and exchange:
        yield (
            "form",
            _m("Companies in France don't take XRechnung. Choose “Factur-X EN 16931” as the file."),
        )
    elif not form.has_lines and not _takes_totals(document, exchange):
        yield (
            "form",
            _m(
                "Totals alone are no e-invoice for this customer. Choose “Factur-X EN 16931” as the"
                " file."
            ),
        )


def _countries(document: InvoiceDocument) -> set[str]:
    to = document.delivery.address if document.delivery else None
    given = (document.seller.address, document.buyer.address, to)
    return {one.country for one in given if one}


def _takes_totals(document: InvoiceDocument, exchange: bool) -> bool:
    """For French consumers no form is prescribed."""
    at_home = all(is_french_business(one.address) for one in (document.seller, document.buyer))
    return at_home and (document.issued_on < _LINES_SINCE or not exchange)
