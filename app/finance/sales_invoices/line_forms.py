"""The lines of an invoice as they are typed: row by row, errors in their places."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from werkzeug.datastructures import MultiDict

from app.finance.einvoicing.vat import EXEMPTIONS
from app.finance.sales_invoices.content import DraftLine
from app.finance.sales_invoices.words import UNITS
from app.web.fields import plain_number
from tenants.core.text import _m

PARTS = (
    "name", "description", "item", "quantity", "unit", "price", "discount", "vat", "code", "reason",
)  # fmt: skip
_MOST = {"description": 2000, "item": 100, "reason": 300}
# A code of the list VATEX, or a name of ours for a known exemption.
_CODE = re.compile(r"[A-Za-z0-9_-]{0,40}")
# Category and rate in one choice; reasons of exemption follow from the category.
VAT = {
    "FR": ("S:20", "S:10", "S:5.5", "S:2.1"),
    "DE": ("S:19", "S:7"),
}
VAT_OF_ALL = ("E:0", "AE:0", "K:0", "G:0", "O:", "Z:0")
NAMES: Mapping[str, str] = {
    "E": _m("exempt"),
    "AE": _m("reverse charge"),
    "K": _m("to another EU country"),
    "G": _m("export"),
    "O": _m("not subject to VAT"),
    "Z": _m("zero rate"),
}
BLANK_ROWS = 3
NOT_A_NUMBER = _m("This is not a number. Write it like 1234.50.")
TOO_MANY_DECIMALS = _m("This number has too many decimals.")
TOO_LARGE = _m("This number is too large.")
TOO_LONG = {
    100: _m("At most 100 characters."),
    300: _m("At most 300 characters."),
    2000: _m("At most 2,000 characters."),
}


@dataclass
class Row:
    values: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def blank(self) -> bool:
        return not any(
            self.values[part] for part in ("name", "description", "item", "quantity", "price")
        )


def vat_choices(country: str) -> list[str]:
    return [*VAT.get(country, VAT["FR"]), *VAT_OF_ALL]


def typed_rows(form: MultiDict[str, str]) -> list[Row]:
    columns = {part: form.getlist(f"line_{part}") for part in PARTS}
    count = max((len(one) for one in columns.values()), default=0)
    rows = [
        Row({part: (_plain(one[n]) if n < len(one) else "") for part, one in columns.items()})
        for n in range(count)
    ]
    return [row for row in rows if not row.blank]


def _plain(typed: str) -> str:
    return typed.replace("\0", "").replace("\r\n", "\n").strip()


def rows_of(lines: Sequence[DraftLine], *, comma: bool) -> list[Row]:
    def number(value: Decimal | None) -> str:
        if value is None:
            return ""
        plain = f"{value:f}"
        plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
        return plain.replace(".", ",") if comma else plain

    return [
        Row(
            {
                "name": line.name, "description": line.description, "item": line.item,
                "quantity": number(line.quantity), "unit": line.unit,
                "price": number(line.unit_price), "discount": number(line.discount),
                "vat": _vat(line), "code": line.exemption_code, "reason": line.exemption_reason,
            }
        )
        for line in lines
    ]  # fmt: skip


def read(rows: Sequence[Row]) -> tuple[DraftLine, ...]:
    """The lines; what is wrong stands in the rows, and then the lines aren't whole."""
    return tuple(line for line in (_line(row) for row in rows) if line is not None)


def sound(rows: Sequence[Row]) -> bool:
    return not any(row.errors for row in rows)


def _line(row: Row) -> DraftLine | None:
    values, errors = row.values, row.errors
    _check_texts(row)
    quantity = _number(row, "quantity", 4, Decimal(10) ** 9, Decimal(1))
    price = _number(row, "price", 6, Decimal(10) ** 10, Decimal(0))
    discount = _number(row, "discount", 2, Decimal(100), None)
    if discount is not None and discount < 0:
        errors["discount"] = _m("Between 0 and 100 per cent.")
    category, _, rate = values["vat"].partition(":")
    percent = _percent(row, category, rate)
    code, reason = _exemption(row, category)
    unit = values["unit"] or "C62"
    if unit not in UNITS:
        errors["unit"] = _m("Choose one of the list.")
    if errors:
        return None
    return DraftLine(
        name=values["name"], description=values["description"], item=values["item"],
        quantity=quantity or Decimal(0), unit=unit, unit_price=price or Decimal(0),
        discount=discount or None, category=category, rate=percent, exemption_code=code,
        exemption_reason=reason,
    )  # fmt: skip


def _check_texts(row: Row) -> None:
    if not row.values["name"]:
        row.errors["name"] = _m("Each line says what is invoiced.")
    elif len(row.values["name"]) > 300:
        row.errors["name"] = _m("At most 300 characters; more fits into the description.")
    for part, most in _MOST.items():
        if len(row.values[part]) > most:
            row.errors[part] = TOO_LONG[most]


def _exemption(row: Row, category: str) -> tuple[str, str]:
    """Code and reason; what is typed as the reason may be a code."""
    if category == "S":
        return "", ""
    code, reason = row.values["code"], row.values["reason"]
    if not code and reason.upper().startswith("VATEX-"):
        code, reason = reason, ""
    if code.upper().startswith("VATEX-"):
        code = code.upper()
    meant = {one.category for one in EXEMPTIONS.values() if code and code in (one.key, one.code)}
    if not _CODE.fullmatch(code):
        row.errors["code"] = _m(
            "This isn't a code. Write one like VATEX-EU-132-1I, or the reason in words."
        )
    elif meant and category not in meant:
        row.errors["code"] = _m("This code is of another kind of VAT.")
    return code, reason


def _percent(row: Row, category: str, rate: str) -> Decimal | None:
    try:
        if category not in ("S", *NAMES):
            raise ValueError(category)
        percent = Decimal(rate) if rate else None
        if percent is not None and not 0 <= percent <= 100:
            raise ValueError(rate)
    except (ArithmeticError, ValueError):
        row.errors["vat"] = _m("Choose one of the list.")
        return None
    return percent


def _number(
    row: Row, part: str, places: int, most: Decimal, default: Decimal | None
) -> Decimal | None:
    typed = row.values[part]
    if not typed:
        return default
    try:
        found = Decimal(plain_number(typed, places=places))
    except (ArithmeticError, ValueError):
        row.errors[part] = NOT_A_NUMBER
        return None
    exponent = found.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > places:
        row.errors[part] = TOO_MANY_DECIMALS
    elif abs(found) > most:
        row.errors[part] = TOO_LARGE
    return found


def _vat(line: DraftLine) -> str:
    if line.category == "O":
        return "O:"
    rate = line.rate or Decimal(0)
    return f"{line.category}:{rate.normalize():f}"
