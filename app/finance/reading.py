"""Reads an uploaded file in a limited subprocess: `python -m app.finance.reading 768 30 statement`.

A statement comes as a line of JSON for each event, and is kept compressed until it is whole, so
that neither a big file needs much memory nor a bad end of it leaves anything behind.
"""

import importlib
import json
import logging
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from app.finance.bank_csv_preview import Preview, PreviewRequest
from app.finance.csv_layouts import Layout, Layouts
from app.finance.read_results import (
    Chunk,
    FileEnd,
    OpenItemsFile,
    StatementFile,
    StatementHead,
    collect,
)
from app.spreadsheets.reasons import FileRefused
from tenants.core.limited import Limits, OutputTooLarge, limit_self, run_module
from tenants.core.plain_data import dump, load
from tenants.core.text import _m

logger = logging.getLogger(__name__)

_READERS = {
    "statement": ("app.finance.statement_formats", "read_statement"),
    "csv_preview": ("app.finance.bank_csv_preview", "preview_csv"),
    "open_items": ("app.finance.open_items_reader", "read_open_items"),
}
_REFUSED, _NO_MEMORY = 3, 4


@dataclass(frozen=True, slots=True)
class ReadStatement:
    """A whole file: its heads, and its lines in compressed frames, each with its statement's
    position."""

    end: FileEnd
    heads: tuple[StatementHead, ...]
    frames: tuple[tuple[int, bytes], ...]

    @property
    def lines_in(self) -> int:
        return sum(head.lines_in for head in self.heads)

    def chunks(self) -> Iterator[tuple[int, Chunk]]:
        for position, frame in self.frames:
            yield position, load(Chunk, zlib.decompress(frame))

    def whole(self) -> StatementFile:
        return collect(self._events())

    def _events(self) -> Iterator[Chunk | StatementHead | FileEnd]:
        chunks = list(self.chunks())
        for number, head in enumerate(self.heads, start=1):
            yield from (chunk for position, chunk in chunks if position == number)
            yield head
        yield self.end


def read_statement_file(
    data: bytes,
    layouts: Sequence[Layout] = (),
    limits: Limits | None = None,
    progress: Callable[[int], None] = lambda lines: None,
) -> ReadStatement:
    """`layouts` are the company's own for CSV; `progress` gets the number of lines read so far."""
    heads: list[StatementHead] = []
    frames: list[tuple[int, bytes]] = []
    ends: list[FileEnd] = []
    lines = 0

    def take(line: bytes) -> None:
        nonlocal lines
        kind, count, body = line.split(b" ", 2) if line[:1] != b"{" else (b"", b"", line)
        if kind == b"Chunk":
            lines += int(count)
            frames.append((len(heads) + 1, zlib.compress(body, 3)))
            progress(lines)
        elif kind == b"StatementHead":
            heads.append(load(StatementHead, body))
        elif kind == b"FileEnd":
            ends.append(load(FileEnd, body))
        else:
            refusal.append(line)

    refusal: list[bytes] = []
    args = ["statement", dump(Layouts(tuple(layouts))).decode()]
    _run(args, data, limits or Limits(), take, refusal)
    return ReadStatement(ends[0], tuple(heads), tuple(frames))


def read_open_items_file(data: bytes, limits: Limits | None = None) -> OpenItemsFile:
    return load(OpenItemsFile, _run(["open_items"], data, limits or Limits()))


def preview_bank_csv(data: bytes, asked: PreviewRequest) -> Preview:
    return load(Preview, _run(["csv_preview", dump(asked).decode()], data, Limits()))


def _run(
    args: list[str],
    data: bytes,
    limits: Limits,
    take: Callable[[bytes], None] | None = None,
    refusal: list[bytes] | None = None,
) -> bytes:
    try:
        outcome = run_module("app.finance.reading", args, data, limits, take)
    except OutputTooLarge as error:
        raise _too_much_memory() from error
    if outcome.code == 0:
        return outcome.output
    if outcome.code == _REFUSED:
        told = b"".join(refusal) if refusal is not None else outcome.output
        found: dict[str, Any] = json.loads(told)
        raise FileRefused(found["message"], code=found["code"], **found["params"])
    if outcome.stopped == "time":
        raise FileRefused(
            _m("Reading the file took too long, so it was stopped."), code="reading_too_slow"
        )
    if outcome.stopped == "memory" or outcome.code == _NO_MEMORY:
        raise _too_much_memory()
    logger.error("reader %s ended with %s: %s", args[0], outcome.code, outcome.log[-2000:])
    raise FileRefused(_m("The file can't be read."), code="unreadable")


def _too_much_memory() -> FileRefused:
    return FileRefused(
        _m("Reading the file needed too much memory, so it was stopped."),
        code="reading_too_large",
    )


def _lines_of(event: object) -> int:
    return len(event.lines) + len(event.rejects) if isinstance(event, Chunk) else 0


def main(args: list[str]) -> int:
    memory_mb, cpu_seconds, reader, *more = args
    limit_self(int(memory_mb), int(cpu_seconds))
    module, function = _READERS[reader]
    out = sys.stdout.buffer
    try:
        data = sys.stdin.buffer.read()
        result = getattr(importlib.import_module(module), function)(data, *more)
        if isinstance(result, Iterator):
            for event in result:
                out.write(f"{type(event).__name__} {_lines_of(event)} ".encode())
                out.write(dump(event) + b"\n")
        else:
            out.write(dump(result))
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
