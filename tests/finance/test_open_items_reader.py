import io
import tracemalloc
import zipfile
from datetime import date, datetime
from decimal import Decimal

import pytest

from app.finance.open_items_reader import read_open_items
from app.finance.open_items_values import Ambiguous, decimal_mark, parse_amount, parse_date
from app.spreadsheets.plain_text import decode
from app.spreadsheets.reasons import FileRefused
from tests.finance.files import HEADER, csv_file, xlsx_file

ROW = "F-1;Müller GmbH;01/09/2026;30/09/2026;1 200,00;EUR"
XLSX_HEAD = ("Rechnungsnummer", "Kunde", "Rechnungsdatum", "Fälligkeit", "Betrag", "Währung")
XLSX_ROW = ("R-1", "Müller", "01.09.2026", "30.09.2026", 1200.1, "EUR")


def refused(data: bytes) -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        read_open_items(data)
    assert caught.value.text
    return caught.value


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_delimiters_and_charsets(delimiter: str, encoding: str) -> None:
    text = f"{HEADER}\r\n{ROW}\r\n".replace("1 200,00", "1 200.00").replace(";", delimiter)
    (item,) = read_open_items(text.encode(encoding)).items
    assert (item.line, item.number, item.customer) == (2, "F-1", "Müller GmbH")
    assert (item.amount, item.open_amount, item.currency) == (120_000, 120_000, "EUR")
    assert (item.issued_on, item.due_on) == (date(2026, 9, 1), date(2026, 9, 30))


def test_old_dos_files_are_told_from_windows_ones() -> None:
    assert decode("Müller".encode("cp850")) == "Müller"
    assert decode("Müller €".encode("cp1252")) == "Müller €"


@pytest.mark.parametrize(
    "header",
    [
        "Number,Customer,Date,Due date,Amount,Currency",
        "N° facture,Nom du client,Date de facture,Date d'échéance,Montant TTC,Devise",
        "Rechnungs-Nr.,Kunde,Belegdatum,Fällig am,Rechnungsbetrag,WKZ",
        "INVOICE NO.,DEBTOR NAME,INVOICE DATE,DUE,GROSS AMOUNT,CCY",
        "Pièce,Tiers,Émission,Échéance,Reste à payer,Monnaie",
    ],
)
def test_headings_in_three_languages(header: str) -> None:
    found = read_open_items(csv_file("F-1,X,1.9.2026,2026-09-30,12.50,€", header=header))
    assert [i.open_amount for i in found.items] == [1250]


def test_titles_above_and_a_separator_line_are_passed_over() -> None:
    data = f"sep=;\r\nListe des impayés\r\n\r\n{HEADER}\r\n{ROW}\r\n;;;;;\r\n".encode()
    found = read_open_items(data)
    assert (found.rows_in, found.items[0].line) == (1, 5)


