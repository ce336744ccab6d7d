"""One cell of a bank's CSV, read strictly: what is not clearly a date or an amount is refused."""

import functools
import re
from datetime import date
from decimal import Decimal

from app.finance.currencies import to_minor

# Compact dates have fixed widths; with separators a zero may be left away.
_TOKENS = (
    ("YYYY", r"(?P<year>\d{4}|\d{2})"),
    ("MM", r"(?P<month>\d{1,2})"),
    ("DD", r"(?P<day>\d{1,2})"),
)
_BLANKS = re.compile(r"[\s\u00a0\u202f'’]+")
_UNIT = re.compile(r"(?:€|\$|£|[A-Z]{3})$|^(?:€|\$|£|[A-Z]{3})(?=[-+0-9])")


def read_day(cell: str, date_format: str) -> date:
    """Raises ValueError. A time behind the date is left away; two-digit years are accepted."""
    text = cell.strip().split("T")[0].split(" ")[0]
    match = _pattern(date_format).fullmatch(text)
    if match is None:
        raise ValueError(cell)
    year = int(match["year"])
    found = date(year if year > 99 else 2000 + year, int(match["month"]), int(match["day"]))
    if not 1990 <= found.year <= 2100:
        raise ValueError(cell)
    return found


@functools.cache
def _pattern(date_format: str) -> re.Pattern[str]:
    shape = re.escape(date_format)
    for token, pattern in _TOKENS:
        shape = shape.replace(token, pattern)
    return re.compile(shape, re.ASCII)


def read_amount(cell: str, decimal_mark: str, currency: str) -> int:
    """Signed minor units. Raises ValueError, TooPrecise for too many decimals."""
    text = _UNIT.sub("", _BLANKS.sub("", cell.replace("\u2212", "-")))
    sign = 1
    if text.startswith("(") and text.endswith(")"):
        sign, text = -1, text[1:-1]
    elif text.endswith(("-", "+")):
        sign, text = (-1 if text[-1] == "-" else 1), text[:-1]
    elif text.startswith(("-", "+")):
        sign, text = (-1 if text[0] == "-" else 1), text[1:]
    thousands = "." if decimal_mark == "," else ","
    whole, _, part = text.partition(decimal_mark)
    groups = whole.split(thousands)
    grouped = len(groups) > 1 and (
        not 1 <= len(groups[0]) <= 3 or any(len(g) != 3 for g in groups[1:])
    )
    digits = "".join(groups)
    if grouped or not digits.isascii() or not digits.isdigit() or len(digits) > 15:
        raise ValueError(cell)
    if part and not (part.isascii() and part.isdigit()):
        raise ValueError(cell)
    return sign * to_minor(Decimal(f"{digits}.{part or 0}"), currency)
