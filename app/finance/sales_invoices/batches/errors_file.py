"""The lines of invoices that stayed out, to be corrected and sent again."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from app.finance.sales_invoices.batches.columns import KNOWN, REASON
from app.finance.sales_invoices.batches.queries import list_rejected
from app.finance.sales_invoices.batches.sheet import MAX_ROWS
from app.finance.sales_invoices.models import InvoiceBatch
from app.spreadsheets.reading import read_safely
from app.spreadsheets.writing import Sheet
from tenants import files


def errors_file(
    row: InvoiceBatch, language: str, sentence: Callable[[dict[str, Any]], str]
) -> Sheet:
    """With all lines of a refused invoice; what is wrong stands where it is wrong, or in the first."""
    reasons: dict[int, list[str]] = defaultdict(list)
    out: set[int] = set()
    for one in list_rejected(batch_id=row.id):
        out.update(one.lines)
        for line, title, reason in one.reasons:
            said = sentence(reason)
            reasons[line or one.lines[0]].append(f"{title}: {said}" if title else said)
    table = read_safely(files.read(files.get_file(file_id=row.file_id)), KNOWN, most=MAX_ROWS)
    rows = [
        [" ".join(reasons[line.line]), *(cell or "" for cell in line.cells)]
        for line in table.rows
        if line.line in out
    ]
    heading = REASON.get(language, REASON["en"])
    return Sheet("rejected", "rejected", [heading, *table.header], rows)
