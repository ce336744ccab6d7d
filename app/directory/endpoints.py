"""Electronic addresses for invoices, by the schemes of the list EAS that our clients meet."""

import re
from collections.abc import Callable

from stdnum.be import vat as belgian
from stdnum.dk import cvr as danish
from stdnum.exceptions import ValidationError
from stdnum.no import orgnr as norwegian
from stdnum.se import orgnr as swedish

from app.directory import identifiers
from tenants.core.text import _m

LABELS = {
    "0225": _m("France, address of the directory (0225)"),
    "0009": _m("France, SIRET (0009)"),
    "0002": _m("France, SIREN (0002)"),
    "9957": _m("France, VAT number (9957)"),
    "0204": _m("Germany, Leitweg-ID (0204)"),
    "9930": _m("Germany, VAT number (9930)"),
    "EM": _m("E-mail (EM)"),
    "0088": _m("GLN (0088)"),
    "0060": _m("D-U-N-S number (0060)"),
    "0199": _m("LEI (0199)"),
    "0208": _m("Belgium, enterprise number (0208)"),
    "9925": _m("Belgium, VAT number (9925)"),
    "0106": _m("Netherlands, KvK number (0106)"),
    "0190": _m("Netherlands, OIN (0190)"),
    "9944": _m("Netherlands, VAT number (9944)"),
    "9938": _m("Luxembourg, VAT number (9938)"),
    "9914": _m("Austria, VAT number (9914)"),
    "0211": _m("Italy, VAT number (0211)"),
    "9920": _m("Spain, VAT number (9920)"),
    "9945": _m("Poland, VAT number (9945)"),
    "0184": _m("Denmark, CVR number (0184)"),
    "0007": _m("Sweden, organisation number (0007)"),
    "0192": _m("Norway, organisation number (0192)"),
    "9927": _m("Switzerland, VAT number (9927)"),
    "9932": _m("United Kingdom, VAT number (9932)"),
}
UNKNOWN = _m("Choose the kind of the electronic address.")
NOT_OF_FRANCE = _m(
    "This address begins with the nine digits of a SIREN; then letters, digits and - _ . may follow."
)
NOT_AN_EMAIL = _m("This is not an e-mail address.")
NOT_PLAIN = _m("Our mail can't be sent to an address with accents or umlauts before the @.")
NOT_AN_ADDRESS = _m("Write letters, digits and - _ . : / only, 125 at most.")
NOT_OF_ITS_COUNTRY = _m("A VAT number of another country can't be an address of this kind.")
NOT_OF_ITS_KIND = _m("This is not a number of that kind: a digit must be wrong or missing.")

_FRENCH = re.compile(r"[0-9]{9}[A-Za-z0-9_.\-]{0,116}")
_EMAIL = re.compile(r"[^@\s<>\"(),;:\\]{1,64}@[A-Za-z0-9.-]{1,180}\.[A-Za-z]{2,24}")
_PLAIN = re.compile(r"[A-Za-z0-9_.:/\-]{1,125}")


def read(scheme: str, typed: str) -> str:
    """In its usual form; ValueError says in our words what is wrong."""
    plain = typed.strip()
    if scheme not in LABELS:
        raise ValueError(UNKNOWN)
    known = _OF_IDENTIFIERS.get(scheme)
    if known is not None:
        found = identifiers.read(known, plain)
        if known == "vat" and not found.startswith(_VAT_OF[scheme]):
            raise ValueError(NOT_OF_ITS_COUNTRY)
        return found
    return _READERS.get(scheme, _other)(plain)


def _french(typed: str) -> str:
    plain = typed.replace(" ", "")
    if not _FRENCH.fullmatch(plain):
        raise ValueError(NOT_OF_FRANCE)
    identifiers.read("siren", plain[:9])
    return plain


def _email(typed: str) -> str:
    if not _EMAIL.fullmatch(typed) or ".." in typed:
        raise ValueError(NOT_AN_EMAIL)
    if not typed.isascii():
        raise ValueError(NOT_PLAIN)
    return typed


def _other(typed: str) -> str:
    plain = typed.replace(" ", "")
    if not _PLAIN.fullmatch(plain):
        raise ValueError(NOT_AN_ADDRESS)
    return plain


def _number(
    validate: Callable[[str], str], *, prefix: str = "", kept: bool = False
) -> Callable[[str], str]:
    """By the rule of its country, with or without the letters before it, which are `kept` or not."""

    def reader(typed: str) -> str:
        plain = re.sub(r"[\s.-]", "", typed).upper()
        digits = plain.removeprefix(prefix)
        # A sum of zeros is right by most rules.
        if not digits.isascii() or not digits.strip("0"):
            raise ValueError(NOT_OF_ITS_KIND)
        try:
            found = str(validate(digits))
        except ValidationError as error:
            raise ValueError(NOT_OF_ITS_KIND) from error
        return prefix + found if kept and plain != digits else found

    return reader


def _digits(length: int) -> Callable[[str], str]:
    def validate(digits: str) -> str:
        if not re.fullmatch(f"[0-9]{{{length}}}", digits):
            raise ValueError(NOT_OF_ITS_KIND)
        return digits

    return validate


# Letters that VAT numbers begin with.
_VAT_OF = {
    "9957": "FR", "9930": "DE", "9925": "BE", "9944": "NL", "9938": "LU", "9914": "AT",
    "0211": "IT", "9920": "ES", "9945": "PL", "9927": "CHE", "9932": "GB",
}  # fmt: skip
# What such an address says is one of the company's own numbers.
_OF_IDENTIFIERS = {
    "0002": "siren", "0009": "siret", "0204": "leitweg", "0088": "gln", "0060": "duns",
    "0199": "lei", **dict.fromkeys(_VAT_OF, "vat"),
}  # fmt: skip
SAME_AS = {scheme: name for scheme, name in _OF_IDENTIFIERS.items() if name != "gln"}
_READERS: dict[str, Callable[[str], str]] = {
    "0225": _french,
    "EM": _email,
    "0208": _number(belgian.validate, prefix="BE"),
    "0106": _number(_digits(8)),
    "0190": _number(_digits(20)),
    "0184": _number(danish.validate, prefix="DK", kept=True),
    "0007": _number(swedish.validate),
    "0192": _number(norwegian.validate),
}
