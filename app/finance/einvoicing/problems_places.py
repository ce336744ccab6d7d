"""Which VAT may be left out, by where the sides are and where the goods go (directive 2006/112/EC,
articles 138, 146, 196)."""

from app.finance.einvoicing.broken import Found, broken
from app.finance.einvoicing.document import Address, InvoiceDocument
from app.finance.einvoicing.places import (
    goods_place_of,
    has_eu_goods,
    law_of,
    place_of,
    state_of,
)
from app.finance.einvoicing.vat import EXPORT, INTRA_EU, REVERSE
from app.finance.einvoicing.vatex import CATEGORIES, CODES, FRENCH
from billing.taxes.territories import OVERSEAS, is_member
from tenants.core.text import _m

_TO_AN_EU_COUNTRY = _m("A supply to another EU country goes to an EU country: this is an export.")
_MONACO = _m("For VAT, Monaco is part of France.")


def place_problems(document: InvoiceDocument) -> Found:
    used = {line.category for line in document.lines}
    if INTRA_EU in used:
        yield from _intra_eu(document)
    if EXPORT in used:
        yield from _export(document)
    if REVERSE in used:
        yield from _reverse(document)
    yield from _reasons(document)


def _intra_eu(document: InvoiceDocument) -> Found:
    """The numbers say of which states the sides are, whatever their addresses."""
    home, buyer, to = _home(document), document.buyer, _address_of_delivery(document)
    state, goes_to = state_of(buyer.vat_id), goods_place_of(to) if to else ""
    yield from broken(
        (
            not has_eu_goods(home),
            "seller.vat_id",
            _m("A supply to another EU country needs a VAT number of the EU."),
        ),
        (
            buyer.vat_id and not state,
            "buyer.vat_id",
            _m("A supply to another EU country needs a VAT number of the EU."),
        ),
        (
            state and state == home,
            "buyer.vat_id",
            _m("The buyer's VAT number is of the seller's country: charge VAT."),
        ),
        (
            not state and not has_eu_goods(goods_place_of(buyer.address)),
            "buyer.address.country",
            _m("The buyer isn't in the EU: this is an export."),
        ),
        (to and not has_eu_goods(goes_to), "delivery.address", _TO_AN_EU_COUNTRY),
        (
            to and goes_to == home,
            "delivery.address",
            _MONACO
            if to and to.country == "MC"
            else _m("The goods stay in the seller's country: charge VAT."),
        ),
    )


def _export(document: InvoiceDocument) -> Found:
    to = _address_of_delivery(document)
    field, address = (
        ("delivery.address", to) if to else ("buyer.address.country", document.buyer.address)
    )
    goes_to = goods_place_of(address)
    if not has_eu_goods(goes_to):
        return
    # France's overseas departments export to it as it exports to them (CGI 294).
    if goes_to == "FR" and place_of(document.seller.address) in OVERSEAS:
        return
    yield (
        field,
        _MONACO
        if address.country == "MC"
        else _m("An export goes to a country outside of the EU."),
    )


def _reverse(document: InvoiceDocument) -> Found:
    buyer = document.buyer
    home, there = place_of(document.seller.address), place_of(buyer.address)
    abroad = is_member(home) and is_member(there) and home != there
    if abroad and not is_member(state_of(buyer.vat_id)):
        yield (
            "buyer.vat_id",
            _m("Reverse charge in another EU country needs the buyer's VAT number of the EU."),
        )


def _reasons(document: InvoiceDocument) -> Found:
    french = "FR" in (law_of(document.seller.address.country), _home(document))
    for number, line in enumerate(document.lines, start=1):
        code, field = line.exemption_code, f"lines.{number}.exemption_reason"
        if not code:
            continue
        if code not in CODES:
            yield field, _m("This code isn't in the list VATEX. Write the reason in words.")
        elif CATEGORIES.get(code, line.category) != line.category:
            yield field, _m("This reason is of another VAT category.")
        elif code in FRENCH and not french:
            yield field, _m("This reason is of French law alone.")


def _home(document: InvoiceDocument) -> str:
    """The state that the VAT is of: a number may be of another one than the seller's address."""
    numbers = [document.seller.vat_id]
    if document.tax_representative:
        numbers.append(document.tax_representative.vat_id)
    states = [state_of(one) for one in numbers if one]
    return next(filter(None, states), "" if states else place_of(document.seller.address))


def _address_of_delivery(document: InvoiceDocument) -> Address | None:
    given = document.delivery.address if document.delivery else None
    return given if given and given.country else None
