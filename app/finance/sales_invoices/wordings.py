"""A company's own words on its invoices, by its template of the invoice's language. A credit note has
none: what thanks for an order or asks for payment would be wrong there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from app.documents.printing.letterheads import Letterhead
from app.documents.templating.filling import Filled, Wording, fill
from app.documents.templating.queries import wording_for
from app.documents.templating.saying import Said
from app.finance.einvoicing.document import CREDIT_NOTE, InvoiceDocument
from app.finance.einvoicing.look import Look
from app.finance.einvoicing.printed_words import Words
from tenants.core.errors import Invalid
from tenants.core.text import _m


class WordsNotPrintable(Invalid):
    code = "invoice_words_refused"
    message = _m("The company's own text for invoices can't be printed. Its template says why.")


def words_on(
    document: InvoiceDocument, wording: Callable[..., Wording] = wording_for
) -> Filled | None:
    """`wording` finds the template; who asks for many invoices keeps what it found."""
    if document.type == CREDIT_NOTE:
        return None
    said = Words(document.language, document.currency)
    found = wording(kind="invoice", language=said.language)
    return fill(found, values_of(document, found.fields()))


def values_of(document: InvoiceDocument, wanted: Iterable[str]) -> Mapping[str, str]:
    """Of the wanted fields alone: days and amounts are written by the rules of a language."""
    said, seller = Words(document.language, document.currency), document.seller
    known: Mapping[str, Callable[[], str]] = {
        "company_name": lambda: seller.name,
        "company_registration": lambda: seller.legal_id.value if seller.legal_id else "",
        "company_vat_id": lambda: seller.vat_id,
        "today": lambda: said.day(document.issued_on),
        "customer_name": lambda: document.buyer.name,
        "invoice_number": lambda: document.number,
        "invoice_date": lambda: said.day(document.issued_on),
        "due_date": lambda: said.day(document.due_on),
        "amount_due": lambda: said.money(document.totals.due),
    }
    return {name: known[name]() for name in wanted if name in known}


def problems_on(
    document: InvoiceDocument, wording: Callable[..., Wording] = wording_for
) -> list[tuple[str, str]]:
    """What keeps its text from being printed: where it is put right, and a sentence."""
    filled = words_on(document, wording)
    return [("template", Said(one)) for one in filled.problems] if filled else []


def look_of(head: Letterhead, filled: Filled | None, *, code: str = "", address: str = "") -> Look:
    """`code` is the one that the page at `address` asks for, as it is shown."""
    if filled and filled.problems:
        raise WordsNotPrintable
    return drawn(head, filled, code=code, address=address)


def drawn(head: Letterhead, filled: Filled | None, *, code: str = "", address: str = "") -> Look:
    """The same for a preview, which shows what is missing in its place."""
    logo = head.logo
    return Look(
        colour=head.colour, footer=head.footer, fonts=tuple(head.fonts),
        logo=logo.content if logo else b"", logo_type=logo.media_type if logo else "",
        words=filled.data if filled else {}, code=code, verify_address=address,
    )  # fmt: skip
