"""An invoice as the BT and BG numbers of EN 16931, which is what the writer of XML takes. Nothing is
left out in silence but what the form has no place for."""

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from app.finance.einvoicing.codes import written_country
from app.finance.einvoicing.document import (
    CREDIT_NOTE,
    Address,
    Allowance,
    Delivery,
    Identifier,
    InvoiceDocument,
    Line,
    Party,
    PaymentMeans,
    VatLine,
)
from app.finance.einvoicing.forms import UBL, Form
from app.finance.einvoicing.frames import PEPPOL_BILLING
from app.finance.einvoicing.not_writable import NotWritable
from app.finance.einvoicing.totals import DISCOUNT
from tenants.core.money import exponent
from tenants.core.text import _m

Fields = dict[str, Any]
# UNTDID 7161, when nobody said why: miscellaneous.
_OTHER_CHARGE = "ABK"
_DECIMALS = 2


def fields_of(document: InvoiceDocument, form: Form) -> Fields:
    money = _Money(document.currency)
    found: Fields = {
        "BT-1": document.number,
        "BT-2": document.issued_on,
        "BT-3": document.type,
        "BT-5": document.currency,
        "BT-6": document.tax_currency,
        "BT-7": document.tax_point_on,
        "BT-8": "" if document.tax_point_on else document.vat_point,
        "BT-9": document.due_on,
        "BT-10": document.buyer_reference,
        "BT-11": document.project,
        "BT-12": document.contract,
        "BT-13": document.order,
        "BT-20": _terms(document.payment_terms, form),
        "BT-23": PEPPOL_BILLING if form.profile == "xrechnung" else document.frame,
        "BG-1": [{"BT-21": note.code, "BT-22": note.text} for note in document.notes],
        "BG-3": [{"BT-25": one.number, "BT-26": one.issued_on} for one in document.preceding],
        "BG-4": _party(document.seller, "seller"),
        "BG-7": _party(document.buyer, "buyer"),
        "BG-10": _payee(document.payee),
        "BG-11": _representative(document.tax_representative),
        **_delivery(document.delivery, document.buyer),
        "BG-20": [_allowance(one, money) for one in document.allowances if not one.charge],
        "BG-21": [_allowance(one, money) for one in document.allowances if one.charge],
        "BG-23": [_vat(one, money, document) for one in document.vat],
        "BG-24": [_attachment(one) for one in document.attachments],
        "BG-25": [_line(line, money, form) for line in document.lines],
        **_payment(document, form),
        **_totals(document, money),
    }
    if document.period:
        found |= {"BT-73": document.period.start, "BT-74": document.period.end}
    if not form.has_lines:
        _reduce(found)
    filled: Fields = _filled(found)
    return filled


class _Money:
    def __init__(self, currency: str) -> None:
        self.places = exponent(currency)

    def __call__(self, minor: int) -> str:
        """EN 16931 has two decimals at most: a third is written only where it says something."""
        text = f"{Decimal(minor).scaleb(-self.places):f}"
        return text[:-1] if self.places > _DECIMALS and text.endswith("0") else text


def plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _terms(text: str, form: Form) -> str:
    """A line of XRechnung's own in them is followed by a line break, the last one too (BR-DE-18)."""
    last = text.splitlines()[-1:]
    ends = form.profile == "xrechnung" and last and last[0].startswith("#")
    return text.rstrip("\n") + "\n" if ends else text


def _rate(value: Decimal | None) -> str:
    return "" if value is None else plain(value)


def _filled(value: Any) -> Any:
    """Without what is empty, which the writer would take for given."""
    if isinstance(value, dict):
        inner = {key: _filled(item) for key, item in value.items()}
        return {key: item for key, item in inner.items() if item not in ("", None, [], {})}
    return [_filled(item) for item in value] if isinstance(value, list) else value


def _party(party: Party, field: str) -> Fields:
    contact = {"name": party.contact, "phone": party.phone, "email": party.email}
    return {
        "name": party.name,
        "biz_name": "" if party.trade_name == party.name else party.trade_name,
        "identifiers": _identifiers(party.ids, field),
        "legal_info": party.legal_text,
        "vat_identifier": party.vat_id,
        "tax_identifier": party.tax_id,
        "contacts": [contact] if any(contact.values()) else [],
        **_legal(party.legal_id),
        **_electronic(party.electronic_address),
        **_address(party.address),
    }


def _payee(party: Party | None) -> Fields:
    if party is None:
        return {}
    return {
        "name": party.name,
        "identifiers": _identifiers(party.ids, "payee"),
        **_legal(party.legal_id),
    }


def _representative(party: Party | None) -> Fields:
    if party is None:
        return {}
    return {"name": party.name, "vat_identifier": party.vat_id, **_address(party.address)}


def _identifiers(given: Sequence[Identifier], field: str) -> dict[str | None, str]:
    schemes = Counter(one.scheme for one in given)
    if any(count > 1 for count in schemes.values()):
        raise NotWritable(
            f"{field}.ids",
            _m("Somebody on it has two identifiers of the same kind. A form takes one of each."),
        )
    return {one.scheme or None: one.value for one in given}


def _legal(given: Identifier | None) -> Fields:
    if given is None:
        return {}
    return {"legal_identifier": given.value, "legal_identifier_schemeid": given.scheme}


def _electronic(given: Identifier | None) -> Fields:
    if given is None:
        return {}
    return {"einvoicing_addr": given.value, "einvoicing_addr_schemeid": given.scheme}


def _address(given: Address) -> Fields:
    first, second, *others = [*given.lines, "", ""]
    return {
        "addr_l1": first,
        "addr_l2": second,
        "addr_l3": ", ".join(line for line in others if line),
        "postcode": given.postcode,
        "city": given.city,
        "country_subdivision": given.region,
        "country_code": written_country(given.country),
    }


