"""What one of several addresses, contacts or e-invoice addresses must be: the same rules as for the
main ones, which it takes the place of while it is looked at."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from app.directory.checking import MISSING, NO_CITY, Problems, checked
from app.directory.data import ADDRESS_PARTS, PartyData
from app.directory.models import ADDRESS_KINDS
from tenants.core.text import _m

KINDS = ("addresses", "contacts", "endpoints")
WRONG_ORDER = _m("The last day comes before the first one.")
NO_ADDRESS_KIND = _m("Choose billing or delivery.")
# Where a value of a part stands among those of a party.
_PLACES: dict[str, dict[str, str]] = {
    "addresses": {
        "name": "delivery_name", **{part: f"delivery_{part}" for part in ADDRESS_PARTS}
    },
    "contacts": {
        "name": "contact_name", "job": "contact_job", "email": "contact_email",
        "phone": "contact_phone",
    },
    "endpoints": {"scheme": "endpoint_scheme", "value": "endpoint_value"},
}  # fmt: skip
_BESIDE = {"addresses": ("kind",), "contacts": (), "endpoints": ("valid_from", "valid_until")}
VALUES = {kind: (*_BESIDE[kind], *_PLACES[kind]) for kind in KINDS}


def checked_part(
    kind: str, given: Mapping[str, Any], party: PartyData, *, language: str, country: str
) -> tuple[dict[str, Any], Problems]:
    """Its values in their usual form, with what is wrong by field."""
    places = _PLACES[kind]
    typed = {place: str(given.get(name) or "") for name, place in places.items()}
    data, found = checked(party.changed(typed), language=language, country=country)
    values: dict[str, Any] = {name: getattr(data, place) for name, place in places.items()}
    problems = {name: found[place] for name, place in places.items() if place in found}
    if kind == "addresses":
        values["kind"] = given.get("kind")
        if values["kind"] not in ADDRESS_KINDS:
            problems["kind"] = [NO_ADDRESS_KIND]
        if not values["city"]:
            problems["city"] = [NO_CITY]
    elif kind == "contacts":
        if not values["name"]:
            problems["name"] = [MISSING]
    else:
        _validity(values, given, problems)
    return values, problems


def _validity(values: dict[str, Any], given: Mapping[str, Any], problems: Problems) -> None:
    for name in ("scheme", "value"):
        if not values[name]:
            problems.setdefault(name, [MISSING])
    first, last = given.get("valid_from"), given.get("valid_until")
    if isinstance(first, date) and isinstance(last, date) and last < first:
        problems["valid_until"] = [WRONG_ORDER]
    values["valid_from"], values["valid_until"] = first, last