def test_open_and_paid_columns_lower_what_is_open() -> None:
    head = HEADER + ";Déjà payé;IBAN"
    found = read_open_items(
        csv_file(
            "F-1;X;01/09/2026;30/09/2026;100,00;EUR;30,00;DE89 3704 0044 0532 0130 00",
            "A-1;X;01/09/2026;30/09/2026;-100,00;EUR;;",
            "F-2;X;01/09/2026;30/09/2026;100,00;EUR;100,00;",
            "F-3;X;01/09/2026;30/09/2026;100,00;EUR;130,00;",
            header=head,
        )
    )
    assert [(i.amount, i.open_amount) for i in found.items] == [(10000, 7000), (-10000, -10000)]
    assert found.items[0].iban == "DE89370400440532013000"
    assert [r.reason.code for r in found.rejects] == ["nothing_open", "open_exceeds_amount"]


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        (";X;01/09/2026;30/09/2026;1,00;EUR", "Facture", "value_missing"),
        ("F-2;;01/09/2026;30/09/2026;1,00;EUR", "Client", "value_missing"),
        ("F-2;X;31/02/2026;30/09/2026;1,00;EUR", "Date", "date_invalid"),
        ("F-2;X;01/09/1066;30/09/2026;1,00;EUR", "Date", "date_invalid"),
        ("F-2;X;01/09/2026;;1,00;EUR", "Échéance", "value_missing"),
        ("F-2;X;01/09/2026;30/09/2026;abc;EUR", "Montant", "amount_invalid"),
        ("F-2;X;01/09/2026;30/09/2026;12 USD;EUR", "Montant", "other_currency"),
        ("F-2;X;01/09/2026;30/09/2026;1,005;EUR", "Montant", "too_precise"),
        ("F-2;X;01/09/2026;30/09/2026;12;JPYX", "Devise", "currency_unknown"),
        ("F-2;X;01/09/2026;30/09/2026", "Devise", "value_missing"),
        ("f-1;X;01/09/2026;30/09/2026;1,00;EUR", "Facture", "number_twice"),
        ("F-2;X;01/09/2026;30/09/2026;1,00;EUR;more", "", "too_many_cells"),
        (f"F-2;{'x' * 300};01/09/2026;30/09/2026;1,00;EUR", "Client", "value_too_long"),
        ("F-2;X;01/09/2026;30/09/2026;0,00;EUR", "Montant", "nothing_open"),
    ],
)
def test_a_bad_row_is_rejected_with_line_column_and_reason(
    row: str, column: str, code: str
) -> None:
    found = read_open_items(csv_file(ROW, row))
    (reject,) = found.rejects
    assert (reject.line, reject.column, reject.reason.code) == (3, column, code)
    assert reject.reason.message % reject.reason.params
    assert found.rows_in == len(found.items) + len(found.rejects) == 2


def test_a_wrong_iban_is_rejected() -> None:
    found = read_open_items(csv_file(ROW + ";DE00370400440532013000", header=HEADER + ";IBAN"))
    assert [r.reason.code for r in found.rejects] == ["iban_invalid"]


def test_quoted_fields_with_line_breaks_keep_the_line_numbers() -> None:
    found = read_open_items(
        csv_file('F-1;"Müller\nGmbH";01/09/2026;30/09/2026;1,00;EUR', "F-2;X;bad;;1,00;EUR")
    )
    assert (found.items[0].customer, found.rejects[0].line) == ("Müller GmbH", 4)


@pytest.mark.parametrize(
    ("text", "mark", "expected"),
    [
        ("1.234,56", None, "1234.56"),
        ("1,234.56", None, "1234.56"),
        ("1 234,56", None, "1234.56"),
        ("1\u202f234,5 €", None, "1234.5"),
        ("1'234.50", None, "1234.50"),
        ("EUR 12", None, "12"),
        ("-12,50", None, "-12.50"),
        ("12,50-", None, "-12.50"),
        ("(12,50)", None, "-12.50"),
        ("−12,50", None, "-12.50"),
        ("1.234", ",", "1234"),
        ("1.234", ".", "1.234"),
        ("1.234.567", None, "1234567"),
        ("0,125", None, "0.125"),
    ],
)
def test_amounts_as_people_write_them(text: str, mark: str | None, expected: str) -> None:
    assert parse_amount(text, mark) == Decimal(expected)


@pytest.mark.parametrize("text", ["", "-", "1.2.3", "1,2,3", "12abc", "--1", "1.23.456,7", "0x10"])
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(ValueError, match=".*"):
        parse_amount(text, None)


def test_an_amount_that_reads_two_ways_needs_the_rest_of_the_file() -> None:
    with pytest.raises(Ambiguous):
        parse_amount("1.234", None)
    assert decimal_mark(["1.234", "5,50"]) == ","
    assert decimal_mark(["5.50", "5,50"]) is None
    rows = [f"F-{n};X;01/09/2026;30/09/2026;{v};EUR" for n, v in enumerate(["1.234", "5,50"])]
    assert read_open_items(csv_file(*rows)).items[0].amount == 123_400
    assert read_open_items(csv_file(rows[0])).rejects[0].reason.code == "amount_ambiguous"


