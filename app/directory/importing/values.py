"""Cells as people write them, and as we write them for people."""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Any

from babel import Locale

from app.directory.checking import NO_KIND, NO_LANGUAGE, NOT_A_COUNTRY, NOT_DAYS, countries
from app.directory.data import PartyData
from app.directory.importing.columns import ROLE
from app.spreadsheets.reading import plain
from tenants.core.text import _m

NO_ROLE = _m("Write customer, supplier or both.")
NOT_YES_OR_NO = _m("Write yes or no.")
_ROLES = {
    **dict.fromkeys(["customer", "client", "kunde", "debitor", "c"], ("customer",)),
    **dict.fromkeys(
        ["supplier", "vendor", "fournisseur", "lieferant", "kreditor", "f", "l", "s"], ("supplier",)
    ),
    **dict.fromkeys(
        ["both", "lesdeux", "beide", "customersupplier", "clientfournisseur", "kundelieferant"],
        ("customer", "supplier"),
    ),
}
_ROLE_WORDS = {
    "en": ("customer", "supplier", "both"), "fr": ("client", "fournisseur", "les deux"),
    "de": ("Kunde", "Lieferant", "beide"),
}  # fmt: skip
_KINDS = {
    **dict.fromkeys(["company", "entreprise", "societe", "firma", "unternehmen"], "company"),
    **dict.fromkeys(
        ["publicbody", "public", "organismepublic", "entitepublique", "behorde", "oeffentlich", "offentlich", "offentlichestelle"], "public_body"),
    **dict.fromkeys(["person", "privateperson", "particulier", "personne", "privatperson", "privat"],
                    "person"),
}  # fmt: skip
_KIND_WORDS = {
    "en": {"company": "company", "public_body": "public body", "person": "private person"},
    "fr": {"company": "entreprise", "public_body": "organisme public", "person": "particulier"},
    "de": {"company": "Unternehmen", "public_body": "öffentliche Stelle", "person": "Privatperson"},
}
_YES = frozenset(["1", "x", "yes", "y", "oui", "o", "ja", "j", "true", "vrai", "wahr"])
_NO = frozenset(["0", "no", "n", "non", "nein", "false", "faux", "falsch"])
_YES_WORDS = {"en": ("yes", "no"), "fr": ("oui", "non"), "de": ("ja", "nein")}
_LANGUAGES = {
    **dict.fromkeys(["fr", "french", "francais", "franzosisch", "fra"], "fr"),
    **dict.fromkeys(["de", "german", "allemand", "deutsch", "ger", "deu"], "de"),
    **dict.fromkeys(["en", "english", "anglais", "englisch", "eng"], "en"),
}  # fmt: skip
# Our own files put it before what a spreadsheet would run as a formula.
_GUARDED = re.compile(r"'+\s*[=+\-@\t\r\n]")


def read(field: str, cell: str) -> Mapping[str, Any]:
    """The values of a filled cell by field; ValueError says in our words what is wrong."""
    if _GUARDED.match(cell):
        cell = cell[1:]
    cell = cell.strip()
    reader = _READERS.get(field)
    return reader(cell) if reader else {field: cell}


def _role(cell: str) -> Mapping[str, Any]:
    found = _ROLES.get(plain(cell))
    if found is None:
        raise ValueError(NO_ROLE)
    return {ROLE: found}


def _one(field: str, known: Mapping[str, str], problem: str) -> Any:
    def reader(cell: str) -> Mapping[str, Any]:
        if plain(cell) not in known:
            raise ValueError(problem)
        return {field: known[plain(cell)]}

    return reader


def _days(cell: str) -> Mapping[str, Any]:
    """“30”, “30 jours fin de mois”, “30 Tage netto”."""
    found = re.fullmatch(
        r"([0-9]{1,3})\s*(?:days?|jours?|j|tage?n?|d)?\.?\s*(net|netto|fin de mois|fdm|eom)?",
        cell.casefold(), re.ASCII,
    )  # fmt: skip
    if not found or int(found[1]) > 365:
        raise ValueError(NOT_DAYS)
    values: dict[str, Any] = {"payment_days": int(found[1])}
    if found[2] in ("fin de mois", "fdm", "eom"):
        values["end_of_month"] = True
    return values


def _yes(cell: str) -> Mapping[str, Any]:
    word = plain(cell)
    if word not in _YES | _NO:
        raise ValueError(NOT_YES_OR_NO)
    return {"end_of_month": word in _YES}


def _country(field: str) -> Any:
    def reader(cell: str) -> Mapping[str, Any]:
        code = cell.upper() if cell.upper() in countries() else _by_name().get(_folded(cell))
        if code is None:
            raise ValueError(NOT_A_COUNTRY)
        return {field: code}

    return reader


def _folded(text: str) -> str:
    kept = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in kept if char.isalnum())


@cache
def _by_name() -> dict[str, str]:
    return {
        _folded(str(name)): str(code)
        for language in ("en", "fr", "de")
        for code, name in Locale(language).territories.items()
        if code in countries()
    }


_READERS: dict[str, Any] = {
    ROLE: _role,
    "kind": _one("kind", _KINDS, NO_KIND),
    "language": _one("language", _LANGUAGES, NO_LANGUAGE),
    "payment_days": _days,
    "end_of_month": _yes,
    "billing_country": _country("billing_country"),
    "delivery_country": _country("delivery_country"),
}


def with_zeros(postcode: str, country: str) -> str:
    """A spreadsheet that took it for a number has lost the zero before it."""
    lost = country in ("FR", "DE") and re.fullmatch("[0-9]{4}", postcode, re.ASCII)
    return f"0{postcode}" if lost else postcode


def written(field: str, data: PartyData, language: str) -> str | int:
    """As `read` takes it again."""
    if field == ROLE:
        customer, supplier, both = _ROLE_WORDS.get(language, _ROLE_WORDS["en"])
        return both if data.customer and data.supplier else supplier if data.supplier else customer
    value = getattr(data, field)
    if field == "kind":
        return _KIND_WORDS.get(language, _KIND_WORDS["en"])[value]
    if isinstance(value, bool):
        yes, no = _YES_WORDS.get(language, _YES_WORDS["en"])
        return yes if value else no
    if isinstance(value, int):
        return value
    words = "" if value is None else str(value)
    # What looks guarded already would lose its own mark.
    return f"'{words}" if _GUARDED.match(words) else words
