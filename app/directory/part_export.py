"""All addresses, contacts and e-invoice addresses of entries as tables, with whose they are."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from app.directory.data import LABELS
from app.directory.models import Party
from app.directory.part_checking import VALUES
from app.directory.part_schemas import ADDRESS_KINDS
from app.directory.queries import Parts
from app.spreadsheets.writing import Sheet
from tenants.core.text import _m

TITLES = {
    "addresses": _m("Addresses"), "contacts": _m("Contacts"),
    "endpoints": _m("E-invoice addresses"),
}  # fmt: skip
_WHOSE = (_m("Number in the directory"), LABELS["reference"], _m("Customer or supplier"))
_NAMES = {
    "kind": LABELS["kind"], "name": LABELS["name"], "job": LABELS["contact_job"],
    "email": LABELS["contact_email"], "phone": LABELS["contact_phone"],
    "scheme": LABELS["endpoint_scheme"], "value": LABELS["endpoint_value"],
    "valid_from": _m("Holds from"), "valid_until": _m("Holds until"),
}  # fmt: skip


def part_sheet(
    kind: str, rows: Iterable[Party], parts: dict[Any, Parts], say: Callable[[str], str]
) -> Sheet:
    """`say` translates into the language of the file."""
    names = VALUES[kind]
    headings = [
        *map(say, _WHOSE), say(_m("By default")),
        *(say(_NAMES.get(name) or LABELS[f"billing_{name}"]) for name in names),
    ]  # fmt: skip

    def cells() -> Iterator[list[Any]]:
        for row in rows:
            for one in getattr(parts[row.id], kind):
                given = [getattr(one, name) for name in names]
                if kind == "addresses":
                    given[0] = say(ADDRESS_KINDS[one.kind])
                yield [row.number, row.reference, row.name, say(_m("yes")) if one.main else "",
                       *given]  # fmt: skip

    return Sheet(kind, say(TITLES[kind]), headings, cells())
