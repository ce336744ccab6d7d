"""What VAT an invoice of the subscription carries, and what it has to say about it.

Services to businesses, so the place of supply is the customer's (directive 2006/112/EC, art. 44).
A customer in another member state is a business to us once its VAT number is verified; until then
it is invoiced like one at home. This is no tax advice, and nobody's tax adviser has read it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from billing.taxes.territories import OVERSEAS, is_member, territory

Kind = Literal["domestic", "reverse_charge", "supplier_rate", "outside"]
KINDS: tuple[Kind, ...] = ("domestic", "reverse_charge", "supplier_rate", "outside")
# Of Stripe's customer: whether its rates count.
Exempt = Literal["none", "reverse", "exempt"]
ZERO = Decimal(0)


class UnknownSeller(Exception):
    """No rate of VAT is known for the provider's country."""


@dataclass(frozen=True, slots=True)
class Rate:
    """From this day on; `lookup_key` is the tax rate at Stripe."""

    since: date
    percentage: Decimal
    lookup_key: str


# By the seller's country, newest first. A rate that changes gets a line and a part in plans.TAXES.
STANDARD: Mapping[str, tuple[Rate, ...]] = {
    "FR": (Rate(date(2014, 1, 1), Decimal(20), "vat_fr_20"),),
    "DE": (Rate(date(2021, 1, 1), Decimal(19), "vat_de_19"),),
}
# Guadeloupe, Martinique and Réunion, for a French seller (CGI 296).
OVERSEAS_RATES = (Rate(date(2014, 1, 1), Decimal("8.5"), "vat_fr_8_5"),)


@dataclass(frozen=True, slots=True)
class Treatment:
    """`category` is EN 16931's code of it (BT-118); `rate` stands at the subscription even where
    `exempt` keeps it from counting."""

    kind: Kind
    category: str
    percentage: Decimal
    rate: str
    exempt: Exempt


def treatment(
    seller: str, country: str, vat_status: str, on: date, *, postcode: str = "", vat_id: str = ""
) -> Treatment:
    """UnknownSeller for a seller from where no rate is known; defined for everybody it sells to."""
    home, place = territory(seller), territory(country, postcode)
    standard = _rate(home, on)
    if home == "FR" and place in OVERSEAS:
        rate = _newest(OVERSEAS_RATES, on)
        return Treatment("domestic", "S", rate.percentage, rate.lookup_key, "none")
    if place == home:
        return Treatment("domestic", "S", standard.percentage, standard.lookup_key, "none")
    if not is_member(place):
        return Treatment("outside", "O", ZERO, standard.lookup_key, "exempt")
    if vat_status == "verified" and vat_id and _is_of(vat_id, place):
        return Treatment("reverse_charge", "AE", ZERO, standard.lookup_key, "reverse")
    return Treatment("supplier_rate", "S", standard.percentage, standard.lookup_key, "none")


def is_known(seller: str) -> bool:
    return territory(seller) in STANDARD


def _is_of(vat_id: str, place: str) -> bool:
    return vat_id[:2] == {"GR": "EL"}.get(place, place)


def _rate(home: str, on: date) -> Rate:
    if home not in STANDARD:
        raise UnknownSeller(home)
    return _newest(STANDARD[home], on)


def _newest(rates: tuple[Rate, ...], on: date) -> Rate:
    """The oldest for days before any that we know: no invoice of ours is older."""
    return next((one for one in rates if one.since <= on), rates[-1])


@dataclass(frozen=True, slots=True)
class Mention:
    """`sentence` stands on the invoice, `code` is EN 16931's of the reason (BT-121)."""

    sentence: str
    law: str
    code: str


DIRECTIVE = "2006/112/EC"
LAWS: Mapping[str, Mapping[Kind, str]] = {
    "FR": {
        "reverse_charge": f"CGI art. 283-2, 259-1°; {DIRECTIVE} art. 44, 196, 226(11a)",
        "outside": f"CGI art. 259-1°; {DIRECTIVE} art. 44",
    },
    "DE": {
        "reverse_charge": f"§ 3a Abs. 2, § 14a Abs. 1 UStG; {DIRECTIVE} art. 44, 196, 226(11a)",
        "outside": f"§ 3a Abs. 2 UStG; {DIRECTIVE} art. 44",
    },
}
# In the words that the law asks for, whatever the language of our pages.
SENTENCES: Mapping[Kind, Mapping[str, str]] = {
    "reverse_charge": {
        "fr": "Autoliquidation",
        "de": "Steuerschuldnerschaft des Leistungsempfängers",
        "en": "Reverse charge",
    },
    "outside": {
        "fr": "TVA non applicable : prestation hors du champ territorial",
        "de": "Nicht steuerbar: Leistungsort außerhalb der EU",
        "en": "Outside the scope of EU VAT",
    },
}
CODES: Mapping[Kind, str] = {"reverse_charge": "VATEX-EU-AE", "outside": "VATEX-EU-O"}


def mention(kind: Kind, *, seller: str, language: str) -> Mention | None:
    """None where the invoice's VAT speaks for itself."""
    if kind not in SENTENCES:
        return None
    said = SENTENCES[kind]
    law = LAWS.get(territory(seller), {}).get(kind, f"{DIRECTIVE} art. 44")
    return Mention(said.get(language, said["en"]), law, CODES[kind])
