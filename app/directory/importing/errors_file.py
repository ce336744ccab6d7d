"""The lines that stayed out, to be corrected and sent again."""

from collections.abc import Callable
from typing import Any

from app.directory.importing.columns import HEADINGS
from app.directory.importing.models import PartyImport
from app.directory.importing.queries import list_rejected
from app.directory.importing.rows import MAX_ROWS
from app.spreadsheets.columns import left_out
from app.spreadsheets.reading import read_safely
from app.spreadsheets.writing import Sheet
from tenants import files


def errors_file(
    row: PartyImport, language: str, sentence: Callable[[dict[str, Any]], str]
) -> Sheet:
    reasons = {
        one.line: " ".join(
            f"{title}: {sentence(reason)}" if title else sentence(reason)
            for title, reason in one.reasons
        )
        for one in list_rejected(import_id=row.id)
    }
    data = files.read(files.get_file(file_id=row.file_id))
    return left_out(read_safely(data, HEADINGS.known, most=MAX_ROWS), reasons, language)
