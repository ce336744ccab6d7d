"""Electronic addresses for invoices, by the schemes of the list EAS that our clients meet."""

import re
from collections.abc import Callable

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
NOT_AN_ADDRESS = _m("Write letters, digits and - _ . : / only, 125 at most.")

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
        return identifiers.read(known, plain)
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
    return typed


def _other(typed: str) -> str:
    plain = typed.replace(" ", "")
    if not _PLAIN.fullmatch(plain):
        raise ValueError(NOT_AN_ADDRESS)
    return plain


# What such an address says is one of the company's own numbers.
_OF_IDENTIFIERS = {
    "0002": "siren", "0009": "siret", "0204": "leitweg", "0088": "gln", "0060": "duns",
    "0199": "lei", "9930": "vat", "9957": "vat", "9925": "vat", "9944": "vat", "9938": "vat",
    "9914": "vat", "9945": "vat", "9920": "vat", "9927": "vat", "9932": "vat",
}  # fmt: skip
SAME_AS = {scheme: name for scheme, name in _OF_IDENTIFIERS.items() if name != "gln"}
_READERS: dict[str, Callable[[str], str]] = {"0225": _french, "EM": _email}
