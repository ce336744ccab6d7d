"""An invoice of what isn't subject to VAT."""

from dataclasses import replace

from app.finance.einvoicing.document import InvoiceDocument
from app.finance.einvoicing.vat import OUTSIDE


def is_outside(document: InvoiceDocument) -> bool:
    """Nothing of it is subject to VAT."""
    return {line.category for line in document.lines} == {OUTSIDE}


def unnumbered(document: InvoiceDocument) -> InvoiceDocument:
    """Without VAT numbers where nothing is subject to VAT: EN 16931 allows none there, of any side
    (BR-O-02), whatever the sides are in their other invoices."""
    if not is_outside(document):
        return document
    return replace(
        document,
        seller=replace(document.seller, vat_id=""),
        buyer=replace(document.buyer, vat_id=""),
        tax_representative=None,
    )
