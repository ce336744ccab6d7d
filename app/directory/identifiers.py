"""Numbers by which companies are known, each by the rule of whoever gives it."""

import re
from collections.abc import Callable

from stdnum import ean, lei
from stdnum.ch import vat as swiss
from stdnum.de import handelsregisternummer, leitweg, stnr
from stdnum.eu import at_02
from stdnum.eu import vat as european
from stdnum.exceptions import ValidationError
from stdnum.fr import siren, siret
from stdnum.gb import vat as british
from stdnum.no import mva as norwegian

from tenants.core.text import _m

LABELS = {
    "siren": _m("SIREN"), "siret": _m("SIRET"), "vat": _m("VAT number"),
    "leitweg": _m("Leitweg-ID"), "register": _m("Register number"),
    "tax_number": _m("Tax number"), "gln": _m("GLN"), "duns": _m("D-U-N-S number"),
    "lei": _m("LEI"), "creditor_id": _m("SEPA creditor identifier"), "other": _m("Other number"),
}  # fmt: skip
# Of one place each: another party can't have it too.
OF_ONE_PLACE = ("siret", "leitweg", "gln", "lei", "duns")
# Of one company, which may stand here with several of its sites.
OF_ONE_COMPANY = ("siren", "vat")

NOT_A_SIREN = _m("This is not a SIREN: nine digits, of which the last one checks the others.")
A_SIRET = _m("This is the SIRET of one site. Enter its first nine digits, the SIREN.")
NOT_A_SIRET = _m("This is not a SIRET: fourteen digits, of which the last one checks the others.")
NOT_A_VAT_NUMBER = _m("This is not a VAT number: a digit or letter must be wrong.")
NO_PREFIX = _m("A VAT number begins with the letters of its country, like FR or DE.")
NOT_A_LEITWEG = _m("This is not a Leitweg-ID: it looks like 04011000-1234512345-06.")
NOT_IN_THE_REGISTER = _m(
    "Write it like “München HRB 12345”: the court's place, HRA or HRB, the number."
)
NOT_A_TAX_NUMBER = _m("This is not a German tax number: a digit must be wrong or missing.")
NOT_A_GLN = _m("This is not a GLN: thirteen digits, of which the last one checks the others.")
NOT_A_DUNS = _m("A D-U-N-S number has nine digits.")
NOT_AN_LEI = _m("This is not an LEI: twenty letters and digits with a check.")
NOT_A_CREDITOR = _m("This is not a SEPA creditor identifier, like FR72ZZZ123456.")
TOO_LONG = _m("This is too long.")

_GERMAN_REGISTER = re.compile(r"\b(HRA|HRB|GnR|PR|VR)\b", re.IGNORECASE)


def read(scheme: str, typed: str, country: str = "") -> str:
    """In its usual form, an empty one as it is; ValueError says in our words what is wrong."""
    plain = " ".join(typed.split())
    return _READERS[scheme](plain, country) if plain else ""


def _siren(typed: str, country: str) -> str:
    if siret.is_valid(typed):
        raise ValueError(A_SIRET)
    return _checked(siren.validate, typed, NOT_A_SIREN)


def _siret(typed: str, country: str) -> str:
    return _checked(siret.validate, typed, NOT_A_SIRET)


def _vat(typed: str, country: str) -> str:
    plain = "".join(char for char in typed.upper() if char.isalnum() or char in "+*")
    if plain[:2] == "GR":
        plain = "EL" + plain[2:]
    if not plain[:2].isalpha() or not plain.isascii():
        raise ValueError(NO_PREFIX)
    if plain.startswith("CHE"):
        return _checked(swiss.validate, plain, NOT_A_VAT_NUMBER)
    if plain.startswith("GB"):
        return "GB" + _checked(british.validate, plain, NOT_A_VAT_NUMBER).removeprefix("GB")
    if plain.startswith("NO"):
        return "NO" + _checked(norwegian.validate, plain[2:], NOT_A_VAT_NUMBER)
    return _checked(european.validate, plain, NOT_A_VAT_NUMBER)


def _leitweg(typed: str, country: str) -> str:
    return _checked(leitweg.validate, typed, NOT_A_LEITWEG)


def _register(typed: str, country: str) -> str:
    if country == "DE" or _GERMAN_REGISTER.search(typed):
        typed = typed.removeprefix("Amtsgericht ").removeprefix("AG ")
        return _checked(handelsregisternummer.validate, typed, NOT_IN_THE_REGISTER)
    return _short(typed, country)


def _tax_number(typed: str, country: str) -> str:
    if country != "DE":
        return _short(typed, country)
    _checked(stnr.validate, typed, NOT_A_TAX_NUMBER)
    return typed


def _gln(typed: str, country: str) -> str:
    plain = _checked(ean.validate, typed, NOT_A_GLN)
    if len(plain) != 13:
        raise ValueError(NOT_A_GLN)
    return plain


def _duns(typed: str, country: str) -> str:
    plain = re.sub(r"[\s-]", "", typed)
    if not re.fullmatch("[0-9]{9}", plain):
        raise ValueError(NOT_A_DUNS)
    return plain


def _lei(typed: str, country: str) -> str:
    return _checked(lei.validate, typed, NOT_AN_LEI)


def _creditor(typed: str, country: str) -> str:
    return _checked(at_02.validate, typed, NOT_A_CREDITOR)


def _short(typed: str, country: str) -> str:
    if len(typed) > 60:
        raise ValueError(TOO_LONG)
    return typed


def _checked(validate: Callable[[str], str], typed: str, problem: str) -> str:
    # Of digits of other scripts the libraries say that they are digits too.
    if len(typed) > 100 or (validate is not handelsregisternummer.validate and not typed.isascii()):
        raise ValueError(problem)
    try:
        return str(validate(typed))
    except (ValidationError, ValueError) as error:
        raise ValueError(problem) from error


_READERS: dict[str, Callable[[str, str], str]] = {
    "siren": _siren, "siret": _siret, "vat": _vat, "leitweg": _leitweg, "register": _register,
    "tax_number": _tax_number, "gln": _gln, "duns": _duns, "lei": _lei, "creditor_id": _creditor,
    "other": _short,
}  # fmt: skip
