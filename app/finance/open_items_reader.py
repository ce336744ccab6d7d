import csv
import io
import itertools
from collections.abc import Iterator

from app.finance.open_items_columns import missing, recognise
from app.finance.open_items_rows import (
    CELL_ERROR,
    MAX_HEADER_SEARCH,
    MAX_ROWS,
    Row,
    header_position,
    read_rows,
)
from app.finance.read_results import OpenItemsFile
from app.spreadsheets.plain_text import decode
from app.spreadsheets.reasons import FileRefused
from app.spreadsheets.workbook import Cells, visible_sheets
from tenants.core.text import _m

MAX_BYTES = 10_000_000
_DELIMITERS = ";,\t|"
_MAX_FIELD = 5_000


def read_open_items(data: bytes) -> OpenItemsFile:
    if not data.strip():
        raise FileRefused(_m("The file is empty."), code="empty")
    if len(data) > MAX_BYTES:
        raise FileRefused(
            _m("The file is larger than %(limit)s MB."),
            code="too_large",
            limit=MAX_BYTES // 1_000_000,
        )
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0")):
        return _read_xlsx(data)
    return _read_csv(data)


def _read_csv(data: bytes) -> OpenItemsFile:
    text = decode(data)
    if "\0" in text or _looks_binary(text):
        raise FileRefused(
            _m("This is neither a CSV file nor an XLSX workbook."), code="format_unknown"
        )
    delimiter, skipped = _delimiter(text)
    try:
        found = list(itertools.islice(_csv_rows(text, delimiter, skipped), MAX_ROWS + 100))
    except csv.Error as error:
        raise FileRefused(
            _m("The file can't be read as CSV: a quoted field is not closed or is too long."),
            code="csv_broken",
        ) from error
    rows_in, items, rejects = read_rows(found)
    return OpenItemsFile("csv", "", rows_in, items, rejects)


def _looks_binary(text: str) -> bool:
    head = text[:4000]
    strange = sum(1 for c in head if (c < " " and c not in "\t\r\n\f") or c == "\ufffd")
    return strange * 50 > len(head)


def _delimiter(text: str) -> tuple[str, int]:
    """The separator under which the most headings are recognised; a first line “sep=;” decides."""
    first = text.partition("\n")[0].strip()
    if first[:4].lower() == "sep=" and first[4:5] in (*_DELIMITERS, ""):
        return first[4:5] or "\t", 1
    best, best_score = ";", -1
    for delimiter in _DELIMITERS:
        try:
            rows = list(itertools.islice(_csv_rows(text, delimiter, 0), MAX_HEADER_SEARCH))
        except csv.Error:
            continue
        score = len(recognise(rows[header_position(rows)].cells)) if rows else 0
        if score > best_score:
            best, best_score = delimiter, score
    return best, 0


def _csv_rows(text: str, delimiter: str, skipped: int) -> Iterator[Row]:
    csv.field_size_limit(_MAX_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = 1
    for cells in reader:
        if line > skipped and any(cell.strip() for cell in cells):
            yield Row(line, cells)
        line = reader.line_num + 1


def _read_xlsx(data: bytes) -> OpenItemsFile:
    best: tuple[int, str, list[Row]] | None = None
    for cells in visible_sheets(data):
        rows = _sheet_rows(cells)
        lacking = len(missing(recognise(rows[header_position(rows)].cells))) if rows else 99
        if best is None or lacking < best[0]:
            best = (lacking, cells.sheet, rows)
        if lacking == 0:
            break
    assert best is not None
    rows_in, items, rejects = read_rows(best[2])
    return OpenItemsFile("xlsx", best[1], rows_in, items, rejects)


def _sheet_rows(sheet: Cells) -> list[Row]:
    found = []
    for line, cells in enumerate(sheet.rows, start=1):
        marked = [
            CELL_ERROR if (line, column) in sheet.errors else cell
            for column, cell in enumerate(cells, start=1)
        ]
        if any(cell not in ("", None) for cell in marked):
            found.append(Row(line, marked))
    return found
