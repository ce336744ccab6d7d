"""The provider's own subscription invoice, from the record that billing hands over, as a document whose
files can be written. The record's figures are kept as they are: they are what was charged."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from app.finance.einvoicing.document import (
    CREDIT_NOTE,
    INVOICE,
    Address,
    Allowance,
    Identifier,
    InvoiceDocument,
    Line,
    Note,
    Party,
    PaymentMeans,
    Period,
    Preceding,
    Totals,
    VatLine,
)
from app.finance.einvoicing.frames import SERVICES, frame
from app.finance.einvoicing.mentions import notes_for, treatment_of
from app.finance.einvoicing.places import law_of
from app.finance.einvoicing.unnumbered import unnumbered
from app.finance.einvoicing.vat import OUTSIDE
from tenants.core.money import exponent

Record = Mapping[str, Any]
KINDS = (INVOICE, CREDIT_NOTE)
_FRENCH_SIREN = "0002"
_MOST_DECIMALS = 6
_ON_RECEIPT = {
    "fr": "Payable à réception",
    "de": "Zahlbar sofort ohne Abzug",
    "en": "Payable on receipt",
}
_IN_FAVOUR = {
    "fr": "Montant en votre faveur",
    "de": "Betrag zu Ihren Gunsten",
    "en": "Amount in your favour",
}
_UNNAMED = {"fr": "Abonnement", "de": "Abonnement", "en": "Subscription"}


@dataclass(frozen=True, kw_only=True)
class Known:
    """What we know of a side beyond the record, which bears what was charged and little else."""

    name: str = ""
    vat_id: str = ""
    tax_id: str = ""
    ids: tuple[Identifier, ...] = ()
    legal_text: str = ""
    address: Address | None = None
    legal_id: Identifier | None = None
    electronic_address: Identifier | None = None
    contact: str = ""
    phone: str = ""
    email: str = ""


class NoInvoice(ValueError):
    """A record that takes back another is no document of its own."""


def document_of(
    record: Record,
    *,
    language: str,
    seller: Known | None = None,
    buyer: Known | None = None,
    payment: tuple[PaymentMeans, ...] = (),
    own: Mapping[str, str] | None = None,
) -> InvoiceDocument:
    if record["type"] not in KINDS:
        raise NoInvoice(record["type"])
    totals = _totals(record["totals"])
    paid_before = 0 < totals.gross == totals.prepaid
    issued_on = date.fromisoformat(record["issued_on"])
    due_on = _day(record.get("due_on"))
    owed = totals.due > 0
    to = _buyer(record["buyer"], buyer or Known())
    document = InvoiceDocument(
        number=record["number"],
        type=record["type"],
        issued_on=issued_on,
        due_on=issued_on if paid_before else due_on,
        currency=record["currency"],
        language=language,
        seller=_seller(record["seller"], seller or Known()),
        buyer=to,
        lines=tuple(_lines(record, language)),
        vat=tuple(_vat(one) for one in _meant(record)),
        totals=totals,
        allowances=tuple(_allowance(one) for one in record["allowances"]),
        notes=_notes(record, to.address, issued_on, language, own),
        frame=frame(SERVICES, paid=paid_before and record["type"] == INVOICE),
        period=_period(record["period"]),
        preceding=_preceding(record.get("preceding_invoice")),
        payment=payment,
        payment_terms=_terms_of(record["type"], language) if owed and due_on is None else "",
        remittance=record["number"] if payment else "",
    )
    return unnumbered(document)


def _terms_of(kind: str, language: str) -> str:
    """A positive amount says until when or on what terms, that of a credit note too (BR-CO-25)."""
    return (_IN_FAVOUR if kind == CREDIT_NOTE else _ON_RECEIPT).get(language[:2], "")


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _period(given: Record | None) -> Period | None:
    start, end = _day((given or {}).get("from")), _day((given or {}).get("to"))
    return Period(start=start, end=end) if start or end else None


def _preceding(given: Record | None) -> tuple[Preceding, ...]:
    if not given:
        return ()
    return (Preceding(number=given["number"], issued_on=_day(given["issued_on"])),)


def _seller(given: Record, known: Known) -> Party:
    country = given.get("country") or ""
    registered = given.get("registration_number") or ""
    legal_id = known.legal_id or _registered(registered, country)
    texts = (given.get("legal_form"), registered if law_of(country) != "FR" else "")
    return Party(
        name=known.name or given["name"],
        legal_id=legal_id,
        ids=known.ids,
        vat_id=known.vat_id or given.get("vat_id") or "",
        tax_id=known.tax_id,
        electronic_address=known.electronic_address,
        address=known.address or Address(country=country),
        contact=known.contact,
        phone=known.phone,
        email=known.email,
        legal_text=known.legal_text or ", ".join(text for text in texts if text),
    )


def _registered(number: str, country: str) -> Identifier | None:
    if not number:
        return None
    return Identifier(value=number, scheme=_FRENCH_SIREN if law_of(country) == "FR" else "")


def _buyer(given: Record, known: Known) -> Party:
    lines = tuple(text for text in (given.get("line1"), given.get("line2")) if text)
    address = Address(
        lines=lines,
        postcode=given.get("postcode") or "",
        city=given.get("town") or "",
        country=given.get("country") or "",
    )
    return Party(
        name=given["name"],
        legal_id=known.legal_id,
        ids=known.ids,
        vat_id=given.get("vat_id") or known.vat_id,
        electronic_address=known.electronic_address,
        address=known.address or address,
        contact=known.contact,
        phone=known.phone,
        email=known.email or given.get("email") or "",
    )


def _meant(record: Record) -> list[Record]:
    """Without the empty entry of lines at no charge, to which no tax was put: beside lines with VAT,
    nothing may be outside of it."""
    charged = [one for one in record["vat"] if one["category"] != OUTSIDE or one["taxable"]]
    return charged or list(record["vat"])


def _lines(record: Record, language: str) -> list[Line]:
    entries = _meant(record)
    places = {(one["category"], one["rate"]) for one in entries}
    found = []
    for number, one in enumerate(record["lines"], start=1):
        place = (one["category"], one["rate"])
        category, rate = place if place in places else (entries[0]["category"], entries[0]["rate"])
        quantity, price = _terms(one, record["currency"])
        why = next((e for e in entries if (e["category"], e["rate"]) == (category, rate)), {})
        found.append(
            Line(
                id=str(number),
                name=one["description"] or _UNNAMED.get(language[:2], _UNNAMED["en"]),
                quantity=quantity,
                unit="C62",
                unit_price=price,
                net=one["net"],
                category=category,
                rate=_rate(rate),
                period=_period(one),
                exemption_code=why.get("exemption_code") or "",
                exemption_reason=why.get("exemption_reason") or "",
            )
        )
    return found


def _terms(one: Record, currency: str) -> tuple[Decimal, Decimal]:
    """A price finer than an invoice may have becomes one piece at the line's amount."""
    places = exponent(currency)
    price = Decimal(one["unit_price"]).scaleb(-places)
    quantity = Decimal(one["quantity"])
    finest = price.normalize().as_tuple().exponent
    if isinstance(finest, int) and -finest <= _MOST_DECIMALS and quantity:
        return quantity, price
    net = Decimal(one["net"]).scaleb(-places)
    return Decimal(-1 if net < 0 else 1), abs(net)


