"""A customer's file as the buyer of an invoice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from app.directory.showing import AddressCard, ContactCard, PartyCard, get_card
from app.finance.einvoicing.document import Address, Identifier, Party
from app.finance.einvoicing.problems_de import LEITWEG, is_public

# ISO 6523 of the numbers that an invoice names its buyer by.
SIREN, SIRET, GLN = "0002", "0009", "0088"


@dataclass(frozen=True, kw_only=True)
class Buyer:
    """`reference` is what the buyer wants on every invoice: of a German authority its Leitweg-ID."""

    id: UUID | None = None
    party: Party
    business: bool
    language: str = ""
    currency: str = ""
    terms_days: int | None = None
    end_of_month: bool = False
    payment_terms: str = ""
    reference: str = ""
    email: str = ""
    delivery_name: str = ""
    delivery: Address | None = None
    places: tuple[Place, ...] = ()
    contacts: tuple[ContactCard, ...] = ()

    @property
    def terms(self) -> dict[str, Any]:
        """Until when it pays, as a draft keeps it."""
        return {"terms_days": self.terms_days, "end_of_month": self.end_of_month}

    def in_hands_of(self, name: str, phone: str, email: str) -> Buyer:
        """With that contact in place of its usual one."""
        party = replace(self.party, contact=name, phone=phone, email=email)
        return replace(self, party=party, email=email or self.email)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where goods go: one of the file's delivery addresses."""

    id: str
    name: str
    address: Address


def get_buyer(customer_id: UUID, *, on: date | None = None) -> Buyer:
    """With a day, its e-invoice address is one that holds on it."""
    return buyer_of(get_card(party_id=customer_id, on=on))


def buyer_of(card: PartyCard) -> Buyer:
    ids = tuple(
        Identifier(value=value, scheme=scheme)
        for scheme, value in ((SIRET, card.siret), (GLN, card.gln), (LEITWEG, card.leitweg))
        if value
    )
    legal = Identifier(value=card.siren, scheme=SIREN) if card.siren else None
    if legal is None and card.register:
        legal = Identifier(value=card.register)
    address = None
    if card.endpoint_value:
        address = Identifier(value=card.endpoint_value, scheme=card.endpoint_scheme)
    return Buyer(
        id=card.id,
        party=Party(
            name=card.name, trade_name=card.trade_name, legal_id=legal, ids=ids, vat_id=card.vat,
            tax_id=card.tax_number, electronic_address=address,
            address=_address(card.billing) or Address(country=card.country),
            contact=card.contact, phone=card.phone, email=card.email,
        ),
        business=card.is_business, language=card.language, currency=card.currency, terms_days=card.payment_days,
        end_of_month=card.end_of_month,
        payment_terms=card.payment_text, reference=card.buyer_reference or card.leitweg,
        email=card.email, delivery_name=card.delivery.name if card.delivery else "",
        delivery=_address(card.delivery), contacts=card.contacts,
        places=tuple(
            Place(id=str(one.id), name=one.name, address=_of(one)) for one in card.deliveries
        ),
    )  # fmt: skip


def named_in_draft(party: Party) -> Buyer:
    """Of a buyer that stands in no directory, the numbers say whether it is a business."""
    return Buyer(party=party, business=bool(party.legal_id or party.vat_id or party.ids))


def usual_form(buyer: Buyer) -> str:
    """German authorities take XRechnung, everybody else an invoice that people can read too."""
    return "xrechnung-cii" if is_public(buyer.party) else "facturx-en16931"


def _address(card: AddressCard | None) -> Address | None:
    return _of(card) if card is not None else None


def _of(card: AddressCard) -> Address:
    return Address(
        lines=card.lines, postcode=card.postcode, city=card.city, region=card.region,
        country=card.country,
    )  # fmt: skip
