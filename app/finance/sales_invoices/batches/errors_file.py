"""The lines of invoices that stayed out, to be corrected and sent again."""

from collections.abc import Callable
from typing import Any

from app.finance.sales_invoices.batches.columns import HEADINGS
from app.finance.sales_invoices.batches.queries import list_rejected
from app.finance.sales_invoices.batches.sheet import MAX_ROWS
from app.finance.sales_invoices.models import InvoiceBatch
from app.spreadsheets.columns import left_out
from app.spreadsheets.reading import read_safely
from app.spreadsheets.writing import Sheet
from tenants import files


def errors_file(
    row: InvoiceBatch, language: str, sentence: Callable[[dict[str, Any]], str]
) -> Sheet:
    """With all lines of a refused invoice; what is wrong stands where it is wrong, or in the first."""
    reasons: dict[int, list[str]] = {}
    for one in list_rejected(batch_id=row.id):
        for line in one.lines:
            reasons.setdefault(line, [])
        for line, title, reason in one.reasons:
            said = sentence(reason)
            place = line if line in one.lines else one.lines[0]
            reasons[place].append(f"{title}: {said}" if title else said)
    data = files.read(files.get_file(file_id=row.file_id))
    return left_out(
        read_safely(data, HEADINGS.known, most=MAX_ROWS),
        {line: " ".join(said) for line, said in reasons.items()}, language,
    )  # fmt: skip
