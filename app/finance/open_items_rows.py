"""From cells to open items: the same rules whether the cells came from CSV or a spreadsheet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from app.finance import open_items_columns as columns
from app.finance.currencies import TooPrecise, is_currency, to_minor
from app.finance.iban import compact, is_iban
from app.finance.open_items_values import (
    Ambiguous,
    decimal_mark,
    parse_amount,
    parse_currency,
    parse_date,
    written_currency,
)
from app.finance.read_results import ItemReject, OpenItem
from app.spreadsheets.plain_text import clean
from app.spreadsheets.reasons import FileRefused, Reason
from tenants.core.text import _m

MAX_ROWS = 20_000
MAX_HEADER_SEARCH = 15
_MAX_NUMBER, _MAX_CUSTOMER, _MAX_RAW = 60, 200, 120


class CellError:
    """A cell that holds #N/A, #DIV/0! and the like."""


CELL_ERROR: Final = CellError()


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    cells: Sequence[object]


class _Unusable(Exception):
    def __init__(self, field: str, raw: object, reason: Reason) -> None:
        self.field = field
        self.raw = raw
        self.reason = reason


def header_position(rows: Sequence[Row]) -> int:
    """The best row among the first ones: exports put titles above their headings."""
    scores = [len(columns.recognise(row.cells)) for row in rows[:MAX_HEADER_SEARCH]]
    return max(range(len(scores)), key=lambda i: (scores[i], -i)) if scores else 0


def read_rows(rows: Sequence[Row]) -> tuple[int, tuple[OpenItem, ...], tuple[ItemReject, ...]]:
    if not rows:
        raise FileRefused(_m("The file is empty."), code="empty")
    start = header_position(rows)
    positions, headings = _columns(rows[start])
    body = [row for row in rows[start + 1 :] if any(not _blank(cell) for cell in row.cells)]
    if len(body) > MAX_ROWS:
        raise FileRefused(
            _m("The file holds %(found)s rows; at most %(limit)s are taken at once."),
            code="too_many_rows",
            found=len(body),
            limit=MAX_ROWS,
        )
    if not body:
        raise FileRefused(_m("The file holds headings but no open items."), code="no_rows")
    reader = _RowReader(positions, headings, len(rows[start].cells), body)
    items, rejects = [], []
    for row in body:
        try:
            items.append(reader.read(row))
        except _Unusable as bad:
            heading = headings.get(bad.field, "")
            rejects.append(ItemReject(row.line, heading, _raw(bad.raw), bad.reason))
    return len(body), tuple(items), tuple(rejects)


def _columns(header: Row) -> tuple[dict[str, int], dict[str, str]]:
    found = columns.recognise(header.cells)
    lacking = columns.missing(found)
    if lacking:
        raise FileRefused(
            _m("These columns are missing: %(columns)s. Found headings: %(found)s."),
            code="columns_missing",
            columns=", ".join(columns.TITLES[field] for field in lacking),
            found=", ".join(t for c in header.cells if (t := _raw(c)))[:300] or "–",
        )
    twice = sorted(field for field, where in found.items() if len(where) > 1)
    if twice:
        raise FileRefused(
            _m("These columns stand there more than once: %(columns)s."),
            code="columns_twice",
            columns=", ".join(_raw(header.cells[p]) for f in twice for p in found[f]),
        )
    positions = {field: where[0] for field, where in found.items()}
    return positions, {field: _raw(header.cells[p]) for field, p in positions.items()}


