"""How much of a bank statement is taken at once, whatever its format."""

from app.spreadsheets.reasons import FileRefused
from tenants.core.text import _m

MAX_BYTES = 30_000_000
MAX_ENTRIES = 50_000
CHUNK_LINES = 500


def too_large() -> FileRefused:
    return FileRefused(
        _m("The file is larger than %(limit)s MB."),
        code="too_large",
        limit=MAX_BYTES // 1_000_000,
    )


def too_many() -> FileRefused:
    return FileRefused(
        _m(
            "The file holds more than %(limit)s entries, and that is the most that is taken at "
            "once. Please send shorter periods, one file for each."
        ),
        code="too_many_entries",
        limit=MAX_ENTRIES,
    )
