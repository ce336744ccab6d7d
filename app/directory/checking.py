"""What a party must be before it is stored, whoever hands it over: pure rules, no session."""

import re
from dataclasses import replace
from functools import cache
from typing import Any

from babel import Locale

from app.directory import accounts, endpoints, identifiers
from app.directory.data import LONGEST, PREFIXES, PartyData
from app.directory.models import KINDS, SCHEMES
from app.spreadsheets.plain_text import clean
from tenants.core.text import _m
from tenants.models import LANGUAGES

MISSING = _m("This is needed.")
TOO_LONG = _m("This is too long.")
NO_ROLE = _m("Choose customer, supplier or both.")
NO_KIND = _m("Choose what it is.")
NO_LANGUAGE = _m("Choose a language.")
NOT_A_CURRENCY = _m("Write the three letters, like EUR.")
NOT_DAYS = _m("Write a number of days from 0 to 365.")
NOT_A_COUNTRY = _m("Write the two letters of a country, like FR or DE.")
NOT_A_POSTCODE = _m("A postcode of this country has five digits.")
NO_CITY = _m("An address needs at least town and country.")
NO_CONTACT = _m("Who is it? Give the contact's name.")
OTHER_SIREN = _m("A SIRET begins with the SIREN of its company.")
VAT_OF_ANOTHER = _m("This VAT number belongs to another SIREN.")
ADDRESS_OF_ANOTHER = _m("This e-invoice address belongs to another company than the numbers above.")
NO_ADDRESS = _m("Give the address too, or leave its kind empty.")

Problems = dict[str, list[str]]


@cache
def countries() -> frozenset[str]:
    """Those of ISO 3166, and Kosovo. Babel names groups and parts of countries too."""
    found = Locale("en").territories
    return frozenset(
        code for code in map(str, found) if re.fullmatch("[A-Z]{2}", code)
    ) - {
        "EU", "EZ", "UN", "ZZ", "XA", "XB", "QO", "AC", "CP", "CQ", "DG", "EA", "IC", "TA",
    }  # fmt: skip


def checked(data: PartyData, *, language: str, country: str) -> tuple[PartyData, Problems]:
    """In its usual form, with what is wrong by field. `language` and `country` are the company's,
    for what is left out."""
    problems: Problems = {}
    values: dict[str, Any] = {}
    for name, most in LONGEST.items():
        text = getattr(data, name)
        plain = _lines(text) if name == "note" else clean(text, len(text))
        if len(plain) > most:
            problems[name] = [TOO_LONG]
            plain = plain[:most]
        values[name] = plain
    if not values["name"]:
        problems["name"] = [MISSING]
    values["language"] = data.language or language
    values["currency"] = (data.currency or "EUR").strip().upper()
    found = data.changed(values)
    _own(found, problems)
    for kind in PREFIXES:
        found = _address(found, kind, country, problems)
    found = _identifiers(found, problems)
    found = _endpoint(found, problems)
    found = _account(found, problems)
    if (found.contact_email or found.contact_phone or found.contact_job) and not found.contact_name:
        found = replace(found, contact_name=found.contact_email or found.contact_phone)
        if not found.contact_name:
            problems["contact_name"] = [NO_CONTACT]
    return found, problems


def _lines(text: str) -> str:
    return "\n".join(clean(line, len(line)) for line in text.splitlines()).strip()


def _own(data: PartyData, problems: Problems) -> None:
    if not data.customer and not data.supplier:
        problems["customer"] = [NO_ROLE]
    if data.kind not in KINDS:
        problems["kind"] = [NO_KIND]
    if data.language not in LANGUAGES:
        problems["language"] = [NO_LANGUAGE]
    if not re.fullmatch("[A-Z]{3}", data.currency, re.ASCII):
        problems["currency"] = [NOT_A_CURRENCY]
    if data.payment_days is not None and not 0 <= data.payment_days <= 365:
        problems["payment_days"] = [NOT_DAYS]
    if data.contact_email:
        try:
            endpoints.read("EM", data.contact_email)
        except ValueError as error:
            problems["contact_email"] = [str(error)]


def _address(data: PartyData, kind: str, country: str, problems: Problems) -> PartyData:
    empty = not data.has_address(kind) and not (kind == "delivery" and data.delivery_name)
    if empty:
        return data.changed({f"{kind}_country": ""})
    parts = data.address(kind)
    parts["country"] = (parts["country"] or country).upper()
    if not parts["city"]:
        problems.setdefault(f"{kind}_city", [NO_CITY])
    if parts["country"] not in countries():
        problems.setdefault(f"{kind}_country", [NOT_A_COUNTRY])
    if parts["postcode"] and parts["country"] in ("FR", "DE"):
        parts["postcode"] = parts["postcode"].replace(" ", "")
        if not re.fullmatch("[0-9]{5}", parts["postcode"], re.ASCII):
            problems.setdefault(f"{kind}_postcode", [NOT_A_POSTCODE])
    return data.changed({f"{kind}_{part}": value for part, value in parts.items()})


def _identifiers(data: PartyData, problems: Problems) -> PartyData:
    values: dict[str, str] = {}
    for scheme in SCHEMES:
        typed = clean(getattr(data, scheme), 200)
        try:
            values[scheme] = identifiers.read(scheme, typed, data.billing_country)
        except ValueError as error:
            problems[scheme] = [str(error)]
            values[scheme] = typed[:60]
    if values["siret"] and not values["siren"] and "siret" not in problems:
        values["siren"] = values["siret"][:9]
    siren = "" if "siren" in problems else values["siren"]
    if siren and values["siret"] and not values["siret"].startswith(siren):
        problems.setdefault("siret", [OTHER_SIREN])
    if siren and values["vat"].startswith("FR") and not values["vat"].endswith(siren):
        problems.setdefault("vat", [VAT_OF_ANOTHER])
    return data.changed(values)


def _endpoint(data: PartyData, problems: Problems) -> PartyData:
    scheme, typed = data.endpoint_scheme.strip().upper(), data.endpoint_value
    if not scheme and not typed:
        return data
    try:
        value = endpoints.read(scheme, typed) if typed else ""
    except ValueError as error:
        where = "endpoint_value" if scheme in endpoints.LABELS else "endpoint_scheme"
        problems.setdefault(where, [str(error)])
        return data
    if not value:
        problems.setdefault("endpoint_value", [NO_ADDRESS])
    own = data.siren if scheme == "0225" else getattr(data, endpoints.SAME_AS.get(scheme, ""), "")
    if own and not problems and not (value.startswith(own) if scheme == "0225" else value == own):
        problems["endpoint_value"] = [ADDRESS_OF_ANOTHER]
    return replace(data, endpoint_scheme=scheme, endpoint_value=value)


def _account(data: PartyData, problems: Problems) -> PartyData:
    if not data.iban.strip():
        return replace(data, iban="", bic="", holder="")
    try:
        found = accounts.read_account(data.iban, data.bic)
    except ValueError as error:
        field = "iban" if str(error) == accounts.NOT_AN_IBAN else "bic"
        problems[field] = [str(error)]
        return data
    return replace(data, iban=found.iban, bic=found.bic)
