"""Numbers by which the authorities know a company: checked by their own rules, never asked for
anywhere else."""

from stdnum.de import handelsregisternummer
from stdnum.eu import vat
from stdnum.exceptions import ValidationError
from stdnum.fr import siren, siret

from app.provider.countries import VAT_PREFIXES
from tenants.core.errors import Invalid
from tenants.core.text import _m

NOT_A_SIREN = _m("This is not a SIREN: nine digits, of which the last one checks the others.")
A_SIRET = _m("This is the SIRET of one site. Enter its first nine digits, the SIREN.")
NOT_IN_THE_REGISTER = _m(
    "Write it like “München HRB 12345”: the court's place, HRA or HRB, the number."
)
NOT_OF_THIS_COUNTRY = _m("A VAT number of this country begins with other letters.")
NOT_A_VAT_NUMBER = _m("This is not a VAT number: a digit or letter must be wrong.")
OF_ANOTHER_COMPANY = _m("This VAT number belongs to another SIREN.")


def checked_numbers(*, country: str, registration_number: str, vat_id: str) -> tuple[str, str]:
    """Both in their usual form, an empty one as it is; Invalid says at which field what is wrong."""
    problems: dict[str, list[str]] = {}
    try:
        registration_number = _registration(country, registration_number)
    except ValueError as error:
        problems["registration_number"] = [str(error)]
    try:
        vat_id = _vat(country, vat_id)
    except ValueError as error:
        problems["vat_id"] = [str(error)]
    both = country == "FR" and registration_number and vat_id and not problems
    if both and not vat_id.endswith(registration_number):
        problems["vat_id"] = [OF_ANOTHER_COMPANY]
    if problems:
        raise Invalid(field_errors=problems)
    return registration_number, vat_id


def _registration(country: str, typed: str) -> str:
    typed = " ".join(typed.split())
    if not typed:
        return ""
    if country == "FR":
        if siret.is_valid(typed):
            raise ValueError(A_SIRET)
        if not siren.is_valid(typed):
            raise ValueError(NOT_A_SIREN)
        return str(siren.compact(typed))
    if country == "DE":
        try:
            return str(handelsregisternummer.validate(typed))
        except ValidationError as error:
            raise ValueError(NOT_IN_THE_REGISTER) from error
    return typed


def _vat(country: str, typed: str) -> str:
    if not typed.strip():
        return ""
    plain = "".join(char for char in typed.upper() if char.isalnum() or char in "+*")
    if not plain.startswith(VAT_PREFIXES.get(country, country)):
        raise ValueError(NOT_OF_THIS_COUNTRY)
    if not vat.is_valid(plain):
        raise ValueError(NOT_A_VAT_NUMBER)
    return plain
