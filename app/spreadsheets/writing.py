"""A table as a file that a spreadsheet opens and can't be tricked by."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

# A cell that begins so is run as a formula by spreadsheets.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBERS = (int, float, Decimal)
KINDS: Mapping[str, str] = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """`code` is the file's name, `name` the sheet's."""

    code: str
    name: str
    headings: Sequence[str]
    rows: Iterable[Sequence[Any]]


def write(sheet: Sheet, kind: str, further: Sequence[Sheet] = ()) -> bytes:
    """`further` sheets stand behind the first one of a workbook; a CSV file has but one."""
    return _xlsx([sheet, *further]) if kind == "xlsx" else _csv(sheet)


def _csv(sheet: Sheet) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([_guarded(cell) for cell in sheet.headings])
    writer.writerows([_guarded(cell) for cell in row] for row in sheet.rows)
    # With the mark, spreadsheets read it as UTF-8.
    return out.getvalue().encode("utf-8-sig")


def _guarded(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, _NUMBERS):
        return str(cell)
    return f"'{cell}" if str(cell).lstrip().startswith(_FORMULA) else str(cell)


def _xlsx(sheets: Sequence[Sheet]) -> bytes:
    out = io.BytesIO()
    from xlsxwriter import Workbook  # type: ignore[import-untyped]

    book = Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    bold = book.add_format({"bold": True})
    for sheet in sheets:
        _page(book.add_worksheet(sheet.name[:31]), sheet, bold)
    book.close()
    return out.getvalue()


def _page(page: Any, sheet: Sheet, bold: Any) -> None:
    page.write_row(0, 0, sheet.headings, bold)
    for place, row in enumerate(sheet.rows, start=1):
        for offset, cell in enumerate(row):
            if isinstance(cell, _NUMBERS):
                page.write_number(place, offset, cell)
            else:
                page.write_string(
                    place, offset, cell.isoformat() if isinstance(cell, date) else cell or ""
                )
    page.freeze_panes(1, 0)
    page.set_column(0, len(sheet.headings) - 1, 22)
