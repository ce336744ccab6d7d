import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from app.finance.currencies import is_currency

_SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f'’`]+")
_AFFIX = re.compile(r"^(?:[A-Z]{3}|[€$£])|(?:[A-Z]{3}|[€$£])$", re.IGNORECASE)
_SYMBOL_CODES = {
    "€": "EUR",
    "$": "USD",
    "EURO": "EUR",
    "EUROS": "EUR",
    "£": "GBP",
    "FR.": "CHF",
    "SFR": "CHF",
}
_NUMBER = re.compile(r"[0-9][0-9.,]*|[.,][0-9]+")
_GROUPED = {
    ",": re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})*(?:,[0-9]*)?|[0-9]+(?:,[0-9]*)?|,[0-9]+"),
    ".": re.compile(r"[0-9]{1,3}(?:,[0-9]{3})*(?:\.[0-9]*)?|[0-9]+(?:\.[0-9]*)?|\.[0-9]+"),
}
_DATES = (
    (re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ][\d:.]+Z?)?"), "ymd"),
    (re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})"), "ymd"),
    (re.compile(r"(\d{4})(\d{2})(\d{2})"), "ymd"),
    (re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?: [\d:.]+)?"), "dmy"),
    (re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{2})"), "dmy"),
)


class Ambiguous(ValueError):
    """“1.234” is twelve hundred or one and a bit; nothing else in the file tells."""


YEARS = range(1990, 2101)


def parse_date(value: object, *, years: range | None = YEARS) -> date:
    """Day before month in every written form but ISO: the files are French or German."""
    if isinstance(value, datetime):
        found = value.date()
    elif isinstance(value, date):
        found = value
    else:
        found = _written_date(str(value).strip())
    if years is not None and found.year not in years:
        raise ValueError(value)
    return found


def _written_date(text: str) -> date:
    for pattern, order in _DATES:
        match = pattern.fullmatch(text)
        if match:
            first, second, third = (int(part) for part in match.groups())
            if order == "ymd":
                return date(first, second, third)
            return date(third + 2000 if third < 100 else third, second, first)
    raise ValueError(text)


def written_currency(text: str) -> str:
    """The currency written beside an amount, as in “12,00 €”."""
    match = _AFFIX.search(_tight(text).strip("+-()"))
    code = parse_currency(match.group()) if match else ""
    return code if is_currency(code) else ""


def bare_number(text: str) -> tuple[str, bool]:
    """Digits and separators without sign, spaces and currency; and whether it is negative."""
    tight = _without_currency(_tight(text))
    if tight[:1] == "(" and tight[-1:] == ")":
        return _without_currency(tight[1:-1]), True
    for sign in "+-":
        if tight.startswith(sign):
            return _without_currency(tight[1:]), sign == "-"
        if tight.endswith(sign):
            return _without_currency(tight[:-1]), sign == "-"
    return tight, False


def _tight(text: str) -> str:
    return _SPACES.sub("", text.replace("−", "-").replace("–", "-"))


def _without_currency(tight: str) -> str:
    match = _AFFIX.search(tight)
    if match is None or not is_currency(parse_currency(match.group())):
        return tight
    return tight[: match.start()] + tight[match.end() :]


def decimal_mark(texts: Iterable[str]) -> str | None:
    """The one decimal mark that the clear amounts of a column agree on."""
    marks = {mark for text in texts if (mark := _clear_mark(bare_number(text)[0]))}
    return marks.pop() if len(marks) == 1 else None


def _clear_mark(number: str) -> str | None:
    if not _NUMBER.fullmatch(number):
        return None
    points, commas = number.count("."), number.count(",")
    if points and commas:
        return "," if number.rfind(",") > number.rfind(".") else "."
    if points > 1 or commas > 1:
        return "," if points else "."
    if not points and not commas:
        return None
    mark = "." if points else ","
    whole, _, rest = number.partition(mark)
    grouping = len(rest) == 3 and 1 <= len(whole) <= 3 and whole.strip("0") != ""
    return None if grouping else mark


def parse_amount(value: object, mark: str | None) -> Decimal:
    if isinstance(value, bool) or value is None:
        raise ValueError(value)
    if isinstance(value, int | float):
        # A spreadsheet stores 1200.10 as the nearest binary number: twelve digits are what was typed.
        return Decimal(format(value, ".12g"))
    number, negative = bare_number(str(value))
    if not _NUMBER.fullmatch(number) or len(number) > 30:
        raise ValueError(value)
    own = _clear_mark(number) or mark
    if own is None and ("." in number or "," in number):
        raise Ambiguous(value)
    own = own or "."
    if not _GROUPED[own].fullmatch(number):
        raise ValueError(value)
    other = "." if own == "," else ","
    found = Decimal(number.replace(other, "").replace(own, "."))
    return -found if negative else found


def parse_currency(text: str) -> str:
    upper = text.strip().upper()
    return _SYMBOL_CODES.get(upper, upper)