@pytest.mark.parametrize(
    "text",
    ["2026-09-05", "05/09/2026", "5.9.2026", "05-09-26", "20260905", "2026-09-05 00:00:00"],
)
def test_dates_as_people_write_them(text: str) -> None:
    assert parse_date(text) == date(2026, 9, 5)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\x00\x01\x02\x03" * 500, "format_unknown"),
        (bytes(range(256)) * 20, "format_unknown"),
        (b"%PDF-1.7\n" + bytes(range(128, 256)) * 9, "columns_missing"),
        (b"Facture;Client\r\nF-1;X\r\n", "columns_missing"),
        (csv_file(), "no_rows"),
        (csv_file(ROW, header=HEADER + ";Total"), "columns_twice"),
        (csv_file(*(ROW for _ in range(20_001))), "too_many_rows"),
        (csv_file('F-1;"' + "x" * 6_000), "csv_broken"),
        (b"PK\x03\x04 junk", "xlsx_broken"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "encrypted_or_old"),
        (b"x" * 10_000_001, "too_large"),
    ],
)
def test_what_is_no_list_of_open_items_is_refused(data: bytes, code: str) -> None:
    assert refused(data).code == code


def test_missing_columns_are_named() -> None:
    error = refused(b"Facture;Client;Date;Montant\r\n1;2;3;4\r\n")
    assert error.params["columns"] == "due date, currency"
    assert "Facture, Client, Date, Montant" in error.text


def test_a_workbook_reads_like_a_csv() -> None:
    found = read_open_items(
        xlsx_file([("Offene Posten",), (), XLSX_HEAD, XLSX_ROW, ("R-2", *XLSX_ROW[1:4], "#DIV/0!")])
    )
    assert (found.format, found.sheet) == ("xlsx", "Posten")
    assert [(i.line, i.amount) for i in found.items] == [(4, 120_010)]
    assert [(r.line, r.column, r.reason.code) for r in found.rejects] == [
        (5, "Währung", "value_missing")
    ]


def test_a_workbook_with_dates_numbers_and_error_cells() -> None:
    out = xlsx_file([XLSX_HEAD, XLSX_ROW, (4711, "X", "01.09.2026", "30.09.2026", "#N/A", "EUR")])
    found = read_open_items(out)
    assert [r.reason.code for r in found.rejects] == ["cell_error"]
    assert parse_date(datetime(2026, 9, 1)) == date(2026, 9, 1)  # noqa: DTZ001 - as cells come


def _rezip(data: bytes, change: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for part in old.namelist():
            if part not in change:
                new.writestr(part, old.read(part))
        for name, content in change.items():
            new.writestr(name, content)
    return out.getvalue()


GOOD = xlsx_file([XLSX_HEAD, XLSX_ROW])
SHEET = "xl/worksheets/sheet1.xml"
CORNER = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    b'<row r="1"><c r="A1"><v>1</v></c></row>'
    b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({SHEET: CORNER}, "sheet_too_large"),
        ({SHEET: CORNER.replace(b"XFD1048576", b"A1048576")}, "sheet_too_large"),
        ({SHEET: CORNER.replace(b"XFD1048576", b"XFD1")}, "sheet_too_large"),
        ({"xl/vbaProject.bin": b"x"}, "macros"),
        ({"docProps/core.xml": b"<!DOCTYPE x [<!ENTITY a 'b'>]><x/>"}, "doctype"),
        ({SHEET: b"<worksheet>"}, "xlsx_broken"),
        ({"xl/workbook.xml": b"junk"}, "xlsx_broken"),
        ({"xl/media/big.bin": b"\0" * 90_000_000}, "xlsx_too_big"),
        ({"xl/media/big.bin": b"\0" * 9_000_000}, "xlsx_too_big"),
    ],
)
def test_a_dangerous_workbook_is_refused_before_it_is_parsed(
    change: dict[str, bytes], code: str
) -> None:
    data = _rezip(GOOD, change)
    tracemalloc.start()
    assert refused(data).code == code
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000
