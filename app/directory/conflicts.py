"""Whom a new or changed party would stand beside a second time."""

from dataclasses import dataclass
from uuid import UUID

from app.directory.data import PartyData
from app.directory.identifiers import OF_ONE_COMPANY, OF_ONE_PLACE
from app.directory.models import Party
from app.directory.naming import name_key
from app.directory.queries import (
    list_by_ids,
    list_by_names,
    list_by_references,
    list_identified,
    load_parts,
)
from tenants.core.errors import Conflict
from tenants.core.text import _m

TAKEN = _m("Another entry of the directory has this number already.")


@dataclass(frozen=True, slots=True)
class Taken:
    """`field` is what the other one has already."""

    field: str
    party: Party


class AlreadyThere(Conflict):
    code = "party_exists"
    message = _m("%(name)s (no. %(number)s) has this number already.")

    def __init__(self, found: list[Taken]) -> None:
        first = found[0].party
        super().__init__(
            name=first.name, number=first.number,
            field_errors={one.field: [TAKEN] for one in found},
        )  # fmt: skip
        self.others = [first]


class LooksAlike(Conflict):
    code = "party_looks_alike"
    message = _m("%(name)s (no. %(number)s) has the same name and the same postcode.")

    def __init__(self, found: list[Party]) -> None:
        super().__init__(name=found[0].name, number=found[0].number)
        self.others = found


def exclusive(scheme: str, data: PartyData) -> bool:
    """Two sites of one company share its SIREN and VAT number, if each has its SIRET."""
    return scheme in OF_ONE_PLACE or (scheme in OF_ONE_COMPANY and not data.siret)


def may_share(scheme: str, siret: str, other_siret: str) -> bool:
    return scheme in OF_ONE_COMPANY and bool(siret and other_siret) and siret != other_siret


def find_taken(data: PartyData, *, besides: UUID | None = None) -> list[Taken]:
    pairs = {
        (scheme, value)
        for scheme, value in data.identifiers.items()
        if scheme in OF_ONE_PLACE or scheme in OF_ONE_COMPANY
    }
    rows = [row for row in list_identified(pairs) if row.party_id != besides]
    parties = list_by_ids({row.party_id for row in rows})
    parts = load_parts(parties) if rows and data.siret else {}
    found = [
        Taken(row.scheme, parties[row.party_id])
        for row in rows
        if not may_share(
            row.scheme, data.siret,
            parts[row.party_id].identifiers.get("siret", "") if parts else "",
        )
    ]  # fmt: skip
    if data.reference:
        found += [
            Taken("reference", row)
            for row in list_by_references([data.reference])
            if row.id != besides
        ]
    return sorted(found, key=lambda one: (one.party.number, one.field))


def find_alike(data: PartyData, *, besides: UUID | None = None) -> list[Party]:
    """Same comparable name, and the same postcode or none to compare."""
    rows = [row for row in list_by_names([name_key(data.name)]) if row.id != besides]
    if not rows:
        return []
    parts = load_parts([row.id for row in rows])
    found = []
    for row in rows:
        address = parts[row.id].address("billing")
        postcode = address.postcode if address else ""
        if postcode == data.billing_postcode or not postcode or not data.billing_postcode:
            found.append(row)
    return found
