"""Bank statements as CSV, by the layout whose headings they carry."""

import csv
import io
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.finance.balances import balance_problem
from app.finance.bank_csv_rows import RowReader
from app.finance.csv_layouts import BUILT_IN, SEPARATORS, Layout, folded
from app.finance.iban import compact, is_iban
from app.finance.limits import CHUNK_LINES, MAX_ENTRIES, too_many
from app.finance.read_results import Balance, Chunk, Event, FileEnd, StatementHead
from app.spreadsheets.plain_text import clean, decode
from app.spreadsheets.reasons import FileRefused
from tenants.core.text import _m

HEADER_SEARCH = 50
_MAX_FIELD = 5_000


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` are (line of the file, cells) below the header, `before` is the text above it."""

    header: tuple[str, ...]
    rows: Iterator[tuple[int, list[str]]]
    before: tuple[str, ...]


def read_bank_csv(data: bytes, layouts: Sequence[Layout] = ()) -> Iterator[Event]:
    """The company's own layouts come first; of those that fit, the one that knows most columns."""
    for group in (layouts, BUILT_IN):
        fitting = [one for one in group if _fits(data, one)]
        if fitting:
            yield from read_by(data, max(fitting, key=lambda one: len(one.columns)))
            return
    _separator, header = likely_header(data)
    raise FileRefused(
        _m(
            "No profile knows this CSV file. It has the columns %(found)s. An operator can say "
            "once what each column means."
        ),
        code="csv_unknown",
        found=", ".join(clean(cell, 40) for cell in header if cell.strip())[:400] or "–",
    )


def read_by(data: bytes, layout: Layout) -> Iterator[Event]:
    table = open_table(data, layout)
    if table is None:
        raise missing_columns(data, layout)
    reader = RowReader(layout, table.header, _account_above(table.before) or layout.account)
    for line, cells in table.rows:
        reader.read(line, cells)
        if reader.rows > MAX_ENTRIES:
            raise too_many()
    if not reader.rows:
        raise FileRefused(_m("The file holds no bank statement."), code="no_statement")
    for account in reader.accounts:
        yield from _statement(reader, account, layout)
    yield FileEnd("csv", 0, "", layout.name)


def _statement(reader: RowReader, account: str, layout: Layout) -> Iterator[Event]:
    lines, rejects = reader.lines(account), reader.rejects(account)
    for start in range(0, len(lines), CHUNK_LINES):
        yield Chunk(tuple(lines[start : start + CHUNK_LINES]))
    for start in range(0, len(rejects), CHUNK_LINES):
        yield Chunk((), tuple(rejects[start : start + CHUNK_LINES]))
    days = [line.booked_on for line in lines]
    starts_on, ends_on = min(days, default=None), max(days, default=None)
    currency = reader.currency(account)
    found = reader.balances(account)
    opening = Balance("first row", found[0], currency, starts_on) if found else None
    closing = Balance("last row", found[1], currency, ends_on) if found else None
    yield StatementHead(
        message_id="",
        statement_id=f"{layout.name} {starts_on or ''}".strip(),
        account=account,
        account_is_iban=is_iban(account),
        account_owner="",
        currency=currency,
        sequence_number="",
        copy_indicator="",
        created_on=None,
        starts_on=starts_on,
        ends_on=ends_on,
        opening=opening,
        closing=closing,
        balance_problem=balance_problem(opening, closing, currency),
        lines_in=len(lines) + len(rejects),
        movements=sum(line.amount for line in lines),
    )


def missing_columns(data: bytes, layout: Layout) -> FileRefused:
    _separator, header = likely_header(data)
    known = {folded(cell) for cell in header}
    lacking = [heading for _meaning, heading in layout.columns if folded(heading) not in known]
    return FileRefused(
        _m("The file lacks the columns %(columns)s of the profile “%(profile)s”."),
        code="csv_columns_missing",
        columns=", ".join(lacking)[:300] or "–",
        profile=layout.name,
    )


def _fits(data: bytes, layout: Layout) -> bool:
    return open_table(data, layout) is not None


def open_table(data: bytes, layout: Layout) -> Table | None:
    """None where no row has all the headings of the layout."""
    wanted = {folded(heading) for _meaning, heading in layout.columns}
    rows = csv_rows(text_of(data, layout.encoding), layout.separator)
    above: list[str] = []
    for line, cells in itertools.islice(rows, HEADER_SEARCH + layout.skip_rows):
        if line > layout.skip_rows and wanted <= {folded(cell) for cell in cells}:
            return Table(tuple(cells), rows, tuple(above))
        above.extend(cells)
    return None


def text_of(data: bytes, encoding: str) -> str:
    return data.decode(encoding, errors="replace").lstrip("\ufeff") if encoding else decode(data)


def csv_rows(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(_MAX_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise FileRefused(
            _m("The file can't be read as CSV: a quoted field is not closed or is too long."),
            code="csv_broken",
        ) from error


def likely_header(data: bytes) -> tuple[str, list[str]]:
    """The separator and the row that look most like headings: the widest row of words."""
    best: tuple[int, str, list[str]] = (0, ";", [])
    for separator in SEPARATORS:
        try:
            rows = list(itertools.islice(csv_rows(decode(data), separator), HEADER_SEARCH))
        except FileRefused:
            continue
        for _line, cells in rows:
            words = sum(1 for c in cells if c.strip() and not any(x.isdigit() for x in c))
            if words > best[0]:
                best = (words, separator, cells)
    return best[1], best[2]


def _account_above(cells: Sequence[str]) -> str:
    tight = [compact(cell.rpartition(":")[2]) for cell in cells]
    return next((one for one in tight if is_iban(one)), "")
