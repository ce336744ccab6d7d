"""The list of invoices as a file for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

from tenants.core.money import Money

COLUMNS = (
    "number", "type", "customer", "date", "due", "currency", "net", "vat", "total", "to_pay",
    "paid", "credited", "state",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def written(rows: Iterable[Any]) -> str:
    """Texts that a spreadsheet would run get an apostrophe; amounts stay numbers."""
    out = io.StringIO()
    sheet = csv.writer(out, delimiter=";", lineterminator="\r\n")
    sheet.writerow(COLUMNS)
    for row in rows:
        sheet.writerow(
            [
                _plain(row.number), row.type, _plain(row.customer_name), row.issued_on or "",
                row.due_on or "", row.currency,
                *(
                    Money(value, row.currency).amount
                    for value in (
                        row.net, row.tax, row.gross, row.due, row.paid, row.credited
                    )
                ),
                row.state,
            ]
        )  # fmt: skip
    return "\ufeff" + out.getvalue()


def _plain(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA) else value
