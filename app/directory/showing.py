"""A party as an invoice or a letter needs it: everything at once, detached from the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from app.directory.data import ADDRESS_PARTS, OWN_FIELDS, PartyData
from app.directory.models import Party, PartyAccount, PartyAddress
from app.directory.queries import Parts, get_current_party, load_parts
from tenants.keys import data_key


@dataclass(frozen=True, kw_only=True, slots=True)
class AddressCard:
    id: UUID | None = None
    name: str = ""
    street: str = ""
    house_number: str = ""
    extra: str = ""
    postcode: str = ""
    city: str = ""
    region: str = ""
    country: str = ""

    @property
    def lines(self) -> tuple[str, ...]:
        """Street and what stands beside it, in the order of the country."""
        first = self.country in ("FR", "GB", "IE", "LU", "US", "CA")
        pair = (self.house_number, self.street) if first else (self.street, self.house_number)
        street = " ".join(part for part in pair if part)
        return tuple(line for line in (street, self.extra) if line)


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactCard:
    id: UUID
    name: str
    job: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PartyCard:
    """`payment_days` None: no terms of its own. `deliveries` and `contacts` are all there are, the
    main ones first. `iban` is of the account that may be used, in the
    clear; empty unless it was asked for."""

    id: UUID
    number: int
    version: int
    name: str
    trade_name: str
    legal_form: str
    kind: str
    customer: bool
    supplier: bool
    language: str
    currency: str
    reference: str
    buyer_reference: str
    payment_days: int | None
    end_of_month: bool
    payment_text: str
    siren: str
    siret: str
    vat: str
    leitweg: str
    register: str
    tax_number: str
    gln: str
    other: str
    country: str
    billing: AddressCard | None
    delivery: AddressCard | None
    endpoint_scheme: str
    endpoint_value: str
    contact: str
    phone: str
    email: str
    deliveries: tuple[AddressCard, ...] = ()
    contacts: tuple[ContactCard, ...] = ()
    iban: str = ""
    bic: str = ""
    holder: str = ""

    @property
    def is_business(self) -> bool:
        return self.kind != "person"


def get_card(*, party_id: UUID, with_account: bool = False, on: date | None = None) -> PartyCard:
    """Of the party as it is now, followed through merges. With a day, the e-invoice address is one
    that holds on it."""
    row = get_current_party(party_id=party_id)
    return card_of(row, load_parts([row.id])[row.id], with_account=with_account, on=on)


def card_of(
    row: Party, parts: Parts, *, with_account: bool = False, on: date | None = None
) -> PartyCard:
    own = {name: getattr(row, name) for name in OWN_FIELDS if name != "note"}
    numbers: dict[str, Any] = {
        scheme: parts.identifiers.get(scheme, "")
        for scheme in ("siren", "siret", "vat", "leitweg", "register", "tax_number", "gln", "other")
    }
    endpoint = parts.endpoint_on(on) if on else parts.endpoint
    contact = parts.contact
    billing, delivery = _address(parts.address("billing")), _address(parts.address("delivery"))
    account = parts.account if with_account else None
    return PartyCard(
        id=row.id, number=row.number, version=row.version, **own, **numbers,
        billing=billing, delivery=delivery, country=billing.country if billing else "",
        endpoint_scheme=endpoint.scheme if endpoint else "",
        endpoint_value=endpoint.value if endpoint else "",
        contact=contact.name if contact else "", phone=contact.phone if contact else "",
        email=contact.email if contact else "",
        deliveries=tuple(_card(one) for one in parts.addresses if one.kind == "delivery"),
        contacts=tuple(
            ContactCard(id=one.id, name=one.name, job=one.job, email=one.email, phone=one.phone)
            for one in parts.contacts
        ),
        **(_opened(account) if account else {}),
    )  # fmt: skip


def _address(row: PartyAddress | None) -> AddressCard | None:
    return _card(row) if row is not None else None


def _card(row: PartyAddress) -> AddressCard:
    parts = {part: getattr(row, part) for part in ADDRESS_PARTS}
    return AddressCard(id=row.id, name=row.name, **parts)


def account_place(row: PartyAccount) -> str:
    return f"{row.tenant_id}|party_accounts.iban|{row.id}"


def _opened(row: PartyAccount) -> dict[str, Any]:
    iban = data_key().open(row.iban_sealed, account_place(row))
    return {"iban": iban, "bic": row.bic, "holder": row.holder}


def data_of(row: Party, parts: Parts) -> PartyData:
    """As it would be typed again; without accounts."""
    values: dict[str, Any] = {name: getattr(row, name) for name in OWN_FIELDS}
    values |= parts.identifiers
    for kind in ("billing", "delivery"):
        found = parts.address(kind)
        if found is not None:
            values |= {f"{kind}_{part}": getattr(found, part) for part in ADDRESS_PARTS}
            if kind == "delivery":
                values["delivery_name"] = found.name
    if parts.endpoint is not None:
        values |= {
            "endpoint_scheme": parts.endpoint.scheme,
            "endpoint_value": parts.endpoint.value,
        }
    if parts.contact is not None:
        who = parts.contact
        values |= {
            "contact_name": who.name, "contact_job": who.job, "contact_email": who.email,
            "contact_phone": who.phone,
        }  # fmt: skip
    return PartyData(**values)
