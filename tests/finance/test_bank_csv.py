from datetime import date

import pytest

from app.finance.bank_csv_reader import read_bank_csv, read_by
from app.finance.bank_csv_values import read_amount, read_day
from app.finance.csv_layouts import Layout
from app.finance.read_results import StatementFile, collect
from app.spreadsheets.reasons import FileRefused

FR = "Date;Libellé;Débit;Crédit\n02/10/2026;VIR MARTIN F-1;;1 250,00\n03/10/2026;FRAIS;-12,50;\n"
REVOLUT = (
    "Type,Product,Started Date,Completed Date,Description,Amount,Fee,Currency,State,Balance\n"
    "TRANSFER,Current,2026-10-02 09:00:00,2026-10-02 09:00:01,From Martin,100.00,0.50,EUR,COMPLETED,199.50\n"
    "CARD,Current,2026-10-03 09:00:00,2026-10-03 10:00:00,Shop,-9.50,0.00,EUR,COMPLETED,190.00\n"
    "CARD,Current,2026-10-04 09:00:00,,Shop,-1.00,0.00,EUR,PENDING,\n"
)
DKB = (
    '"Girokonto";"DE89 3704 0044 0532 0130 00"\n"Kontostand vom 31.10.2026:";"1.000,00 €"\n""\n'
    '"Buchungsdatum";"Wertstellung";"Status";"Zahlungspflichtige*r";"Zahlungsempfänger*in";'
    '"Verwendungszweck";"Umsatztyp";"IBAN";"Betrag (€)";"Gläubiger-ID"\n'
    '"02.10.26";"02.10.26";"Gebucht";"Mühle Schneider";"Wir";"RE-42";"Eingang";'
    '"DE02120300000000202051";"1.234,56";""\n'
)


def read(text: str, *layouts: Layout) -> StatementFile:
    return collect(read_bank_csv(text.encode(), layouts))


def test_a_french_file_with_debit_and_credit() -> None:
    found = read(FR)
    assert found.profile == "FR · débit, crédit"
    (one,) = found.statements
    assert [(n.entry, n.booked_on, n.amount) for n in one.lines] == [
        (2, date(2026, 10, 2), 125000),
        (3, date(2026, 10, 3), -1250),
    ]
    assert one.balance_problem is not None
    assert (one.starts_on, one.ends_on, one.currency) == (
        date(2026, 10, 2),
        date(2026, 10, 3),
        "EUR",
    )


def test_an_english_file_with_balance_fees_and_pending_rows() -> None:
    (one,) = read(REVOLUT).statements
    assert [(n.amount, n.charges) for n in one.lines] == [(9950, 50), (-950, 0)]
    assert one.opening is not None
    assert one.opening.amount == 10000
    assert one.closing is not None
    assert one.closing.amount == 19000
    assert one.balanced
    assert [(r.entry, r.column, r.reason.code) for r in one.rejects] == [(4, "State", "pending")]


def test_a_german_file_names_its_account_above_the_table() -> None:
    (one,) = read(DKB).statements
    assert one.account == "DE89370400440532013000"
    (line,) = one.lines
    assert (line.amount, line.name, line.iban, line.entry) == (
        123456, "Mühle Schneider", "DE02120300000000202051", 5,
    )  # fmt: skip


def test_the_newest_row_may_come_first() -> None:
    head, first, second, _pending = REVOLUT.strip().split("\n")
    (one,) = read(f"{head}\n{second}\n{first}").statements
    assert one.balanced
    assert one.opening is not None
    assert one.opening.amount == 10000


def test_a_row_that_is_missing_shows_in_the_balances() -> None:
    head, first, second, _pending = REVOLUT.strip().split("\n")
    third = second.replace("-9.50", "-5.00").replace("190.00", "185.00")
    assert read(f"{head}\n{first}\n{third}").statements[0].difference == -950


