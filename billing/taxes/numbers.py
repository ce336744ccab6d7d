"""VAT numbers as their countries write them: looked at here, verified by Stripe."""

from collections.abc import Callable
from dataclasses import dataclass

from stdnum.ch import vat as swiss
from stdnum.eu import vat as european
from stdnum.gb import vat as british
from stdnum.no import mva as norwegian

from billing.taxes.territories import AS, OVERSEAS, is_member, prefix_of
from tenants.core.text import _m

NOT_OF_THIS_COUNTRY = _m("A VAT number of this country begins with other letters.")
NOT_A_VAT_NUMBER = _m("This is not a VAT number: a digit or letter must be wrong.")
NONE_THERE = _m("We can't use a VAT number of this country. Leave the field empty.")


@dataclass(frozen=True, slots=True)
class Number:
    """`kind` as Stripe calls it."""

    kind: str
    value: str


def checked(country: str, typed: str) -> Number | None:
    """None for an empty one. ValueError says what is wrong, in our words."""
    plain = "".join(char for char in typed.upper() if char.isalnum() or char in "+*")
    if not plain:
        return None
    if is_member(AS.get(country, country)) or country in OVERSEAS:
        return _european(country, plain)
    if country == "GB":
        return _other("gb_vat", "GB", plain, british.is_valid)
    if country == "CH":
        return _other("ch_vat", "CHE", plain, swiss.is_valid)
    if country == "NO":
        digits = plain.removeprefix("NO")
        if not norwegian.is_valid(digits):
            raise ValueError(NOT_A_VAT_NUMBER)
        return Number("no_vat", digits)
    raise ValueError(NONE_THERE)


def _european(country: str, plain: str) -> Number:
    prefix = prefix_of(country)
    if plain[:1].isdigit():
        plain = prefix + plain
    if prefix == "EL" and plain.startswith("GR"):
        plain = "EL" + plain[2:]
    if not plain.startswith(prefix):
        raise ValueError(NOT_OF_THIS_COUNTRY)
    if not european.is_valid(plain):
        raise ValueError(NOT_A_VAT_NUMBER)
    return Number("eu_vat", plain)


def _other(kind: str, prefix: str, plain: str, is_valid: Callable[[str], bool]) -> Number:
    plain = plain if plain.startswith(prefix) else prefix + plain
    if not is_valid(plain):
        raise ValueError(NOT_A_VAT_NUMBER)
    return Number(kind, plain)
