from datetime import date

import pytest

from app.finance.mt940_details import read_details
from app.finance.mt940_reader import read_mt940
from app.finance.read_results import StatementFile, collect
from app.spreadsheets.reasons import FileRefused

HEAD = ":20:STARTUMS\n:25:DE89370400440532013000\n:28C:5/1\n:60F:C261001EUR100,00\n"
TAIL = ":62F:C261031EUR{closing}\n-\n"


def read(*entries: str, closing: str = "150,00") -> StatementFile:
    return collect(read_mt940(HEAD + "".join(entries) + TAIL.format(closing=closing)))


def entry(amount: str, mark: str = "C", details: str = "Facture F-1", more: str = "") -> str:
    return f":61:2610021002{mark}{amount}NTRFNONREF//B1{more}\n:86:{details}\n"


def test_a_statement_with_its_balances() -> None:
    found = read(entry("50,00"))
    assert (found.message, found.statements[0].balanced) == ("MT940", True)
    (one,) = found.statements
    assert (one.account, one.account_is_iban, one.currency) == (
        "DE89370400440532013000",
        True,
        "EUR",
    )
    assert (one.starts_on, one.ends_on, one.sequence_number) == (
        date(2026, 10, 1),
        date(2026, 10, 31),
        "5/1",
    )
    (line,) = one.lines
    assert (line.amount, line.booked_on, line.remittance) == (
        5000,
        date(2026, 10, 2),
        "Facture F-1",
    )
    assert line.bank_reference == "B1"


@pytest.mark.parametrize(
    ("mark", "amount", "reversal"),
    [("C", 5000, False), ("D", -5000, False), ("RC", -5000, True), ("RD", 5000, True),
     ("CR", 5000, False), ("DR", -5000, False)],
)  # fmt: skip
def test_signs(mark: str, amount: int, reversal: bool) -> None:
    (line,) = read(entry("50,00", mark)).statements[0].lines
    assert (line.amount, line.reversal) == (amount, reversal)


def test_a_statement_that_does_not_balance_is_a_warning() -> None:
    assert read(entry("49,99")).statements[0].difference == 1


def test_several_statements_and_their_pages() -> None:
    second = HEAD.replace("60F", "60M").replace("5/1", "5/2").replace("100,00", "150,00")
    text = HEAD + entry("50,") + ":62M:C261015EUR150,\n-\n" + second + ":62F:C261031EUR150,00\n-"
    found = collect(read_mt940(text)).statements
    assert [one.balanced for one in found] == [True, True]
    assert [one.sequence_number for one in found] == ["5/1", "5/2"]


def test_an_interim_report_has_no_balances() -> None:
    text = (
        ":20:X\n:25:DE89370400440532013000/EUR\n:28C:1\n:34F:EURD0,00\n:13D:2610021730+0100\n"
        + entry("0,42", "D")
        + ":90D:1EUR0,42\n"
    )
    found = collect(read_mt940(text))
    assert found.message == "MT942"
    assert found.statements[0].balance_problem is not None
    assert found.statements[0].ends_on == date(2026, 10, 2)


def test_unusable_entries_are_listed_with_their_reason() -> None:
    found = read(entry("0,00"), entry("1,005"), entry("50,00")).statements[0]
    assert [(r.entry, r.reason.code) for r in found.rejects] == [(1, "zero"), (2, "too_precise")]
    assert (found.lines_in, found.balanced) == (3, True)


def test_the_banks_charges() -> None:
    more = "\n/OCMT/EUR52,50//CHGS/EUR2,50/"
    assert read(entry("50,00", more=more)).statements[0].lines[0].charges == 250


@pytest.mark.parametrize(
    "bad", [":61:nothing\n", ":61:2613021002C5,00NTRFX\n", ":61:261002C5,00\n" * 2]
)
def test_what_breaks_the_rules_is_refused_whole(bad: str) -> None:
    with pytest.raises(FileRefused) as caught:
        read(entry("50,00"), bad)
    assert caught.value.code == "mt940_broken"
    assert "STARTUMS" in caught.value.text


def test_structured_details_of_german_banks() -> None:
    raw = (
        "166?00GUTSCHRIFT?100399?20EREF+F-2026-0042?21KREF+ZV01?22MREF+M-77\n"
        "?23SVWZ+Rechnung RE-42 vom 1.1?240. Danke?30PBNKDEFF?31DE42100100100043921105"
        "?32Schneider Muehle Gesellscha?33ft mbH"
    )
    found = read_details(raw)
    assert found.end_to_end_id == "F-2026-0042"
    assert found.mandate_id == "M-77"
    assert found.remittance == "Rechnung RE-42 vom 1.10. Danke"
    assert found.name == "Schneider Muehle Gesellschaft mbH"
    assert found.iban == "DE42100100100043921105"


def test_a_returned_payment_names_its_code() -> None:
    assert read_details("109?00RETOURE?20EREF+A?34904").return_reason == "904"
    assert read_details("166?00GUTSCHRIFT?20EREF+A?34000").return_reason == ""


def test_details_between_slashes() -> None:
    found = read_details(
        "/EREF/E-7/BENM//NAME/JOHN DO\nE/IBAN/DE42100100100043921105/REMI/USTD//Invoice 12/RTRN/AC04"
    )
    assert (found.end_to_end_id, found.name, found.remittance) == ("E-7", "JOHN DOE", "Invoice 12")
    assert (found.iban, found.return_reason) == ("DE42100100100043921105", "AC04")


def test_a_name_that_is_a_path_opens_nothing() -> None:
    with pytest.raises(FileRefused):
        collect(read_mt940("/etc/hostname"))