def test_windows_encoding_and_quotes() -> None:
    data = FR.replace("VIR MARTIN F-1", '"VIR ""MÜLLER""; F-1"').encode("cp1252")
    assert collect(read_bank_csv(data)).statements[0].lines[0].remittance == 'VIR "MÜLLER"; F-1'


OWN = Layout(
    "Caisse locale", "|", "YYYYMMDD", ".",
    (("booked_on", "Jour"), ("amount", "Somme"), ("remittance", "Texte"), ("remittance", "Suite")),
    currency="EUR", account="DE89370400440532013000", skip_rows=1,
)  # fmt: skip


def test_a_profile_of_the_company() -> None:
    found = read("Export du 31\nJour|Somme|Texte|Suite\n20261002|50.00|Facture|F-1\n", OWN)
    assert found.profile == "Caisse locale"
    (one,) = found.statements
    assert (one.account, one.lines[0].remittance) == ("DE89370400440532013000", "Facture F-1")


def test_own_profiles_come_before_the_built_in_ones() -> None:
    own = Layout("Ours", ";", "DD/MM/YYYY", ",", (("booked_on", "Date"), ("credit", "Crédit")),
                 currency="EUR")  # fmt: skip
    assert read(FR, own).profile == "Ours"


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("31/02/2026;x;;1,00", "Date", "date_invalid"),
        ("02/10/2026;x;;abc", "Crédit", "amount_invalid"),
        ("02/10/2026;x;;1,005", "Crédit", "too_precise"),
        ("02/10/2026;x;1,00;1,00", "Débit", "both_sides"),
        ("02/10/2026;x;;", "Crédit", "amount_missing"),
        ("02/10/2026;x;;0,00", "", "zero"),
        ("Total;;;", "Date", "date_invalid"),
    ],
)
def test_an_unusable_row_says_its_column_and_why(row: str, column: str, code: str) -> None:
    (one,) = read(FR + row).statements
    assert [(r.entry, r.column, r.reason.code) for r in one.rejects] == [(4, column, code)]
    assert one.lines_in == 3


def test_unknown_columns_are_named() -> None:
    with pytest.raises(FileRefused) as caught:
        read("Jour;Somme;Quoi\n1;2;3\n")
    assert caught.value.code == "csv_unknown"
    assert "Jour, Somme, Quoi" in caught.value.text


def test_a_profile_whose_columns_are_missing_says_which() -> None:
    with pytest.raises(FileRefused) as caught:
        collect(read_by(FR.encode(), OWN))
    assert caught.value.code == "csv_columns_missing"
    assert "Jour" in caught.value.text


@pytest.mark.parametrize(
    ("cell", "mark", "minor"),
    [("1.234,56", ",", 123456), ("1 234,56 €", ",", 123456), ("-0,5", ",", -50), ("5,00-", ",", -500),
     ("(3.10)", ".", -310), ("+1'000", ".", 100000), ("EUR 12.00", ".", 1200), ("−7,00", ",", -700)],
)  # fmt: skip
def test_amounts_as_banks_write_them(cell: str, mark: str, minor: int) -> None:
    assert read_amount(cell, mark, "EUR") == minor


@pytest.mark.parametrize("cell", ["1,2,3", "1.23,45", "12a", "", "--1", "1,234.5,6", "٣"])
def test_doubtful_amounts_are_refused(cell: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the class is all that callers see
        read_amount(cell, ",", "EUR")


@pytest.mark.parametrize(
    ("cell", "shape"),
    [("02.10.26", "DD.MM.YYYY"), ("2/10/2026", "DD/MM/YYYY"), ("2026-10-02T08:00:00Z", "YYYY-MM-DD"),
     ("20261002", "YYYYMMDD"), ("10/02/2026", "MM/DD/YYYY")],
)  # fmt: skip
def test_dates_as_banks_write_them(cell: str, shape: str) -> None:
    assert read_day(cell, shape) == date(2026, 10, 2)