class _RowReader:
    def __init__(
        self,
        positions: dict[str, int],
        headings: dict[str, str],
        width: int,
        body: Sequence[Row],
    ) -> None:
        self._positions = positions
        self._headings = headings
        self._width = width
        self._first_line: dict[str, int] = {}
        self._mark = decimal_mark(
            cell
            for row in body
            for field in (columns.AMOUNT, columns.OPEN, columns.PAID)
            if isinstance(cell := self._cell(row, field), str)
        )

    def read(self, row: Row) -> OpenItem:
        extra = next((cell for cell in row.cells[self._width :] if not _blank(cell)), None)
        if extra is not None:
            raise _Unusable(
                "",
                extra,
                Reason(
                    "too_many_cells",
                    _m("Line %(line)s has more cells than the heading: is a separator unquoted?"),
                    {"line": row.line},
                ),
            )
        number = self._text(row, columns.NUMBER, _MAX_NUMBER)
        customer = self._text(row, columns.CUSTOMER, _MAX_CUSTOMER)
        issued_on = self._date(row, columns.ISSUED)
        due_on = self._date(row, columns.DUE)
        currency = self._currency(row)
        amount, open_amount = self._amounts(row, currency)
        iban = self._iban(row)
        self._check_new(row, number)
        return OpenItem(
            row.line, number, customer, iban, issued_on, due_on, currency, amount, open_amount
        )

    def _cell(self, row: Row, field: str) -> object:
        position = self._positions.get(field)
        return row.cells[position] if position is not None and position < len(row.cells) else None

    def _filled(self, row: Row, field: str) -> object:
        cell = self._cell(row, field)
        if isinstance(cell, CellError):
            raise self._bad(row, field, "#", "cell_error", _CELL_ERROR)
        if _blank(cell):
            raise self._bad(row, field, "", "value_missing", _MISSING)
        return cell

    def _text(self, row: Row, field: str, limit: int) -> str:
        cell = self._filled(row, field)
        text = _raw(cell, limit + 1)
        if len(text) > limit:
            raise self._bad(row, field, cell, "value_too_long", _TOO_LONG, limit=limit)
        return text

    def _date(self, row: Row, field: str) -> date:
        cell = self._filled(row, field)
        try:
            return parse_date(cell)
        except ValueError as error:
            raise self._bad(row, field, cell, "date_invalid", _BAD_DATE) from error

    def _currency(self, row: Row) -> str:
        cell = self._filled(row, columns.CURRENCY)
        code = parse_currency(str(cell))
        if not is_currency(code):
            raise self._bad(row, columns.CURRENCY, cell, "currency_unknown", _BAD_CURRENCY)
        return code

    def _amounts(self, row: Row, currency: str) -> tuple[int, int]:
        open_amount = self._optional_amount(row, columns.OPEN, currency)
        if columns.AMOUNT in self._positions:
            amount = self._amount(row, columns.AMOUNT, currency)
        elif open_amount is not None:
            amount = open_amount
        else:
            amount = self._amount(row, columns.OPEN, currency)
        if open_amount is None:
            paid = self._optional_amount(row, columns.PAID, currency) or 0
            # A payment is written without sign in some exports, on credit notes too.
            open_amount = amount - (-paid if (paid < 0) != (amount < 0) else paid)
        field = columns.AMOUNT if columns.AMOUNT in self._positions else columns.OPEN
        cell = self._cell(row, field)
        if open_amount == 0:
            raise self._bad(row, field, cell, "nothing_open", _NOTHING_OPEN)
        if (open_amount < 0) != (amount < 0) or abs(open_amount) > abs(amount):
            raise self._bad(row, field, cell, "open_exceeds_amount", _OPEN_EXCEEDS)
        return amount, open_amount

    def _optional_amount(self, row: Row, field: str, currency: str) -> int | None:
        cell = self._cell(row, field)
        return None if _blank(cell) else self._amount(row, field, currency)

    def _amount(self, row: Row, field: str, currency: str) -> int:
        cell = self._filled(row, field)
        if isinstance(cell, str) and written_currency(cell) not in ("", currency):
            raise self._bad(row, field, cell, "other_currency", _OTHER_CURRENCY, currency=currency)
        try:
            return to_minor(_decimal(cell, self._mark), currency)
        except Ambiguous as error:
            raise self._bad(row, field, cell, "amount_ambiguous", _AMBIGUOUS) from error
        except TooPrecise as error:
            raise self._bad(
                row, field, cell, "too_precise", _TOO_PRECISE, currency=currency
            ) from error
        except ValueError as error:
            raise self._bad(row, field, cell, "amount_invalid", _BAD_AMOUNT) from error

    def _iban(self, row: Row) -> str:
        cell = self._cell(row, columns.IBAN)
        if _blank(cell) or isinstance(cell, CellError):
            return ""
        iban = compact(str(cell))
        if not is_iban(iban):
            raise self._bad(row, columns.IBAN, cell, "iban_invalid", _BAD_IBAN)
        return iban

    def _check_new(self, row: Row, number: str) -> None:
        first = self._first_line.setdefault(number.casefold(), row.line)
        if first != row.line:
            raise self._bad(row, columns.NUMBER, number, "number_twice", _TWICE, first=first)

    def _bad(
        self, row: Row, field: str, raw: object, code: str, message: str, **params: str | int
    ) -> _Unusable:
        known: dict[str, str | int] = {
            "line": row.line,
            "column": self._headings.get(field, ""),
            "value": _raw(raw),
        }
        return _Unusable(field, raw, Reason(code, message, known | params))


_CELL_ERROR = _m("Line %(line)s: the cell “%(column)s” holds a spreadsheet error.")
_MISSING = _m("Line %(line)s: “%(column)s” is empty.")
_TOO_LONG = _m("Line %(line)s: “%(column)s” is longer than %(limit)s characters.")
_BAD_DATE = _m("Line %(line)s: “%(value)s” in “%(column)s” is not a date.")
_BAD_CURRENCY = _m("Line %(line)s: “%(value)s” is not a currency.")
_OTHER_CURRENCY = _m("Line %(line)s: “%(value)s” is not in %(currency)s, as its column says.")
_NOTHING_OPEN = _m("Line %(line)s: nothing is left to pay.")
_OPEN_EXCEEDS = _m("Line %(line)s: the open amount doesn't fit the amount “%(value)s”.")
_AMBIGUOUS = _m("Line %(line)s: “%(value)s” can be read in two ways; please write the decimals.")
_TOO_PRECISE = _m("Line %(line)s: “%(value)s” has more decimals than %(currency)s allows.")
_BAD_AMOUNT = _m("Line %(line)s: the amount “%(value)s” is not a number.")
_BAD_IBAN = _m("Line %(line)s: “%(value)s” is not a valid IBAN.")
_TWICE = _m("Line %(line)s: the number “%(value)s” already stands in line %(first)s.")


def _decimal(cell: object, mark: str | None) -> Decimal:
    if isinstance(cell, date | datetime):
        raise ValueError(cell)  # noqa: TRY004 - a bad value in a file, not a bug
    return parse_amount(cell, mark)


def _blank(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _raw(cell: object, limit: int = _MAX_RAW) -> str:
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return "" if cell is None else clean(str(cell), limit)
