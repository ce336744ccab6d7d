"""Notes in UBL, which has no field for what one is about: that stands in the text, between two #."""

import re

from app.finance.einvoicing.broken import Found
from app.finance.einvoicing.document import InvoiceDocument
from app.finance.einvoicing.forms import UBL, Form
from app.finance.einvoicing.mentions import FRENCH_COMPULSORY, TAX_GROUP, TREATMENT
from tenants.core.text import _m

# Any three characters at the first # are taken for a code (BR-CL-08). What France looks for it finds
# anywhere, with the # that it puts between two notes (BR-FR-05, BR-FR-06).
_READ_AS_CODE = re.compile(
    rf"^[^#]*#[^#]{{3}}#|(?:^|#)(?:{'|'.join((*FRENCH_COMPULSORY, TAX_GROUP, TREATMENT))})(?:#|$)"
)


def note_problems(document: InvoiceDocument, form: Form | None) -> Found:
    """Of mentions in a company's own words, at `notes`; of what was written for this invoice, at `note`."""
    if form is None or form.kind != UBL:
        return
    for note in document.notes:
        if _READ_AS_CODE.search(note.text):
            yield (
                "notes" if note.code else "note",
                _m(
                    "In this form, a code between two # is taken for a mention: write it without #."
                ),
            )
