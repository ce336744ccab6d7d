"""What a receiver's platform would refuse, said to people before anything is written: a field of the
document, dotted and counted from one, and a sentence. The rule sets stay the judge."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields, is_dataclass
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from app.documents.printing.glyphs import unprintable_in
from app.finance.currencies import is_currency
from app.finance.einvoicing.broken import Found, broken
from app.finance.einvoicing.document import (
    CATEGORIES,
    CORRECTIVE,
    CREDIT_NOTE,
    TYPES,
    Allowance,
    InvoiceDocument,
    Line,
    Party,
)
from app.finance.einvoicing.forms import Form
from app.finance.einvoicing.places import law_of
from app.finance.einvoicing.problems_codes import code_problems
from app.finance.einvoicing.problems_days import day_problems
from app.finance.einvoicing.problems_de import german_problems
from app.finance.einvoicing.problems_form import form_problems
from app.finance.einvoicing.problems_fr import french_problems
from app.finance.einvoicing.problems_notes import note_problems
from app.finance.einvoicing.problems_places import place_problems
from app.finance.einvoicing.problems_vat import vat_problems
from app.finance.einvoicing.totals import added_up
from app.finance.iban import compact, is_iban
from tenants.core.money import exponent
from tenants.core.text import _m

MAX_NAME, MAX_TEXT = 300, 5_000
_TRANSFERS, _SEPA_DEBIT = ("30", "42", "58"), "59"
_BIC = re.compile(r"[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
_ATTACHABLE = frozenset(
    {
        "application/pdf", "image/png", "image/jpeg", "text/csv",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.oasis.opendocument.spreadsheet",
    }
)  # fmt: skip


class Problem(NamedTuple):
    field: str
    sentence: str


def problems(document: InvoiceDocument, form: Form | None = None) -> list[Problem]:
    """In the order of the page. `form` adds what that form wants beyond EN 16931."""
    found = [
        *form_problems(document, form),
        *_head(document),
        *day_problems(document),
        *_party(document.seller, "seller"),
        *_party(document.buyer, "buyer"),
        *_lines(document),
        *_money(document),
        *code_problems(document),
        *vat_problems(document),
        *place_problems(document),
        *_payment(document),
        *_attachments(document),
        *_texts(document),
        *note_problems(document, form),
        *french_problems(document),
        *german_problems(document, form),
    ]
    return [Problem(*one) for one in dict.fromkeys(found)]


def _head(document: InvoiceDocument) -> Found:
    due, issued, period = document.due_on, document.issued_on, document.period
    owed = document.totals.due > 0
    takes_back = document.type in (CREDIT_NOTE, CORRECTIVE)
    yield from broken(
        (not document.number, "number", _m("The invoice has no number.")),
        (document.type not in TYPES, "type", _m("This kind of invoice isn't known here.")),
        (
            owed and due and due < issued,
            "due_on",
            _m("The invoice is due before it is issued."),
        ),
        (
            owed and not (due or document.payment_terms),
            "due_on",
            _m("Say until when it is to be paid: a day, or terms of payment."),
        ),
        (
            takes_back and not document.preceding,
            "preceding",
            _m("Name the invoice that this one takes back or corrects."),
        ),
        (
            period and period.start and period.end and period.end < period.start,
            "period",
            _m("The period ends before it begins."),
        ),
    )
    to = document.delivery.address if document.delivery else None
    if to and not to.country:
        yield "delivery.address", _m("The country of the address is missing.")
    for number, one in enumerate(document.preceding, start=1):
        if not one.issued_on:
            yield f"preceding.{number}", _m("Give the date of the invoice that is referred to.")


def _party(party: Party, field: str) -> Found:
    if not party.name:
        yield f"{field}.name", _m("The name is missing.")
    if not party.address.country:
        yield f"{field}.address.country", _m("The country of the address is missing.")
    if law_of(party.address.country) in ("FR", "DE") and not (
        party.address.city and party.address.postcode
    ):
        yield f"{field}.address", _m("The address lacks its postcode or its town.")
    if party.vat_id and not party.vat_id[:2].isalpha():
        yield (
            f"{field}.vat_id",
            _m("A VAT number begins with the letters of its country, like FR or DE."),
        )
    address = party.electronic_address
    if address and not address.scheme:
        yield f"{field}.electronic_address", _m("Say of which network the e-invoice address is.")


def _lines(document: InvoiceDocument) -> Found:
    if not document.lines:
        yield "lines", _m("An invoice has at least one line.")
    seen: set[str] = set()
    for number, line in enumerate(document.lines, start=1):
        yield from ((f"lines.{number}.{name}", why) for name, why in _line(line))
        if line.id in seen:
            yield f"lines.{number}.id", _m("Another line has this number.")
        seen.add(line.id)


def _line(line: Line) -> Found:
    yield from broken(
        (not line.name.strip(), "name", _m("Say what this line is for.")),
        (not line.unit, "unit", _m("The unit is missing.")),
        (not line.quantity, "quantity", _m("The quantity is zero.")),
        (
            _decimals(line.quantity) > 4,
            "quantity",
            _m("A quantity has four decimals at most."),
        ),
        (
            line.unit_price < 0,
            "unit_price",
            _m("A price is never negative: make the quantity negative instead."),
        ),
        (_decimals(line.unit_price) > 6, "unit_price", _m("A price has six decimals at most.")),
        (
            line.base_quantity <= 0,
            "base_quantity",
            _m("The quantity that a price is for must be more than zero."),
        ),
        (
            line.category not in CATEGORIES,
            "category",
            _m("This VAT category isn't known here."),
        ),
    )


def _money(document: InvoiceDocument) -> Found:
    if not is_currency(document.currency):
        yield "currency", _m("This currency isn't known.")
        return
    if exponent(document.currency) > 2 and any(amount % 10 for amount in _amounts(document)):
        yield (
            "currency",
            _m("E-invoices have two decimals: round the amounts of this currency to two."),
        )
    if document.totals.due < 0 and document.type != CREDIT_NOTE:
        yield (
            "totals.due",
            _m("More is paid already than the invoice comes to. Write a credit note."),
        )
    if any(one.amount < 0 for one in document.allowances):
        yield "allowances", _m("An allowance or a charge is never negative.")
    yield from _coded(document.allowances, "allowances")
    for number, line in enumerate(document.lines, start=1):
        yield from _coded(line.allowances, f"lines.{number}.allowances")
    if not document.lines:
        return
    again = added_up(document)
    if (again.vat, again.totals) != (document.vat, document.totals) and not _same(document, again):
        yield "totals", _m("The totals don't add up to the lines.")


def _coded(given: Sequence[Allowance], field: str) -> Found:
    """Reasons have numbers where less is asked for (UNTDID 5189), letters where more is (7161)."""
    for number, one in enumerate(given, start=1):
        if one.reason_code and one.reason_code.isdigit() == one.charge:
            yield (
                f"{field}.{number}",
                _m("The code of its reason is of discounts where it is a charge, or the reverse."),
            )


def _same(document: InvoiceDocument, again: InvoiceDocument) -> bool:
    """The words of an exemption may differ, and the VAT in the tax currency may be another's figure."""

    def figures(one: InvoiceDocument) -> Any:
        vat = sorted((v.category, v.rate or Decimal(0), v.taxable, v.tax) for v in one.vat)
        totals = asdict(one.totals)
        totals.pop("tax_accounting")
        return vat, totals

    return bool(figures(document) == figures(again))


