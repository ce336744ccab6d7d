"""The sheets of a workbook that a stranger sent, behind the guard."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.spreadsheets.reasons import FileRefused
from app.spreadsheets.xlsx_guard import check_xlsx
from tenants.core.text import _m


@dataclass(frozen=True, slots=True)
class Cells:
    """`rows` from the first line of the sheet on; `errors` are line and column, from 1, of cells that
    hold a spreadsheet's error, which read as empty."""

    sheet: str
    rows: list[list[Any]]
    errors: set[tuple[int, int]]


def visible_sheets(data: bytes) -> Iterator[Cells]:
    """FileRefused for what is no workbook, or has no visible sheet. For a child process."""
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    errors = {scan.name: scan.errors for scan in check_xlsx(data)}
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
    except Exception as error:
        raise FileRefused(
            _m("The file is not a readable XLSX workbook."), code="xlsx_broken"
        ) from error
    found = [
        one.name for one in workbook.sheets_metadata if one.visible == SheetVisibleEnum.Visible
    ]
    if not found:
        raise FileRefused(_m("The workbook has no visible sheet."), code="no_sheet")
    for name in found:
        rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
        yield Cells(name, rows, errors.get(name, set()))
