"""From a table's texts to values by field, with what is wrong in each line."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from app.directory import identifiers
from app.directory.identifiers import OF_ONE_COMPANY, OF_ONE_PLACE
from app.directory.importing import values as cells
from app.directory.importing.columns import FILE_FIELDS, HEADINGS
from app.directory.models import SCHEMES
from app.directory.naming import name_key
from app.spreadsheets.columns import Columns
from app.spreadsheets.plain_text import clean
from app.spreadsheets.reasons import Reason
from app.spreadsheets.tables import Line, Table
from tenants.core.text import _m

MAX_ROWS = 20_000
# Without one of them nobody could be told from another.
TELLING = ("name", "reference", *OF_ONE_PLACE, *OF_ONE_COMPANY)
_MATCHED = ("siret", "leitweg", "gln", "lei", "duns", "vat", "siren")

Problem = tuple[str, Reason]


@dataclass(slots=True)
class Row:
    """`values` are of the filled cells; `numbers` are the identifiers among them that are sound."""

    line: int
    values: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)
    numbers: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return str(self.values.get("name", ""))

    @property
    def reference(self) -> str:
        return str(self.values.get("reference", ""))

    def matched(self) -> list[tuple[str, str]]:
        """The numbers that say who it is, the most telling first."""
        return [(scheme, self.numbers[scheme]) for scheme in _MATCHED if scheme in self.numbers]

    def marks(self) -> list[tuple[str, ...]]:
        """A second line with one of them says the same again."""
        found: list[tuple[str, ...]] = [
            pair
            for pair in self.matched()
            if pair[0] in OF_ONE_PLACE or "siret" not in self.numbers
        ]
        if self.reference:
            found.append(("reference", self.reference))
        if not found and self.name:
            postcode = str(self.values.get("billing_postcode", ""))
            found.append(("name", name_key(self.name), postcode))
        return found


def understand(table: Table) -> Columns:
    return HEADINGS.read(
        table, needed=[TELLING],
        lacking=_m(
            "No column says who it is: give at least a name, a number or a SIREN. Found headings:"
            " %(found)s."
        ),
    )  # fmt: skip


def read_rows(found: Columns) -> list[Row]:
    return [_row(found, line) for line in found.table.rows]


def _row(found: Columns, line: Line) -> Row:
    row = Row(line.line, {})
    for name, cell in found.cells(line):
        title = found.titles.get(name, "")
        if isinstance(cell, Reason):
            row.problems.append((title, cell))
            continue
        try:
            row.values |= cells.read(name, cell)
        except ValueError as error:
            row.problems.append((title, Reason("value", str(error))))
    for kind in ("billing", "delivery"):
        _zeros(row.values, kind)
    _numbers(row)
    return row


def _zeros(values: dict[str, Any], kind: str) -> None:
    postcode = values.get(f"{kind}_postcode")
    if postcode:
        country = str(values.get(f"{kind}_country", "FR"))
        values[f"{kind}_postcode"] = cells.with_zeros(postcode, country)


def _numbers(row: Row) -> None:
    """Those that aren't sound are said where the whole is checked."""
    country = str(row.values.get("billing_country", ""))
    for scheme in SCHEMES:
        typed = clean(str(row.values.get(scheme, "")), 200)
        try:
            value = identifiers.read(scheme, typed, country)
        except ValueError:
            continue
        if value:
            row.numbers[scheme] = value
    if "siret" in row.numbers:
        row.numbers.setdefault("siren", row.numbers["siret"][:9])


def template_rows(language: str) -> tuple[list[str], list[list[str]]]:
    """Headings and two examples, for who starts from nothing."""
    examples = {
        "en": ("customer", "company"), "fr": ("client", "entreprise"), "de": ("Kunde", "Unternehmen"),
    }[language if language in ("en", "fr", "de") else "en"]  # fmt: skip
    first = {
        "role": examples[0], "kind": examples[1], "reference": "C-001",
        "name": "Exemple SARL", "siren": "732829320", "vat": "FR44732829320",
        "billing_street": "rue de l’Exemple", "billing_house_number": "12",
        "billing_postcode": "75001", "billing_city": "Paris", "billing_country": "FR",
        "endpoint_scheme": "0225", "endpoint_value": "732829320", "language": "fr",
        "currency": "EUR", "payment_days": "30",
    }  # fmt: skip
    second = {
        "role": examples[0], "kind": examples[1], "reference": "C-002",
        "name": "Beispiel GmbH", "vat": "DE136695976",
        "billing_street": "Beispielweg", "billing_house_number": "7",
        "billing_postcode": "80331", "billing_city": "München", "billing_country": "DE",
        "language": "de", "currency": "EUR", "payment_days": "14",
    }  # fmt: skip
    headings = [HEADINGS.title(name, language) for name in FILE_FIELDS]
    return headings, [[one.get(name, "") for name in FILE_FIELDS] for one in (first, second)]


def chunks(rows: Sequence[Row], size: int) -> list[Sequence[Row]]:
    return [rows[start : start + size] for start in range(0, len(rows), size)]
