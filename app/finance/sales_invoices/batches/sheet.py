"""From a table's texts to invoices: the lines that name the same one together, with what is wrong in
each of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.finance.open_items_values import decimal_mark
from app.finance.sales_invoices.batches.cells import NotTaken, number_text, read
from app.finance.sales_invoices.batches.columns import (
    FIELDS,
    HEADINGS,
    NUMERIC,
    OF_INVOICE,
    TELLING,
)
from app.finance.sales_invoices.line_forms import NAMES
from app.spreadsheets.columns import Columns
from app.spreadsheets.reasons import FileRefused, Reason
from app.spreadsheets.tables import Line, Table
from tenants.core.text import _m

MAX_ROWS = 20_000
MAX_INVOICES = 5_000
NO_NAME = _m("Each line says what is invoiced.")
NO_PRICE = _m("The price is missing.")
NO_RATE = _m("The VAT rate is missing.")
NO_REASON = _m("Say why no VAT is charged: write the category, like AE or E.")
RATE_AND_CATEGORY = _m("This category charges no VAT, so its rate is 0.")
ALWAYS = {"name": NO_NAME, "unit_price": NO_PRICE}
DIFFERENT = _m("Line %(first)s says something else for the same invoice.")

# Line of the sheet, 0 for the invoice as a whole; heading; what is wrong.
Problem = tuple[int, str, Reason]


@dataclass(slots=True)
class Row:
    line: int
    values: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)


@dataclass(slots=True)
class Invoice:
    """`values` are those that hold for the invoice as a whole."""

    reference: str
    rows: list[Row]
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def lines(self) -> list[int]:
        return [row.line for row in self.rows]


def understand(table: Table) -> Columns:
    return HEADINGS.read(
        table, needed=[TELLING, ["name"], ["unit_price"]],
        lacking=_m(
            "The headings of this sheet lack something: it needs at least a customer, what is"
            " invoiced and the price of one before VAT. Found headings: %(found)s."
        ),
    )  # fmt: skip


def invoices_of(sheet: Columns) -> list[Invoice]:
    """In the order of the file. A line without a reference is an invoice of its own."""
    mark = _mark(sheet)
    found: dict[Any, Invoice] = {}
    for line in sheet.table.rows:
        row = _row(sheet, line, mark)
        reference = str(row.values.pop("reference", ""))
        key = reference.casefold() or row.line
        if key not in found and len(found) >= MAX_INVOICES:
            raise FileRefused(
                _m("The sheet holds more than %(limit)s invoices. Send it in parts."),
                code="too_many_invoices", limit=MAX_INVOICES,
            )  # fmt: skip
        found.setdefault(key, Invoice(reference, [])).rows.append(row)
    for invoice in found.values():
        _bring_together(sheet, invoice)
    return list(found.values())


def _mark(sheet: Columns) -> str | None:
    """A workbook's own numbers come with a point."""
    places = [at for at, name in enumerate(sheet.fields) if name in NUMERIC]
    texts = [
        number_text(line.cells[at] or "")
        for line in sheet.table.rows
        for at in places
        if at < len(line.cells)
    ]
    found = decimal_mark(texts)
    written = any("," in one for one in texts)
    return "." if found is None and sheet.table.kind == "xlsx" and not written else found


def _row(sheet: Columns, line: Line, mark: str | None) -> Row:
    row = Row(line.line, {})
    for name, cell in sheet.cells(line):
        title = sheet.titles.get(name, "")
        if isinstance(cell, Reason):
            row.problems.append((line.line, title, cell))
            continue
        try:
            row.values[name] = read(name, cell, mark)
        except NotTaken as refused:
            reason = Reason("value", refused.message, dict(refused.params))
            row.problems.append((line.line, title, reason))
    row.problems += _lacking(sheet, row)
    return row


def _lacking(sheet: Columns, row: Row) -> Iterator[Problem]:
    """What no line does without; a cell that is wrong isn't missing too."""
    wrong = {title for _, title, _ in row.problems}
    lacks = [(name, message) for name, message in ALWAYS.items() if name not in row.values]
    if not wrong & {sheet.titles.get("category"), sheet.titles.get("vat_rate")}:
        lacks += _lacking_vat(row.values.get("category", ""), row.values.get("vat_rate"))
    for name, message in lacks:
        title = sheet.titles.get(name, "")
        if title not in wrong or not title:
            yield row.line, title, Reason("missing", message)


def _lacking_vat(category: str, rate: Decimal | None) -> Iterator[tuple[str, str]]:
    if category in NAMES:
        if rate:
            yield "vat_rate", RATE_AND_CATEGORY
    elif rate is None:
        yield "vat_rate", NO_RATE
    elif rate == 0 and not category:
        yield "category", NO_REASON


def _bring_together(sheet: Columns, invoice: Invoice) -> None:
    """What holds for all may stand in one of its lines or in each, but not differ."""
    said: dict[str, int] = {}
    for row in invoice.rows:
        invoice.problems += row.problems
        for name in (*TELLING, *OF_INVOICE):
            if name not in row.values:
                continue
            value = row.values[name]
            if name not in said:
                said[name], invoice.values[name] = row.line, value
            elif invoice.values[name] != value:
                reason = Reason("different", DIFFERENT, {"first": said[name]})
                invoice.problems.append((row.line, sheet.titles[name], reason))


def template_rows(language: str) -> tuple[list[str], list[list[str]]]:
    """Headings and an example of two invoices, of which the first has two lines."""
    words = {
        "en": ("Advice in November", "Travel costs", "Maintenance"),
        "fr": ("Conseil en novembre", "Frais de déplacement", "Maintenance"),
        "de": ("Beratung im November", "Reisekosten", "Wartung"),
    }[language if language in ("en", "fr", "de") else "en"]  # fmt: skip
    comma = "." if language == "en" else ","
    head = {"customer_reference": "C-001", "customer": "Exemple SARL", "currency": "EUR"}
    rows = [
        {"reference": "1", **head, "name": words[0], "quantity": "12", "unit": "HUR",
         "unit_price": f"95{comma}00", "vat_rate": "20", "order": "PO-4711"},
        {"reference": "1", **head, "name": words[1], "quantity": "1", "unit": "LS",
         "unit_price": f"140{comma}50", "vat_rate": "20"},
        {"reference": "2", "customer_reference": "C-002", "customer": "Beispiel GmbH",
         "vat": "DE136695976", "name": words[2], "quantity": "1", "unit": "MON",
         "unit_price": f"450{comma}00", "category": "AE", "currency": "EUR"},
    ]  # fmt: skip
    headings = [HEADINGS.title(name, language) for name in FIELDS]
    return headings, [[one.get(name, "") for name in FIELDS] for one in rows]
