"""Any CSV file or workbook as one table of texts, under the row that looks most like its headings."""

import csv
import io
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app.spreadsheets.plain_text import decode
from app.spreadsheets.reasons import FileRefused
from app.spreadsheets.workbook import Cells, visible_sheets
from tenants.core.text import _m

MAX_BYTES = 10_000_000
MAX_FIELD = 20_000
_SEARCHED = 15
_DELIMITERS = ";,\t|"

# How many of a row's cells are known headings.
Score = Callable[[Sequence[str]], int]


@dataclass(frozen=True, slots=True)
class Line:
    """`line` counts from 1 as spreadsheets do. A cell with a spreadsheet's error is None."""

    line: int
    cells: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Table:
    kind: str
    sheet: str
    header: tuple[str, ...]
    rows: tuple[Line, ...]


def read_table(data: bytes, score: Score, most: int) -> Table:
    if not data.strip():
        raise FileRefused(_m("The file is empty."), code="empty")
    if len(data) > MAX_BYTES:
        raise FileRefused(
            _m("The file is larger than %(limit)s MB."),
            code="too_large",
            limit=MAX_BYTES // 1_000_000,
        )
    workbook = data.startswith((b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0"))
    kind, sheet, rows = _workbook(data, score) if workbook else _text(data, score, most)
    if not rows:
        raise FileRefused(_m("The file is empty."), code="empty")
    start = _header(rows, score)
    header = tuple((cell or "").strip() for cell in rows[start].cells)
    body = rows[start + 1 :]
    if len(body) > most:
        raise FileRefused(
            _m("The file holds %(found)s rows; at most %(limit)s are taken at once."),
            code="too_many_rows",
            found=len(body),
            limit=most,
        )
    return Table(kind, sheet, header, tuple(body))


def _header(rows: Sequence[Line], score: Score) -> int:
    """Exports put titles above their headings."""
    found = [score([cell or "" for cell in row.cells]) for row in rows[:_SEARCHED]]
    return max(range(len(found)), key=lambda at: (found[at], -at))


def _text(data: bytes, score: Score, most: int) -> tuple[str, str, list[Line]]:
    text = decode(data)
    head = text[:4000]
    strange = sum(1 for c in head if (c < " " and c not in "\t\r\n\f") or c == "\ufffd")
    if "\0" in text or strange * 50 > len(head):
        raise FileRefused(
            _m("This is neither a CSV file nor an XLSX workbook."), code="format_unknown"
        )
    delimiter, skipped = _delimiter(text, score)
    try:
        rows = list(itertools.islice(_lines(text, delimiter, skipped), most + 100))
    except csv.Error as error:
        raise FileRefused(
            _m("The file can't be read as CSV: a quoted field is not closed or is too long."),
            code="csv_broken",
        ) from error
    return "csv", "", rows


def _delimiter(text: str, score: Score) -> tuple[str, int]:
    """Under which the most headings are known; a first line “sep=;” decides."""
    first = text.partition("\n")[0].strip()
    if first[:4].lower() == "sep=" and first[4:5] in (*_DELIMITERS, ""):
        return first[4:5] or "\t", 1
    best, most = ";", -1
    for delimiter in _DELIMITERS:
        try:
            rows = list(itertools.islice(_lines(text, delimiter, 0), _SEARCHED))
        except csv.Error:
            continue
        found = max((score([c or "" for c in row.cells]) for row in rows), default=0)
        if found > most:
            best, most = delimiter, found
    return best, 0


def _lines(text: str, delimiter: str, skipped: int) -> Iterator[Line]:
    csv.field_size_limit(MAX_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = 1
    for cells in reader:
        if line > skipped and any(cell.strip() for cell in cells):
            yield Line(line, tuple(cells))
        line = reader.line_num + 1


def _workbook(data: bytes, score: Score) -> tuple[str, str, list[Line]]:
    best: tuple[int, str, list[Line]] | None = None
    for cells in visible_sheets(data):
        rows = _sheet(cells)
        found = max((score([c or "" for c in row.cells]) for row in rows[:_SEARCHED]), default=0)
        if best is None or found > best[0]:
            best = (found, cells.sheet, rows)
    assert best is not None
    return "xlsx", best[1], best[2]


def _sheet(sheet: Cells) -> list[Line]:
    found = []
    for line, cells in enumerate(sheet.rows, start=1):
        texts = tuple(
            None if (line, column) in sheet.errors else _cell(cell)
            for column, cell in enumerate(cells, start=1)
        )
        if any(text is None or text.strip() for text in texts):
            found.append(Line(line, texts))
    return found


def _cell(cell: object) -> str:
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, float):
        # What was computed has more digits than the sheet shows.
        return format(cell, ".15g") if 1e-4 <= abs(cell) < 1e15 else str(cell)
    if isinstance(cell, datetime | date):
        return cell.isoformat()[:10]
    # Line ends and the like, as workbooks escape them.
    return "" if cell is None else re.sub("_x000[0-9A-F]_", " ", str(cell))[:MAX_FIELD]
