"""All that is known of one party, flat: what forms, programs and files hand over and what is
compared. Everything else of its addresses and contacts stands beside the main ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from app.directory.models import SCHEMES
from tenants.core.text import _m

ADDRESS_PARTS = ("street", "house_number", "extra", "postcode", "city", "region", "country")
PREFIXES = ("billing", "delivery")


@dataclass(frozen=True, kw_only=True, slots=True)
class PartyData:
    """`iban`, `bic` and `holder` are of an account that comes with it; they are never read back."""

    name: str
    customer: bool = True
    supplier: bool = False
    kind: str = "company"
    reference: str = ""
    trade_name: str = ""
    legal_form: str = ""
    language: str = ""
    currency: str = ""
    payment_days: int | None = None
    end_of_month: bool = False
    payment_text: str = ""
    buyer_reference: str = ""
    note: str = ""
    siren: str = ""
    siret: str = ""
    vat: str = ""
    leitweg: str = ""
    register: str = ""
    tax_number: str = ""
    gln: str = ""
    duns: str = ""
    lei: str = ""
    creditor_id: str = ""
    other: str = ""
    billing_street: str = ""
    billing_house_number: str = ""
    billing_extra: str = ""
    billing_postcode: str = ""
    billing_city: str = ""
    billing_region: str = ""
    billing_country: str = ""
    delivery_name: str = ""
    delivery_street: str = ""
    delivery_house_number: str = ""
    delivery_extra: str = ""
    delivery_postcode: str = ""
    delivery_city: str = ""
    delivery_region: str = ""
    delivery_country: str = ""
    endpoint_scheme: str = ""
    endpoint_value: str = ""
    contact_name: str = ""
    contact_job: str = ""
    contact_email: str = ""
    contact_phone: str = ""
    iban: str = ""
    bic: str = ""
    holder: str = ""

    @property
    def identifiers(self) -> dict[str, str]:
        return {scheme: value for scheme in SCHEMES if (value := getattr(self, scheme))}

    def changed(self, values: Mapping[str, Any]) -> PartyData:
        return replace(self, **values)

    def address(self, kind: str) -> dict[str, str]:
        return {part: getattr(self, f"{kind}_{part}") for part in ADDRESS_PARTS}

    def has_address(self, kind: str) -> bool:
        """A country alone, which forms offer, is none."""
        return any(value for part, value in self.address(kind).items() if part != "country")


FIELDS = tuple(one.name for one in fields(PartyData))
ACCOUNT_FIELDS = ("iban", "bic", "holder")
OWN_FIELDS = (
    "name", "customer", "supplier", "kind", "reference", "trade_name", "legal_form", "language",
    "currency", "payment_days", "end_of_month", "payment_text", "buyer_reference", "note",
)  # fmt: skip
LONGEST = {
    "name": 200, "trade_name": 200, "legal_form": 80, "reference": 60, "payment_text": 300,
    "buyer_reference": 100, "note": 2000, "contact_name": 120, "contact_job": 80,
    "contact_email": 200, "contact_phone": 40, "delivery_name": 200, "holder": 140,
    "endpoint_value": 125,
    **{f"{kind}_{part}": most for kind in PREFIXES for part, most in {
        "street": 120, "house_number": 20, "extra": 120, "postcode": 16, "city": 80, "region": 80,
        "country": 2}.items()},
}  # fmt: skip
LABELS = {
    "name": _m("Name"), "customer": _m("Customer"), "supplier": _m("Supplier"), "kind": _m("Kind"),
    "reference": _m("Number in your books"), "trade_name": _m("Trade name"),
    "legal_form": _m("Legal form"), "language": _m("Language"), "currency": _m("Currency"),
    "payment_days": _m("Days to pay"), "end_of_month": _m("Due at the end of the month"),
    "payment_text": _m("Terms of payment"), "buyer_reference": _m("Buyer reference"),
    "note": _m("Note"), "siren": _m("SIREN"), "siret": _m("SIRET"), "vat": _m("VAT number"),
    "leitweg": _m("Leitweg-ID"), "register": _m("Register number"),
    "tax_number": _m("Tax number"), "gln": _m("GLN"), "duns": _m("D-U-N-S number"),
    "lei": _m("LEI"), "creditor_id": _m("SEPA creditor identifier"), "other": _m("Other number"),
    "billing_street": _m("Street"), "billing_house_number": _m("House number"),
    "billing_extra": _m("Address line 2"), "billing_postcode": _m("Postcode"),
    "billing_city": _m("Town"), "billing_region": _m("Region"), "billing_country": _m("Country"),
    "delivery_name": _m("Delivery: name"), "delivery_street": _m("Delivery: street"),
    "delivery_house_number": _m("Delivery: house number"),
    "delivery_extra": _m("Delivery: address line 2"),
    "delivery_postcode": _m("Delivery: postcode"), "delivery_city": _m("Delivery: town"),
    "delivery_region": _m("Delivery: region"), "delivery_country": _m("Delivery: country"),
    "endpoint_scheme": _m("Kind of e-invoice address"), "endpoint_value": _m("E-invoice address"),
    "contact_name": _m("Contact"), "contact_job": _m("Function"), "contact_email": _m("E-mail"),
    "contact_phone": _m("Telephone"), "iban": _m("IBAN"), "bic": _m("BIC"),
    "holder": _m("Account holder"),
}  # fmt: skip


def made(values: Mapping[str, Any]) -> PartyData:
    """Of a form or a body, which may hold more than this."""
    return PartyData(**{name: values[name] for name in FIELDS if values.get(name) is not None})
