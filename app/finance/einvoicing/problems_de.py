"""What Germany asks: of XRechnung (BR-DE), of its public buyers, and of every invoice (§ 14 UStG)."""

import re

from app.finance.einvoicing.broken import Found, broken
from app.finance.einvoicing.document import DEPOSIT, InvoiceDocument, Party
from app.finance.einvoicing.forms import Form
from app.finance.einvoicing.unnumbered import is_outside
from tenants.core.text import _m

LEITWEG = "0204"
_DIGITS = re.compile(r"(.*[0-9]){3}")
# BR-DE-18.
_EARLY = re.compile(
    r"#SKONTO#TAGE=[0-9]+#PROZENT=[0-9]+\.[0-9]{2}(#BASISBETRAG=-?[0-9]+\.[0-9]{2})?#"
)
_EMAIL = re.compile(r"[^@\s]+@[^@\s.][^@\s]*[^@\s.]")


def german_problems(document: InvoiceDocument, form: Form | None) -> Found:
    if form is not None and form.profile == "xrechnung":
        yield from _xrechnung(document)
    if is_public(document.buyer):
        yield from _public(document)
    if document.seller.address.country == "DE":
        yield from _own_law(document)


def is_public(buyer: Party) -> bool:
    """A Leitweg-ID is what German authorities alone have."""
    address = buyer.electronic_address
    ids = (one.scheme for one in (*buyer.ids, *([address] if address else [])))
    return buyer.address.country == "DE" and LEITWEG in ids


def _public(document: InvoiceDocument) -> Found:
    from stdnum.de import leitweg

    if not document.buyer_reference:
        yield (
            "buyer_reference",
            _m("A German authority needs its Leitweg-ID as the buyer reference."),
        )
    elif not leitweg.is_valid(document.buyer_reference):
        yield "buyer_reference", _m("This Leitweg-ID isn't right: a digit is wrong or missing.")


def _xrechnung(document: InvoiceDocument) -> Found:
    seller = document.seller
    yield from broken(
        (
            not document.buyer_reference,
            "buyer_reference",
            _m("An XRechnung needs a buyer reference."),
        ),
        (
            not (seller.vat_id or seller.tax_id or is_outside(document)),
            "seller.vat_id",
            _m("Whoever invoices in Germany gives a VAT or tax number."),
        ),
        (not document.payment, "payment", _m("An XRechnung names a means of payment.")),
        (not seller.contact, "seller.contact", _m("An XRechnung names a contact of the seller's.")),
        (
            not _DIGITS.match(seller.phone),
            "seller.phone",
            _m("An XRechnung gives the seller's phone number."),
        ),
        (
            not _EMAIL.fullmatch(seller.email),
            "seller.email",
            _m("An XRechnung gives the seller's e-mail address."),
        ),
        (
            any(
                line.startswith("#") and not _EARLY.fullmatch(line)
                for line in map(str.strip, document.payment_terms.splitlines())
            ),
            "payment_terms",
            _m(
                "In an XRechnung, a line that begins with # is a discount for early payment, like"
                " #SKONTO#TAGE=14#PROZENT=2.00#."
            ),
        ),
    )
    to = document.delivery.address if document.delivery else None
    if to and not (to.city and to.postcode):
        yield "delivery.address", _m("The address lacks its postcode or its town.")
    for field, party in (("seller", seller), ("buyer", document.buyer)):
        yield from broken(
            (
                not (party.address.city and party.address.postcode),
                f"{field}.address",
                _m("The address lacks its postcode or its town."),
            ),
            (
                not (party.electronic_address and party.electronic_address.value),
                f"{field}.electronic_address",
                _m("The e-invoice address is missing."),
            ),
        )


def _own_law(document: InvoiceDocument) -> Found:
    if not (document.seller.vat_id or document.seller.tax_id):
        if is_outside(document):
            yield (
                "seller.tax_id",
                _m("Not subject to VAT, a German invoice gives the seller's tax number."),
            )
        else:
            yield "seller.vat_id", _m("Whoever invoices in Germany gives a VAT or tax number.")
    given = document.delivery
    dated = (given and given.on) or document.period or any(line.period for line in document.lines)
    if not dated and document.type != DEPOSIT:
        yield "delivery.on", _m("A German invoice gives the day or period of delivery.")
