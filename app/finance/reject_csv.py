"""Rejected rows as a file that a spreadsheet opens and can't be tricked by."""

import csv
import io
from collections.abc import Iterable

from app.finance.models import ImportReject
from app.finance.wording import Translate, render_reason
from app.spreadsheets.reasons import Reason
from tenants.core.text import _m

_SOURCES = {"open_items": _m("Open items"), "statement": _m("Bank statement")}
_HEADINGS = (_m("Source"), _m("Line"), _m("Column"), _m("Raw value"), _m("Reason"))
# A cell that begins so is run as a formula by spreadsheets.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def guarded(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) or cell.lstrip().startswith(_FORMULA) else cell


def rejects_csv(rows: Iterable[ImportReject], *, translate: Translate, locale: str) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([translate(heading) for heading in _HEADINGS])
    for row in rows:
        reason = Reason(row.reason["code"], row.reason["message"], row.reason["params"])
        cells = (
            translate(_SOURCES[row.source]), str(row.line), row.column_name, row.raw,
            render_reason(reason, translate, locale),
        )  # fmt: skip
        writer.writerow([guarded(cell) for cell in cells])
    # With the mark, spreadsheets read it as UTF-8.
    return out.getvalue().encode("utf-8-sig")