def _amounts(document: InvoiceDocument) -> Iterator[int]:
    totals = document.totals
    yield from (totals.net, totals.tax, totals.gross, totals.due)
    yield from (line.net for line in document.lines)


def _payment(document: InvoiceDocument) -> Found:
    if len(document.payment) > 1:
        yield "payment", _m("Choose one means of payment.")
    for means in document.payment:
        if means.code in _TRANSFERS and not means.iban:
            yield "payment.iban", _m("A transfer needs the IBAN it goes to.")
        if means.iban and not is_iban(compact(means.iban)):
            yield "payment.iban", _m("This IBAN isn't right: a digit is wrong or missing.")
        if means.bic and not _BIC.fullmatch(means.bic):
            yield "payment.bic", _m("A BIC has 8 or 11 letters and digits.")
        if means.code == _SEPA_DEBIT and not (
            means.mandate and means.creditor_id and means.debited_iban
        ):
            yield (
                "payment",
                _m(
                    "A direct debit names the mandate, the creditor identifier and the account debited."
                ),
            )


def _attachments(document: InvoiceDocument) -> Found:
    names: set[str] = set()
    for number, one in enumerate(document.attachments, start=1):
        if one.content and one.media_type not in _ATTACHABLE:
            yield (
                f"attachments.{number}",
                _m("An invoice takes PDF, PNG, JPEG, CSV, XLSX and ODS as attachments."),
            )
        if one.content and one.name in names:
            yield f"attachments.{number}", _m("Two attachments have the same file name.")
        names.add(one.name)


def _texts(document: InvoiceDocument) -> Found:
    """Direction marks and control characters are among what no font has."""
    for place, text in _each(document, "", []):
        # Every font has these.
        if not (text.isascii() and text.isprintable()):
            for one in unprintable_in(text, place):
                yield (
                    one.place,
                    _m(
                        "This text has a character that can't be printed, such as an emoji or an invisible mark."
                    ),
                )
        if len(text) > (MAX_NAME if place.endswith((".name", "number", "city")) else MAX_TEXT):
            yield place, _m("This text is too long.")


def _each(value: Any, place: str, found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Every text that isn't empty, and where it stands."""
    if isinstance(value, str):
        found.append((place, value))
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value, start=1):
            _each(item, f"{place}.{number}", found)
    else:
        kind: Any = type(value)
        for name in _names(kind):
            # Most of what an invoice may hold is empty.
            if item := getattr(value, name):
                _each(item, f"{place}.{name}" if place else name, found)
    return found


@cache
def _names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind)) if is_dataclass(kind) else ()


def _decimals(value: Decimal) -> int:
    exponent_of = value.normalize().as_tuple().exponent
    return max(0, -exponent_of) if isinstance(exponent_of, int) else 0
