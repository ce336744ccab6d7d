"""Where an address is, for VAT and for the law of invoices."""

from app.finance.einvoicing.document import Address
from billing.taxes.territories import PREFIXES, is_in_french_reform, is_member, territory

# Part of the EU for goods and not for services, with VAT numbers of its own.
NORTHERN_IRELAND = "XI"
# Where companies have a SIREN and are under France's commercial code.
_FRENCH = frozenset({"FR", "GP", "MQ", "GF", "RE", "YT", "BL", "MF", "PM"})
_STATES = {prefix: country for country, prefix in PREFIXES.items()}


def place_of(address: Address) -> str:
    """A member state, or any other code, which is outside of the EU's VAT: Réunion and the Canary
    Islands are, Monaco is part of France."""
    return territory(address.country, address.postcode)


def goods_place_of(address: Address) -> str:
    if address.country == "GB" and address.postcode.upper().startswith("BT"):
        return NORTHERN_IRELAND
    return place_of(address)


def has_eu_goods(place: str) -> bool:
    return is_member(place) or place == NORTHERN_IRELAND


def state_of(vat_id: str) -> str:
    """Where a VAT number is of; empty for one that the EU doesn't know."""
    prefix = vat_id[:2].upper()
    place = _STATES.get(prefix, prefix)
    return place if has_eu_goods(place) else ""


def law_of(country: str) -> str:
    """Whose law of invoices holds."""
    return "FR" if country in _FRENCH else country


def is_french_business(address: Address) -> bool:
    """Of who is established there, whether the French reform binds it."""
    return is_in_french_reform(address.country, address.postcode)
