"""A list as a file that a spreadsheet opens and can't be tricked by."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from flask import Response

from app.web.i18n import text
from tenants.core.money import exponent

# A cell that begins so is run as a formula by spreadsheets.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_answer(name: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([text(one) for one in headings])
    writer.writerows([_guarded(cell) for cell in row] for row in rows)
    # With the mark, spreadsheets read it as UTF-8.
    return Response(
        out.getvalue().encode("utf-8-sig"), mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"',
                 "Cache-Control": "private, no-store"},
    )  # fmt: skip


def amount(minor: int, currency: str) -> str:
    """Plain, for a column of numbers."""
    places = exponent(currency)
    whole, part = divmod(abs(minor), 10**places)
    sign = "-" if minor < 0 else ""
    return f"{sign}{whole}.{part:0{places}d}" if places else f"{sign}{whole}"


def _guarded(cell: Any) -> str:
    if cell is None:
        return ""
    shown = str(cell)
    if _is_number(shown):
        return shown
    return f"'{shown}" if shown.lstrip().startswith(_FORMULA) else shown


def _is_number(shown: str) -> bool:
    return shown.removeprefix("-").replace(".", "", 1).isdigit()
