"""One's own time as a file that a spreadsheet opens and can't be tricked by."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from app.timesheets.categories import CATEGORIES
from tenants.core.text import _m

Say = Callable[[str], str]
HEADINGS = (
    _m("Day"), _m("Client"), _m("Request"), _m("Minutes"), _m("Activity"), _m("Kind of work"),
    _m("Billable"),
)  # fmt: skip
# A cell that begins so is run as a formula by spreadsheets.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def _rows(entries: Iterable[Any], say: Say) -> Iterable[Sequence[Any]]:
    for one in entries:
        yield (
            one.worked_on, one.client_name, one.number, one.minutes, one.activity,
            say(CATEGORIES[one.category]), say(_m("yes")) if one.billable else say(_m("no")),
        )  # fmt: skip


def _guarded(cell: Any) -> str:
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, int):
        return str(cell)
    return f"'{cell}" if str(cell).lstrip().startswith(_FORMULA) else str(cell)


def time_csv(entries: Iterable[Any], *, say: Say) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([say(heading) for heading in HEADINGS])
    writer.writerows([_guarded(cell) for cell in row] for row in _rows(entries, say))
    # With the mark, spreadsheets read it as UTF-8.
    return out.getvalue().encode("utf-8-sig")


def time_xlsx(entries: Iterable[Any], *, say: Say) -> bytes:
    # 2 MB that most processes of the web never need.
    from xlsxwriter import Workbook  # type: ignore[import-untyped]

    out = io.BytesIO()
    book = Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet(say(_m("Time")))
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, [say(heading) for heading in HEADINGS], book.add_format({"bold": True}))
    for place, row in enumerate(_rows(entries, say), start=1):
        sheet.write_datetime(place, 0, row[0], day)
        for offset, cell in enumerate(row[1:], start=1):
            sheet.write(place, offset, cell)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 0, 11)
    sheet.set_column(1, 1, 24)
    sheet.set_column(4, 4, 40)
    book.close()
    return out.getvalue()
