"""What each line would do: a new party, a changed one, nothing, or a refusal with its reasons."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from app.directory.checking import checked
from app.directory.conflicts import may_share
from app.directory.data import PartyData, made
from app.directory.identifiers import OF_ONE_COMPANY, OF_ONE_PLACE
from app.directory.importing.columns import ROLE
from app.directory.importing.rows import Problem, Row
from app.directory.models import Party
from app.directory.naming import name_key
from app.directory.queries import (
    Parts,
    list_by_ids,
    list_by_names,
    list_by_references,
    list_identified,
    load_parts,
)
from app.directory.services.accounts import is_live
from app.directory.services.writing import differences
from app.directory.showing import data_of
from app.spreadsheets.columns import Columns
from app.spreadsheets.reasons import Reason
from tenants.core.crypto import DataKey
from tenants.core.text import _m

# Of more lines of one name than these the name tells nobody.
_NAMESAKES = 50
SAME_LINE = _m("Line %(first)s says the same already.")
TWO_ENTRIES = _m("Its numbers belong to two entries: no. %(one)s and no. %(two)s.")
SEVERAL = _m("%(count)s entries have this name or number: give one that tells them apart.")
TAKEN = _m("%(name)s (no. %(number)s) has this number already.")


@dataclass(slots=True)
class Planned:
    """`data` is what the party will be; `account`: its IBAN is new to it."""

    row: Row
    outcome: str
    data: PartyData | None = None
    party: Party | None = None
    parts: Parts | None = None
    changes: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    account: bool = False


@dataclass(slots=True)
class _Known:
    """What the directory holds of a few hundred lines."""

    parties: dict[UUID, Party]
    parts: dict[UUID, Parts]
    numbers: dict[tuple[str, str], set[UUID]]
    references: dict[str, UUID]
    names: dict[str, list[UUID]]


class Planner:
    """Lines in the order of the file; it remembers which stood there before."""

    def __init__(
        self, found: Columns, *, role: str, language: str, country: str, key: DataKey
    ) -> None:
        self._found, self._role = found, role
        self._language, self._country, self._key = language, country, key
        self._lines: dict[tuple[str, ...], int] = {}
        # The lines by whom they turned out to mean, by the name they give, and by their numbers and
        # the SIRET beside those.
        self._parties: dict[UUID, int] = {}
        self._names: dict[str, list[Row]] = defaultdict(list)
        self._numbers: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)

    def plan(self, rows: Sequence[Row]) -> list[Planned]:
        known = _look_up(rows)
        return [self._one(row, known) for row in rows]

    def passed(self, rows: Sequence[Row], became: dict[int, tuple[str, UUID | None]]) -> None:
        """Lines that an earlier run has dealt with."""
        for row in rows:
            outcome, party_id = became.get(row.line, ("", None))
            if outcome != "rejected":
                self._remember(row, row.numbers, party_id)

    def wrote(self, planned: Sequence[Planned]) -> None:
        """New ones have an entry of their own by now."""
        for one in planned:
            if one.party is not None:
                self._parties.setdefault(one.party.id, one.row.line)

    def _one(self, row: Row, known: _Known) -> Planned:
        problems = list(row.problems)
        targets = self._targets(row, known)
        twice = self._said_before(row, targets)
        if twice is not None:
            problems.append(_same_line(twice))
        if len(targets) > 1:
            problems.append(("", _several(targets, known)))
        if problems and (twice is not None or len(targets) > 1):
            return Planned(row, "rejected", problems=problems)
        party = known.parties[targets[0]] if targets else None
        parts = known.parts[party.id] if party else None
        data, wrong = self._data(row, party, parts)
        said = {title for title, _ in problems}
        for name, texts in wrong.items():
            title = self._found.titles.get(name, "")
            if title not in said or not title:
                problems += [(title, Reason("value", text)) for text in texts]
        problems += self._taken(data, party, known) or self._given_before(data)
        if problems:
            return Planned(row, "rejected", problems=problems)
        self._remember(row, data.identifiers, party.id if party else None)
        return self._outcome(row, data, party, parts)

    def _said_before(self, row: Row, targets: list[UUID]) -> int | None:
        """The line that means the same one: by what it says, or by whom it turned out to mean."""
        for key in row.marks():
            if key in self._lines:
                return self._lines[key]
        if targets:
            return self._parties.get(targets[0]) if len(targets) == 1 else None
        same = (one for one in self._names.get(name_key(row.name), ()) if _alike(row, one))
        return next((one.line for one in same), None)

    def _given_before(self, data: PartyData) -> list[Problem]:
        """To another line of the file, which is nowhere written yet."""
        for scheme, value in data.identifiers.items():
            lines = self._numbers.get((scheme, value), {})
            if scheme in OF_ONE_COMPANY and data.siret:
                # Other sites of the company have it too.
                lines = {key: line for key in ("", data.siret) if (line := lines.get(key))}
            elif scheme not in OF_ONE_PLACE and scheme not in OF_ONE_COMPANY:
                continue
            if lines:
                return [_same_line(min(lines.values()))]
        return []

    def _remember(self, row: Row, numbers: dict[str, str], party_id: UUID | None) -> None:
        for key in row.marks():
            self._lines.setdefault(key, row.line)
        named = self._names[name_key(row.name)]
        if row.name and len(named) < _NAMESAKES:
            named.append(row)
        for pair in numbers.items():
            self._numbers[pair].setdefault(numbers.get("siret", ""), row.line)
        if party_id is not None:
            self._parties.setdefault(party_id, row.line)

    def _outcome(
        self, row: Row, data: PartyData, party: Party | None, parts: Parts | None
    ) -> Planned:
        if party is None or parts is None:
            return Planned(row, "new", data)
        changes = differences(data_of(party, parts), data)
        account = bool(data.iban) and self._key.blind_index(data.iban) not in {
            one.iban_index for one in parts.accounts if is_live(one) or one.state == "refused"
        }
        if account:
            changes.append("iban")
        outcome = "changed" if changes else "same"
        return Planned(row, outcome, data, party, parts, changes, account=account)

    def _targets(self, row: Row, known: _Known) -> list[UUID]:
        """Whom it means: by the number in the books, else by its numbers, else by name and place."""
        if row.reference in known.references:
            return [known.references[row.reference]]
        for scheme, value in row.matched():
            found = known.numbers.get((scheme, value), set())
            fits = [
                one for one in found
                if not may_share(
                    scheme, row.numbers.get("siret", ""),
                    known.parts[one].identifiers.get("siret", ""),
                ) and not self._other_reference(row, known.parties[one])
            ]  # fmt: skip
            if fits:
                return sorted(fits)
        if not row.name:
            return []
        return self._by_name(row, known)

    @staticmethod
    def _other_reference(row: Row, party: Party) -> bool:
        """Two numbers in the books are two customers, unless one is new to us."""
        return bool(row.reference and party.reference and row.reference != party.reference)

    def _by_name(self, row: Row, known: _Known) -> list[UUID]:
        postcode, fits = str(row.values.get("billing_postcode", "")), []
        for one in known.names.get(name_key(row.name), []):
            parts = known.parts[one]
            address = parts.address("billing")
            theirs = address.postcode if address else ""
            same_place = theirs == postcode or not theirs or not postcode
            numbers = parts.identifiers
            agree = all(numbers.get(s, v) == v for s, v in row.numbers.items())
            if same_place and agree and not self._other_reference(row, known.parties[one]):
                fits.append(one)
        return fits

    def _data(
        self, row: Row, party: Party | None, parts: Parts | None
    ) -> tuple[PartyData, dict[str, list[str]]]:
        values = dict(row.values)
        roles = values.pop(ROLE, (self._role,))
        if party is None or parts is None:
            base = made({"name": "", "customer": False, "supplier": False})
            if "kind" not in values and "leitweg" in values:
                values["kind"] = "public_body"
        else:
            base = data_of(party, parts)
            self._replaced(base, values)
        data = base.changed(values)
        data = replace(
            data, customer=base.customer or "customer" in roles,
            supplier=base.supplier or "supplier" in roles,
        )  # fmt: skip
        return checked(data, language=self._language, country=self._country)

    @staticmethod
    def _replaced(base: PartyData, values: dict[str, Any]) -> None:
        """A new SIRET or VAT number brings its SIREN; an address given without a scheme keeps it."""
        if "siret" in values and "siren" not in values and base.siren:
            values["siren"] = ""
        if "endpoint_value" in values and "endpoint_scheme" not in values:
            values["endpoint_scheme"] = base.endpoint_scheme

    def _taken(self, data: PartyData, party: Party | None, known: _Known) -> list[Problem]:
        own = party.id if party else None
        for scheme, value in data.identifiers.items():
            if scheme not in OF_ONE_PLACE and scheme not in OF_ONE_COMPANY:
                continue
            for other in known.numbers.get((scheme, value), set()) - {own}:
                siret = known.parts[other].identifiers.get("siret", "")
                if not may_share(scheme, data.siret, siret):
                    return [(self._found.titles.get(scheme, ""), taken_by(known.parties[other]))]
        other_id = known.references.get(data.reference) if data.reference else None
        if other_id is not None and other_id != own:
            return [(self._found.titles.get("reference", ""), taken_by(known.parties[other_id]))]
        return []


def _alike(row: Row, other: Row) -> bool:
    """Two lines of one name that nothing tells apart."""
    if row.reference and other.reference and row.reference != other.reference:
        return False
    postcodes = {str(one.values.get("billing_postcode", "")) for one in (row, other)} - {""}
    return len(postcodes) < 2 and all(
        other.numbers.get(scheme, value) == value for scheme, value in row.numbers.items()
    )


def _same_line(first: int) -> Problem:
    return "", Reason("same_line", SAME_LINE, {"first": first})


def taken_by(party: Party) -> Reason:
    return Reason("taken", TAKEN, {"name": party.name, "number": party.number})


def _several(targets: Sequence[UUID], known: _Known) -> Reason:
    if len(targets) == 2:
        one, two = sorted(known.parties[key].number for key in targets)
        return Reason("two_entries", TWO_ENTRIES, {"one": one, "two": two})
    return Reason("several", SEVERAL, {"count": len(targets)})


def _look_up(rows: Sequence[Row]) -> _Known:
    """Eight statements for a chunk of lines."""
    pairs = {pair for row in rows for pair in row.numbers.items()}
    identified = list_identified(pairs)
    referred = list_by_references({row.reference for row in rows if row.reference})
    named = list_by_names({name_key(row.name) for row in rows if row.name})
    parties = list_by_ids({one.party_id for one in identified})
    parties |= {one.id: one for one in (*referred, *named)}
    numbers: dict[tuple[str, str], set[UUID]] = defaultdict(set)
    for one in identified:
        numbers[one.scheme, one.value].add(one.party_id)
    names: dict[str, list[UUID]] = defaultdict(list)
    for party in named:
        names[party.name_key].append(party.id)
    parts = load_parts(parties)
    for key in parties:
        parts.setdefault(key, Parts())
    return _Known(parties, parts, numbers, {p.reference: p.id for p in referred}, names)
