"""How a sheet of invoices is read: its headings, its numbers, and what can be meant in two ways."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from app.finance.sales_invoices.batches.columns import FIELDS, HEADINGS
from app.finance.sales_invoices.batches.sheet import invoices_of, template_rows, understand
from app.spreadsheets.reading import plain, read_safely
from app.spreadsheets.reasons import FileRefused
from app.spreadsheets.writing import Sheet, write


@pytest.mark.parametrize("language", ["en", "fr", "de"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_our_own_template_is_understood(language: str, kind: str) -> None:
    headings, rows = template_rows(language)
    data = write(Sheet("template", "invoices", headings, rows), kind)
    sheet = understand(read_safely(data, HEADINGS.known, most=100))
    assert sheet.fields == FIELDS
    first, second = invoices_of(sheet)
    assert not first.problems
    assert not second.problems
    assert [row.values["unit_price"] for row in first.rows] == [Decimal(95), Decimal("140.5")]
    assert (first.rows[0].values["unit"], second.rows[0].values["category"]) == ("HUR", "AE")


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("1.234,50|2,5|20 %", ("1234.50", "2.5", "20")),
        ("1,234.50|2.5|5.5", ("1234.50", "2.5", "5.5")),
        ("1 234,50|2|5,5%", ("1234.50", "2", "5.5")),
        ("0.125|3|0.2", ("0.125", "3", "20")),
        ("0.055|1|0.055", ("0.055", "1", "5.5")),
    ],
)
def test_numbers_are_read_as_they_are_written(written: str, found: tuple[str, ...]) -> None:
    price, quantity, rate = written.split("|")
    content = f"Customer;What;Price;Quantity;VAT %\nx;y;{price};{quantity};{rate}"
    [invoice] = invoices_of(understand(read_safely(content.encode(), HEADINGS.known, most=100)))
    values = invoice.rows[0].values
    assert not invoice.problems
    assert [values[one] for one in ("unit_price", "quantity", "vat_rate")] == [
        Decimal(one) for one in found
    ]


@pytest.mark.parametrize(
    ("written", "found"), [("10", 10), ("0.5 %", Decimal("0.5")), ("0", 0), ("0.1", None)]
)
def test_a_discount_that_could_be_two_is_asked_for(written: str, found: Any) -> None:
    content = f"Customer;What;Price;Discount;VAT %\nx;y;1.50;{written};20".encode()
    [invoice] = invoices_of(understand(read_safely(content, HEADINGS.known, most=100)))
    assert invoice.rows[0].values.get("discount") == found
    said = [reason.message % reason.params for _, title, reason in invoice.problems]
    assert [one[:27] for one in said] == (["This can mean 0.1 % or 10 %"] if found is None else [])


def test_a_number_that_could_be_two_is_asked_for() -> None:
    content = b"Customer;What;Price;VAT %\nx;y;1.234;20"
    [invoice] = invoices_of(understand(read_safely(content, HEADINGS.known, most=100)))
    [(line, title, reason)] = invoice.problems
    assert (line, title, "two ways" in reason.message) == (2, "Price", True)


@pytest.mark.parametrize("content", [b"", b"a;b\n1;2", b"Client final;Prix\nx;1", b"\x00\x01\x02"])
def test_what_is_no_sheet_of_invoices_is_refused_whole(content: bytes) -> None:
    with pytest.raises(FileRefused):
        understand(read_safely(content, HEADINGS.known, most=100))


def test_each_heading_means_one_thing() -> None:
    for language in ("en", "fr", "de"):
        known = [plain(HEADINGS.title(one, language)) for one in FIELDS]
        assert len(set(known)) == len(known)
