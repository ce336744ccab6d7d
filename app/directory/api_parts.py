"""Addresses, contacts and e-invoice addresses of an entry for programs: each answers the entry."""

from typing import Any
from uuid import UUID

from flask import Blueprint

from app.auth.current import current_actor
from app.directory import api_part_schemas as shapes
from app.directory import queries, rights
from app.directory.api import WRITE, shown
from app.directory.api_schemas import PartyOut
from app.directory.models import Party
from app.directory.services import parts
from app.web.api.reading import require_version
from tenants.core import clock
from tenants.core.errors import CoulisseError
from tenants.core.text import _m
from tenants.operations import Answer, operation

bp = Blueprint("directory_parts_api", __name__, url_prefix="/api/v1/parties/<uuid:party_id>")
ADDRESS = {"kind": "delivery", "name": "Depot", "street": "rue Neuve", "house_number": "4",
           "postcode": "69003", "city": "Lyon", "country": "FR"}  # fmt: skip
CONTACT = {"name": "Bob Petit", "email": "bob@moulin.example", "main": True}
ENDPOINT = {"scheme": "EM", "value": "invoices@moulin.example", "valid_until": "2027-08-31"}
MADE: dict[str, Any] = {"answer": PartyOut, "status": 201, "refusals": (409, 412, 422),
                        "versioned": True, **WRITE}  # fmt: skip
CHANGED = MADE | {"status": 200}
REMOVED: dict[str, Any] = {
    "answer": PartyOut,
    "refusals": (409, 412, 428),
    "versioned": True,
    **WRITE,
}
NEXT = "If-Match is needed. The next one of its kind takes the place of a main one. Invoices keep what they say."


class VersionNeeded(CoulisseError):
    """What is gone doesn't come back: nobody removes it without having looked."""

    status = 428
    code = "version_needed"
    message = _m("Say in If-Match which version of the entry you mean.")


@bp.post("/addresses")
@operation("Add an address", body=shapes.AddressIn, example=ADDRESS, **MADE)
def add_address(party_id: UUID, body: dict[str, Any], expected_version: int | None) -> Answer:
    return _add("addresses", party_id, body, expected_version)


@bp.post("/addresses/<uuid:address_id>")
@operation("Change an address", body=shapes.AddressIn, example=ADDRESS, **CHANGED)
def change_address(
    party_id: UUID, address_id: UUID, body: dict[str, Any], expected_version: int | None
) -> Answer:
    return _change("addresses", party_id, address_id, body, expected_version)


@bp.post("/addresses/<uuid:address_id>/remove")
@operation("Remove an address", description=NEXT, **REMOVED)
def remove_address(party_id: UUID, address_id: UUID, expected_version: int | None) -> Answer:
    return _remove("addresses", party_id, address_id, expected_version)


@bp.post("/contacts")
@operation("Add a contact", body=shapes.ContactIn, example=CONTACT, **MADE)
def add_contact(party_id: UUID, body: dict[str, Any], expected_version: int | None) -> Answer:
    return _add("contacts", party_id, body, expected_version)


@bp.post("/contacts/<uuid:contact_id>")
@operation("Change a contact", body=shapes.ContactIn, example=CONTACT, **CHANGED)
def change_contact(
    party_id: UUID, contact_id: UUID, body: dict[str, Any], expected_version: int | None
) -> Answer:
    return _change("contacts", party_id, contact_id, body, expected_version)


@bp.post("/contacts/<uuid:contact_id>/remove")
@operation("Remove a contact", description=NEXT, **REMOVED)
def remove_contact(party_id: UUID, contact_id: UUID, expected_version: int | None) -> Answer:
    return _remove("contacts", party_id, contact_id, expected_version)


@bp.post("/endpoints")
@operation("Add an e-invoice address", body=shapes.EndpointIn, example=ENDPOINT, **MADE)
def add_endpoint(party_id: UUID, body: dict[str, Any], expected_version: int | None) -> Answer:
    return _add("endpoints", party_id, body, expected_version)


@bp.post("/endpoints/<uuid:endpoint_id>")
@operation("Change an e-invoice address", body=shapes.EndpointIn, example=ENDPOINT, **CHANGED)
def change_endpoint(
    party_id: UUID, endpoint_id: UUID, body: dict[str, Any], expected_version: int | None
) -> Answer:
    return _change("endpoints", party_id, endpoint_id, body, expected_version)


@bp.post("/endpoints/<uuid:endpoint_id>/remove")
@operation("Remove an e-invoice address", description=NEXT, **REMOVED)
def remove_endpoint(party_id: UUID, endpoint_id: UUID, expected_version: int | None) -> Answer:
    return _remove("endpoints", party_id, endpoint_id, expected_version)


def _add(kind: str, party_id: UUID, body: dict[str, Any], expected: int | None) -> Answer:
    party, main = _opened(party_id, expected), body.pop("main")
    parts.add_part(
        party=party, kind=kind, values=body, main=main, expected_version=None,
        actor=current_actor(), now=clock.now(),
    )  # fmt: skip
    return _answer(party)


def _change(
    kind: str, party_id: UUID, part_id: UUID, body: dict[str, Any], expected: int | None
) -> Answer:
    party, main = _opened(party_id, expected), body.pop("main")
    parts.change_part(
        party=party, kind=kind, part_id=part_id, values=body, main=main, expected_version=None,
        actor=current_actor(), now=clock.now(),
    )  # fmt: skip
    return _answer(party)


def _remove(kind: str, party_id: UUID, part_id: UUID, expected: int | None) -> Answer:
    party = _opened(party_id, expected)
    parts.get_part(party=party, kind=kind, part_id=part_id)
    if expected is None:
        raise VersionNeeded
    parts.remove_part(
        party=party, kind=kind, part_id=part_id, expected_version=None, actor=current_actor(),
        now=clock.now(),
    )  # fmt: skip
    return _answer(party)


def _opened(party_id: UUID, expected_version: int | None) -> Party:
    rights.require_reader(current_actor())
    row = queries.get_party(party_id=party_id, lock=True)
    require_version(row.version, expected_version)
    return row


def _answer(row: Party) -> Answer:
    return Answer(shown([row])[0], version=row.version, location=f"/api/v1/parties/{row.id}")
