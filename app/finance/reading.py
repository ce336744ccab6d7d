"""Reads an uploaded file in a limited subprocess: `python -m app.finance.reading 768 30 camt053`."""

import importlib
import json
import logging
import sys
from typing import Any, TypeVar

from app.finance.limited import Limits, limit_self, run_module
from app.finance.plain_data import dump, load
from app.finance.read_results import FileRefused, OpenItemsFile, StatementFile
from tenants.core.text import _m

logger = logging.getLogger(__name__)
T = TypeVar("T")

_READERS = {
    "camt053": ("app.finance.camt_reader", "read_camt053"),
    "open_items": ("app.finance.open_items_reader", "read_open_items"),
}
_REFUSED, _NO_MEMORY = 3, 4


def read_statement_file(data: bytes, limits: Limits | None = None) -> StatementFile:
    return _read("camt053", StatementFile, data, limits or Limits())


def read_open_items_file(data: bytes, limits: Limits | None = None) -> OpenItemsFile:
    return _read("open_items", OpenItemsFile, data, limits or Limits())


def _read(reader: str, kind: type[T], data: bytes, limits: Limits) -> T:
    outcome = run_module("app.finance.reading", [reader], data, limits)
    if outcome.code == 0:
        return load(kind, outcome.output)
    if outcome.code == _REFUSED:
        found: dict[str, Any] = json.loads(outcome.output)
        raise FileRefused(found["message"], code=found["code"], **found["params"])
    if outcome.stopped == "time":
        raise FileRefused(
            _m("Reading the file took too long, so it was stopped."), code="reading_too_slow"
        )
    if outcome.stopped == "memory" or outcome.code == _NO_MEMORY:
        raise FileRefused(
            _m("Reading the file needed too much memory, so it was stopped."),
            code="reading_too_large",
        )
    logger.error("reader %s ended with %s: %s", reader, outcome.code, outcome.log[-2000:])
    raise FileRefused(_m("The file can't be read."), code="unreadable")


def main(args: list[str]) -> int:
    memory_mb, cpu_seconds, reader = args
    limit_self(int(memory_mb), int(cpu_seconds))
    module, function = _READERS[reader]
    try:
        result = getattr(importlib.import_module(module), function)(sys.stdin.buffer.read())
        output = dump(result)
    except FileRefused as refused:
        output = json.dumps(
            {"code": refused.code, "message": refused.message, "params": refused.params}
        ).encode()
        sys.stdout.buffer.write(output)
        return _REFUSED
    except MemoryError:
        return _NO_MEMORY
    sys.stdout.buffer.write(output)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
