"""Who invoices whom, as lines of the printed page."""

from app.finance.einvoicing.document import Address, Delivery, Identifier, InvoiceDocument, Party
from app.finance.einvoicing.labels import SCHEMES
from app.finance.einvoicing.printed_words import Words

Block = dict[str, object]


def parties(document: InvoiceDocument, words: Words) -> dict[str, Block | None]:
    home = document.seller.address.country
    return {
        "seller": _block("seller", document.seller, words, home),
        "buyer": _block("buyer", document.buyer, words, home),
        "delivered_to": _delivery(document.delivery, document.buyer, words, home),
        **{
            label: _block(label, party, words, home) if party else None
            for label, party in (
                ("payee", document.payee),
                ("tax_representative", document.tax_representative),
            )
        },
    }


def _block(label: str, party: Party, words: Words, home: str) -> Block:
    facts = [
        *_identified(party.legal_id, words.label("legal_id"), words),
        *(fact for one in party.ids for fact in _identified(one, words.label("identifier"), words)),
        *words.facts(("vat_id", party.vat_id), ("tax_id", party.tax_id)),
        *_electronic(party.electronic_address, words),
    ]
    reach = " · ".join(part for part in (party.contact, party.phone) if part)
    return {
        "label": words.label(label),
        "name": party.name,
        "lines": [
            *([party.trade_name] if party.trade_name not in ("", party.name) else []),
            *address_lines(party.address, words, home),
        ],
        "facts": [*facts, *words.facts(("contact", reach), ("email", party.email))],
        "legal": party.legal_text,
    }


def _delivery(given: Delivery | None, buyer: Party, words: Words, home: str) -> Block | None:
    if given is None or not (given.address or given.name or given.location):
        return None
    return {
        "label": words.label("delivered_to"),
        "name": given.name or buyer.name,
        "lines": address_lines(given.address, words, home) if given.address else [],
        "facts": _identified(given.location, words.label("identifier"), words),
        "legal": "",
    }


def address_lines(address: Address, words: Words, home: str) -> list[str]:
    """The country only where it isn't the seller's."""
    place = f"{address.postcode} {address.city}".strip()
    abroad = words.country(address.country) if address.country not in ("", home) else ""
    return [line for line in (*address.lines, place, address.region, abroad) if line]


def _identified(given: Identifier | None, otherwise: str, words: Words) -> list[list[str]]:
    if given is None or not given.value:
        return []
    return [[SCHEMES.get(given.scheme, otherwise), given.value]]


def _electronic(given: Identifier | None, words: Words) -> list[list[str]]:
    if given is None or not given.value:
        return []
    scheme = given.scheme + "\u00a0: " if given.scheme and given.scheme != "EM" else ""
    return [[words.label("electronic"), f"{scheme}{given.value}"]]