def _delivery(given: Delivery | None, buyer: Party) -> Fields:
    if given is None:
        return {}
    found: Fields = {"BT-72": given.on}
    if given.address or given.name or given.location:
        found["BG-13"] = {
            "name": given.name or buyer.name,
            "identifiers": _identifiers((given.location,), "delivery") if given.location else {},
            **_address(given.address or Address()),
        }
    return found


def _allowance(one: Allowance, money: _Money) -> Fields:
    unsaid = _OTHER_CHARGE if one.charge else DISCOUNT
    return {
        "amount": money(one.amount),
        "base_amount": "" if one.base is None else money(one.base),
        "rate": _rate(one.percent),
        "reason": one.reason,
        "reason_code": one.reason_code or ("" if one.reason else unsaid),
        "vat_category_code": one.category,
        "vat_rate": _rate(one.rate),
    }


def _vat(one: VatLine, money: _Money, document: InvoiceDocument) -> Fields:
    return {
        "BT-116": money(one.taxable),
        "BT-117": money(one.tax),
        "BT-118": one.category,
        "BT-119": _rate(one.rate),
        "BT-120": one.exemption_reason,
        "BT-121": one.exemption_code,
        # The writer of CII looks for it here as well.
        "BT-7": document.tax_point_on,
    }


def _attachment(one: Any) -> Fields:
    return {
        "BT-122": one.id,
        "BT-123": one.description,
        "BT-124": one.url,
        "BT-125": one.content or None,
        "BT-125-1": one.media_type if one.content else "",
        "BT-125-2": one.name if one.content else "",
    }


def _line(line: Line, money: _Money, form: Form) -> Fields:
    found: Fields = {
        "BT-126": line.id,
        "BT-127-00": [{"BT-127": line.note}] if line.note else [],
        "BT-129": plain(line.quantity),
        "BT-130": line.unit,
        "BT-131": money(line.net),
        "BT-132": line.order_line,
        "BT-133": line.account,
        "BT-146": plain(line.unit_price),
        "BT-149": "" if line.base_quantity == 1 else plain(line.base_quantity),
        "BT-151": line.category,
        "BT-152": _rate(line.rate),
        "BT-153": line.name,
        "BT-154": line.description,
        "BT-155": line.seller_item,
        "BT-156": line.buyer_item,
        "BT-157": line.gtin,
        "BT-157-1": "0160" if line.gtin else "",
        "BG-27": [_allowance(one, money) for one in _of_line(line.allowances) if not one.charge],
        "BG-28": [_allowance(one, money) for one in _of_line(line.allowances) if one.charge],
    }
    if line.period:
        found |= {"BT-134": line.period.start, "BT-135": line.period.end}
    if form.is_extended:
        found |= {
            "EXT-FR-FE-178": line.exemption_reason,
            "EXT-FR-FE-179": line.exemption_code,
        }
        if line.preceding:
            found |= {
                "EXT-FR-FE-136": line.preceding.number,
                "EXT-FR-FE-138": line.preceding.issued_on,
            }
    return found


def _of_line(given: Iterable[Allowance]) -> list[Allowance]:
    """A line's own allowance bears the line's VAT and names none."""
    return [
        Allowance(
            amount=one.amount, charge=one.charge, reason=one.reason, reason_code=one.reason_code,
            base=one.base, percent=one.percent,
        )
        for one in given
    ]  # fmt: skip


def _payment(document: InvoiceDocument, form: Form) -> Fields:
    """A credit note asks for no payment, but XRechnung wants a means of it all the same (BR-DE-1)."""
    if not document.payment or (document.type == CREDIT_NOTE and form.profile != "xrechnung"):
        return {}
    if len(document.payment) > 1:
        raise NotWritable("payment", _m("Choose one means of payment."))
    means: PaymentMeans = document.payment[0]
    if form.kind == UBL and means.mandate and not means.debited_iban:
        raise NotWritable(
            "payment.debited_iban",
            _m(
                "A direct debit names the mandate, the creditor identifier and the account debited."
            ),
        )
    return {
        "BT-81": means.code,
        "BT-83": document.remittance,
        "BT-84": means.iban,
        "BT-85": means.account_name,
        "BT-86": means.bic,
        "BT-89": means.mandate,
        "BT-90": means.creditor_id,
        "BT-91": means.debited_iban,
    }


def _totals(document: InvoiceDocument, money: _Money) -> Fields:
    totals = document.totals
    tax = totals.tax_accounting
    return {
        "BT-106": money(totals.lines),
        "BT-107": money(totals.allowances) if totals.allowances else "",
        "BT-108": money(totals.charges) if totals.charges else "",
        "BT-109": money(totals.net),
        "BT-110": money(totals.tax),
        "BT-111": "" if tax is None else _Money(document.tax_currency)(tax),
        "BT-112": money(totals.gross),
        "BT-113": money(totals.prepaid) if totals.prepaid else "",
        "BT-114": money(totals.rounding) if totals.rounding else "",
        "BT-115": money(totals.due),
    }


def _reduce(found: Fields) -> None:
    """What BASIC WL has no place for; a rounding is missed in its sums, so it can't do without."""
    if found["BT-114"]:
        raise NotWritable(
            "totals.rounding",
            _m("This form has no place for a rounded amount to pay. Choose another form."),
        )
    for number in ("BT-11", "BT-85", "BT-86", "BG-24", "BG-25"):
        found.pop(number, None)
    for party in (found["BG-4"], found["BG-7"]):
        for name in ("contacts", "legal_info", "tax_identifier"):
            party.pop(name)
    found["BG-7"].pop("biz_name")
