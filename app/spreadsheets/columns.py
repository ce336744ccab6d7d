"""What the columns of a table mean, by their headings in French, German and English."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.spreadsheets.plain_text import clean
from app.spreadsheets.reading import plain
from app.spreadsheets.reasons import FileRefused, Reason
from app.spreadsheets.tables import Line, Table
from app.spreadsheets.writing import Sheet
from tenants.core.text import _m

TOO_MANY = _m("This line has more cells than the headings: is a separator unquoted?")
CELL_ERROR = _m("The cell holds a spreadsheet error.")
_PLACES = {"en": 0, "fr": 1, "de": 2}
# Of our own file of what was left out: corrected and sent again, it is read without it.
_REASON = ("Reason", "Motif", "Grund")


@dataclass(frozen=True, slots=True)
class Columns:
    """`fields` are the meanings of the columns in their order, None for what isn't ours; `titles` the
    headings of the others by field, as they stand in the file; `ignored` the headings of those."""

    table: Table
    fields: tuple[str | None, ...]
    titles: Mapping[str, str]
    ignored: tuple[str, ...]

    def cells(self, line: Line) -> Iterator[tuple[str, str | Reason]]:
        """What is filled in, by field; the reason where a cell can't be read, under no field of a
        line that has more cells than there are headings."""
        if any(cell is None or cell.strip() for cell in line.cells[len(self.fields) :]):
            yield "", Reason("too_many_cells", TOO_MANY)
        for name, cell in zip(self.fields, line.cells, strict=False):
            if name is not None and (cell is None or cell.strip()):
                yield name, Reason("cell_error", CELL_ERROR) if cell is None else cell


class Headings:
    """By field: the heading of our own files in English, French and German, then what else people
    write, with commas between. Of two columns for the same the first one counts."""

    def __init__(self, names: dict[str, tuple[str, str, str, str]]) -> None:
        self._names = names
        self.fields = tuple(names)
        self._known = {
            plain(name): field
            for field, (*own, more) in reversed(names.items())
            for name in (*more.split(","), *own)
            if name.strip()
        }
        self.known = tuple(sorted(self._known))

    def title(self, field: str, language: str) -> str:
        return self._names[field][_PLACES.get(language, 0)]

    def recognise(self, cells: Sequence[str]) -> tuple[str | None, ...]:
        found: list[str | None] = []
        for cell in cells:
            field = self._known.get(plain(cell))
            found.append(field if field not in found else None)
        return tuple(found)

    def read(
        self, table: Table, *, needed: Collection[Collection[str]], lacking: str
    ) -> Columns:  # fmt: skip
        """FileRefused without rows, or where of one of `needed` there is no field: `lacking` says so,
        with the headings that were `found`."""
        fields = self.recognise(table.header)
        if any(not set(fields) & set(one) for one in needed):
            found = ", ".join(clean(one, 60) for one in table.header if one)[:300] or "–"
            raise FileRefused(lacking, code="columns_missing", found=found)
        if not table.rows:
            raise FileRefused(_m("The file holds headings but no rows."), code="no_rows")
        pairs = list(zip(table.header, fields, strict=True))
        return Columns(
            table, fields, {name: clean(title, 80) for title, name in pairs if name is not None},
            tuple(clean(title, 80) for title, name in pairs if name is None and title),
        )  # fmt: skip


def left_out(table: Table, reasons: Mapping[int, str], language: str) -> Sheet:
    """The lines that stayed out, with their reasons before them, to be corrected and sent again."""
    rows = [
        [reasons[line.line], *(cell or "" for cell in line.cells)]
        for line in table.rows
        if line.line in reasons
    ]
    return Sheet(
        "rejected", "rejected", [_REASON[_PLACES.get(language, 0)], *table.header], rows
    )  # fmt: skip
