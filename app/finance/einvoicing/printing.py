from datetime import UTC, datetime, time
from pathlib import Path

from app.documents.printing.strict import typeset_strictly
from app.finance.einvoicing.container import embed
from app.finance.einvoicing.document import InvoiceDocument
from app.finance.einvoicing.forms import Form
from app.finance.einvoicing.labels import page_language
from app.finance.einvoicing.look import Look
from app.finance.einvoicing.printed_page import page_of

TEMPLATE = Path(__file__).with_name("invoice.typ")


def print_invoice(
    document: InvoiceDocument,
    *,
    form: Form | None = None,
    xml: bytes | None = None,
    look: Look | None = None,
) -> bytes:
    """PDF/A-3a and PDF/UA-1; with `xml` inside where the form is one with a page. Its date is the
    invoice's, so the same invoice gives the same bytes. NotPrintable, where a character has no glyph:
    a page that said □ would not say what its XML says. TypesettingStopped, where it takes too much."""
    page = typeset_strictly(
        TEMPLATE,
        page_of(document, look or Look()),
        dated=datetime.combine(document.issued_on, time(), UTC),
        lang=page_language(document.language),
    )
    if xml is None or form is None or not form.has_pdf:
        return page
    return embed(page, xml, document=document, form=form)