def _rate(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _vat(one: Record) -> VatLine:
    return VatLine(
        category=one["category"],
        rate=_rate(one["rate"]),
        taxable=one["taxable"],
        tax=one["tax"],
        exemption_code=one.get("exemption_code") or "",
        exemption_reason=one.get("exemption_reason") or "",
    )


def _allowance(one: Record) -> Allowance:
    return Allowance(
        amount=one["amount"],
        reason=one["reason"],
        category=one["category"],
        rate=_rate(one["rate"]),
    )


def _totals(given: Record) -> Totals:
    return Totals(
        lines=given["lines"],
        allowances=given["allowances"],
        charges=0,
        net=given["net"],
        tax=given["vat"],
        gross=given["gross"],
        prepaid=given["prepaid"],
        due=given["due"],
    )


def _notes(
    record: Record, to: Address, issued_on: date, language: str, own: Mapping[str, str] | None
) -> tuple[Note, ...]:
    """Clients are companies: we sell to no consumer."""
    said = [*record["notes"], record.get("reason") or ""]
    treatment = treatment_of(buyer=to, buyer_is_company=True)
    return (
        *(Note(text=text) for text in said if text),
        *notes_for(
            seller_country=record["seller"].get("country") or "",
            on=issued_on,
            language=language,
            treatment=treatment,
            own=own,
        ),
    )
