"""The directory as a file, with the headings that an import recognises."""

from collections.abc import Iterable
from typing import Any

from app.directory.data import ACCOUNT_FIELDS
from app.directory.importing.columns import FILE_FIELDS, HEADINGS
from app.directory.importing.values import written
from app.directory.models import Party
from app.directory.queries import Parts
from app.directory.showing import data_of
from app.spreadsheets.writing import Sheet

EXPORTED = tuple(name for name in FILE_FIELDS if name not in ACCOUNT_FIELDS)


def sheet(rows: Iterable[Party], parts: dict[Any, Parts], language: str, name: str) -> Sheet:
    def cells(row: Party) -> list[Any]:
        data = data_of(row, parts[row.id])
        return [written(field, data, language) for field in EXPORTED]

    headings = [HEADINGS.title(field, language) for field in EXPORTED]
    return Sheet("directory", name, headings, map(cells, rows))
