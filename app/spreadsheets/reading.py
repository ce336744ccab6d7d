"""Reads a table in a limited child: `python -m app.spreadsheets.reading 768 30 10000 a,b,c`."""

import json
import logging
import re
import sys
import unicodedata
from collections.abc import Collection, Sequence
from typing import Any

from app.spreadsheets.reasons import FileRefused
from app.spreadsheets.tables import Table, read_table
from tenants.core.limited import Limits, OutputTooLarge, limit_self, run_module
from tenants.core.plain_data import dump, load
from tenants.core.text import _m

logger = logging.getLogger(__name__)
_REFUSED, _NO_MEMORY = 3, 4


def plain(heading: str) -> str:
    """Case, accents, points and brackets say nothing in a heading."""
    folded = unicodedata.normalize("NFKD", heading.casefold().replace("ß", "ss"))
    kept = "".join(char for char in folded if not unicodedata.combining(char))
    return "".join(re.findall(r"[a-z0-9]+", kept))


def read_safely(
    data: bytes, headings: Collection[str], *, most: int, limits: Limits | None = None
) -> Table:
    """`headings` are the known ones, plain; FileRefused says why the file is not taken."""
    args = [str(most), ",".join(sorted(headings))]
    try:
        outcome = run_module("app.spreadsheets.reading", args, data, limits or Limits())
    except OutputTooLarge as error:
        raise _too_much() from error
    if outcome.code == 0:
        return load(Table, outcome.output)
    if outcome.code == _REFUSED:
        found: dict[str, Any] = json.loads(outcome.output)
        raise FileRefused(found["message"], code=found["code"], **found["params"])
    if outcome.stopped == "time":
        raise FileRefused(
            _m("Reading the file took too long, so it was stopped."), code="reading_too_slow"
        )
    if outcome.stopped == "memory" or outcome.code == _NO_MEMORY:
        raise _too_much()
    logger.error("table reader ended with %s: %s", outcome.code, outcome.log[-2000:])
    raise FileRefused(_m("The file can't be read."), code="unreadable")


def _too_much() -> FileRefused:
    return FileRefused(
        _m("Reading the file needed too much memory, so it was stopped."),
        code="reading_too_large",
    )


def main(args: Sequence[str]) -> int:
    memory_mb, cpu_seconds, most, headings = args
    limit_self(int(memory_mb), int(cpu_seconds))
    known = frozenset(headings.split(","))
    out = sys.stdout.buffer
    try:
        data = sys.stdin.buffer.read()
        found = read_table(
            data, lambda cells: len({plain(cell) for cell in cells} & known), int(most)
        )
        out.write(dump(found))
    except FileRefused as refused:
        told = {"code": refused.code, "message": refused.message, "params": refused.params}
        out.write(json.dumps(told).encode())
        return _REFUSED
    except MemoryError:
        return _NO_MEMORY
    out.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
