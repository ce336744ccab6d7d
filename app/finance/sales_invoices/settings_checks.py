"""What a company says of itself on its invoices, checked by the rules of whoever gave the number."""

from __future__ import annotations

from collections.abc import Callable

from app.directory import accounts, endpoints
from app.directory.checking import MISSING
from app.finance.einvoicing.places import law_of
from app.spreadsheets.plain_text import clean
from tenants.core.errors import Invalid
from tenants.core.text import _m

NOT_A_SIREN = _m("A SIREN has nine digits, the last one checks the others.")
NOT_ITS_SIRET = _m("A SIRET has fourteen digits and begins with the company's SIREN.")
NOT_A_VAT_NUMBER = _m("This is not a VAT number: a digit or letter must be wrong.")
OTHER_SIREN = _m("This VAT number belongs to another SIREN.")
# What may have several lines.
LONG = ("late_payment", "recovery_charge", "early_payment")
OTHER_ADDRESS = _m("This e-invoice address begins with another SIREN.")


def checked(values: dict[str, str], *, iban: str) -> dict[str, str]:
    """In their usual form, with `iban` among them; Invalid names each field that isn't right."""
    found = {
        name: value if name in LONG else clean(value, len(value))
        for name, value in {**values, "iban": iban}.items()
    }
    errors: dict[str, list[str]] = {} if found["name"] else {"name": [MISSING]}
    found["electronic_scheme"] = found["electronic_scheme"].upper()
    if law_of(found["country"]) == "FR":
        _french(found, errors)
    for name, read in _readers(found):
        try:
            found[name] = read(found[name]) if found[name] else ""
        except ValueError as error:
            errors[name] = [str(error)]
    if not errors:
        _together(found, errors)
    if errors:
        if found["electronic_scheme"] not in endpoints.LABELS and "electronic_address" in errors:
            errors["electronic_scheme"] = errors.pop("electronic_address")
        raise Invalid(field_errors=errors)
    return found


def _readers(found: dict[str, str]) -> list[tuple[str, Callable[[str], str]]]:
    return [
        ("vat_id", lambda typed: _vat(typed, found["country"])),
        ("electronic_address", lambda typed: endpoints.read(found["electronic_scheme"], typed)),
        ("email", lambda typed: endpoints.read("EM", typed)),
        ("iban", accounts.read_iban),
        ("bic", accounts.read_bic),
    ]


def _french(found: dict[str, str], errors: dict[str, list[str]]) -> None:
    from stdnum.fr import siren, siret  # loaded where it is used

    for name in ("legal_id", "establishment_id"):
        found[name] = "".join(found[name].split())
    if found["legal_id"] and not siren.is_valid(found["legal_id"]):
        errors["legal_id"] = [NOT_A_SIREN]
    if found["establishment_id"] and not (
        siret.is_valid(found["establishment_id"])
        and found["establishment_id"].startswith(found["legal_id"])
    ):
        errors["establishment_id"] = [NOT_ITS_SIRET]


def _vat(typed: str, country: str) -> str:
    """Of a country whose numbers we can't check, as it was typed."""
    from stdnum.eu import vat

    plain = "".join(one for one in typed.upper() if one.isalnum() or one in "+*")
    if law_of(country) not in ("FR", "DE") and plain[:2].lower() not in vat.MEMBER_STATES:
        return typed
    if not vat.is_valid(plain):
        raise ValueError(NOT_A_VAT_NUMBER)
    return plain


def _together(found: dict[str, str], errors: dict[str, list[str]]) -> None:
    """What two fields say of the same company agrees."""
    if law_of(found["country"]) != "FR" or not found["legal_id"]:
        return
    if found["vat_id"].startswith("FR") and not found["vat_id"].endswith(found["legal_id"]):
        errors["vat_id"] = [OTHER_SIREN]
    if found["electronic_scheme"] in ("0225", "0002", "0009") and not found[
        "electronic_address"
    ].startswith(found["legal_id"]):
        errors["electronic_address"] = [OTHER_ADDRESS]
