"""What France asks of who invoices there (BR-FR, and the mentions of its commercial code)."""

import re

from app.finance.einvoicing.broken import Found
from app.finance.einvoicing.document import (
    CORRECTIVE,
    CREDIT_NOTE,
    Identifier,
    InvoiceDocument,
    Party,
)
from app.finance.einvoicing.frames import FRAMES, is_final, is_paid
from app.finance.einvoicing.mentions import (
    B2B,
    B2C,
    DISCOUNT,
    LATE_PENALTY,
    RECOVERY_COSTS,
    TREATMENT,
    TREATMENTS,
)
from app.finance.einvoicing.places import law_of
from app.finance.einvoicing.rules_for import is_french_exchange
from app.finance.einvoicing.vat import FRENCH_RATES
from tenants.core.text import _m

SIREN, SIRET, PLATFORM = "0002", "0009", "0225"
_NUMBER = re.compile(r"[A-Za-z0-9+\-_/]{1,35}")
_ADDRESS = re.compile(r"[A-Za-z0-9\-_.]{1,125}")
_MISSING = {
    RECOVERY_COSTS: _m("The mention of the fixed charge for recovery costs (40 €) is missing."),
    LATE_PENALTY: _m("The mention of the late-payment penalty is missing."),
    DISCOUNT: _m("The mention of a discount for early payment, or of none, is missing."),
}


def french_problems(document: InvoiceDocument) -> Found:
    if law_of(document.seller.address.country) != "FR":
        return
    treatment = next((note.text for note in document.notes if note.code == TREATMENT), "")
    yield from _mentions(document, treatment)
    if document.currency != "EUR" and (
        document.tax_currency != "EUR" or document.totals.tax_accounting is None
    ):
        yield "tax_currency", _m("An invoice in another currency gives its VAT in euros as well.")
    if not is_french_exchange(document):
        return
    yield from _numbers(document)
    yield from _frame(document)
    yield from _identified(document.seller, "seller", compulsory=True)
    yield from _identified(document.buyer, "buyer", compulsory=treatment == B2B)
    yield from _addresses(document, treatment)
    yield from _rates(document)


def _numbers(document: InvoiceDocument) -> Found:
    numbers = [("number", document.number)]
    numbers += [(f"preceding.{n}", one.number) for n, one in enumerate(document.preceding, start=1)]
    for field, number in numbers:
        if number and not _NUMBER.fullmatch(number):
            yield (
                field,
                _m(
                    "In France an invoice number has 35 characters at most: letters, digits and + - _ /,"
                    " no spaces."
                ),
            )


def _mentions(document: InvoiceDocument, treatment: str) -> Found:
    codes = [note.code for note in document.notes]
    for code, missing in _MISSING.items():
        if code not in codes and treatment != B2C:
            yield "notes", missing
        if codes.count(code) > 1:
            yield "notes", _m("A compulsory mention stands there twice.")
    if treatment and treatment not in TREATMENTS:
        yield "notes", _m("How the tax office is told of this invoice isn't one of the known ways.")


def _frame(document: InvoiceDocument) -> Found:
    if document.frame not in FRAMES:
        yield "frame", _m("Say whether goods, services or both are invoiced.")
    totals = document.totals
    if is_paid(document):
        if totals.prepaid != totals.gross or totals.due:
            yield (
                "frame",
                _m("An invoice already paid has the whole amount as paid and nothing due."),
            )
        if not document.due_on:
            yield "due_on", _m("An invoice already paid gives the day it was paid on.")
    if is_final(document) and not (totals.prepaid and document.preceding):
        yield "preceding", _m("A final invoice names the deposit invoices and what they asked for.")
    if document.type == CORRECTIVE and len(document.preceding) > 1:
        yield "preceding", _m("A corrected invoice corrects exactly one.")
    if document.type == CREDIT_NOTE and document.frame[1:] == "2":
        yield "frame", _m("A credit note is never one already paid.")


def _identified(party: Party, field: str, *, compulsory: bool) -> Found:
    from stdnum.fr import siren, siret

    legal = _of(party.legal_id, SIREN)
    if legal is None:
        if compulsory:
            yield f"{field}.legal_id", _m("The SIREN is missing. It has nine digits.")
    elif not siren.is_valid(legal.value) or not legal.value.isdigit():
        yield (
            f"{field}.legal_id",
            _m("This SIREN isn't right: it has nine digits, and their check."),
        )
    for one in party.ids:
        if one.scheme != SIRET:
            continue
        if not siret.is_valid(one.value) or not one.value.isdigit():
            yield (
                f"{field}.ids",
                _m("This SIRET isn't right: it has fourteen digits, and their check."),
            )
        elif legal and not one.value.startswith(legal.value):
            yield f"{field}.ids", _m("The SIRET begins with another SIREN.")


def _of(given: Identifier | None, scheme: str) -> Identifier | None:
    return given if given and given.scheme == scheme and given.value else None


def _addresses(document: InvoiceDocument, treatment: str) -> Found:
    for field, party in (("seller", document.seller), ("buyer", document.buyer)):
        given, place = party.electronic_address, f"{field}.electronic_address"
        if given is None or not given.value:
            yield place, _m("The e-invoice address is missing.")
        elif given.scheme == PLATFORM and not _ADDRESS.fullmatch(given.value):
            yield (
                place,
                _m("A French e-invoice address has letters, digits and - _ . only, 125 at most."),
            )
    legal, address = document.buyer.legal_id, document.buyer.electronic_address
    if (
        treatment == B2B
        and legal
        and address
        and not (address.scheme == PLATFORM and address.value.startswith(legal.value))
    ):
        yield (
            "buyer.electronic_address",
            _m(
                "The e-invoice address of a French company is of the French directory and begins with its"
                " SIREN."
            ),
        )


def _rates(document: InvoiceDocument) -> Found:
    for number, line in enumerate(document.lines, start=1):
        if line.rate is not None and line.rate not in FRENCH_RATES:
            yield f"lines.{number}.rate", _m("This isn't a French VAT rate.")
