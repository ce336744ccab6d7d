"""Files are told by their content; whatever they hold, they are read or refused with a reason."""

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.finance.currencies import to_decimal
from app.finance.limits import MAX_BYTES
from app.finance.read_results import Statement, collect
from app.finance.statement_formats import detect, read_statement
from app.spreadsheets.reasons import FileRefused
from tests.effort import effort
from tests.finance.files import balance, camt, details, entry, statement, transaction
from tests.finance.test_bank_csv import FR
from tests.finance.test_mt940_reader import HEAD, TAIL

CAMT = camt(statement(balance("OPBD", "1"), balance("CLBD", "1")))
MT940 = (HEAD + TAIL.format(closing="100,00")).encode()


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def refusal(data: bytes) -> str:
    with pytest.raises(FileRefused) as caught:
        collect(read_statement(data))
    assert caught.value.text
    return caught.value.code


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (CAMT, "camt"),
        (b"\xef\xbb\xbf" + CAMT, "camt"),
        (CAMT.decode().replace('encoding="UTF-8"', "").encode("utf-16"), "camt"),
        (MT940, "mt940"),
        (b"\x01\r\n{1:F01}{4:\r\n" + MT940.replace(b"\n", b"\r\n"), "mt940"),
        (FR.encode("cp1252"), "csv"),
        (b"%PDF-1.7", "binary"),
        (b"0130003    01234EUR2 01234567890  120124", "cfonb"),
    ],
)
def test_the_format_is_told_by_the_content(data: bytes, kind: str) -> None:
    assert detect(data) == kind


@pytest.mark.parametrize("data", [CAMT, MT940, FR.encode()])
def test_one_statement_in_a_zip_is_as_good(data: bytes) -> None:
    packed = zipped(statement=data, **{"__MACOSX/x": b"junk"})
    assert collect(read_statement(packed)) == collect(read_statement(data))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"%PDF-1.7 ...", "format_unknown"),
        (bytes(range(256)) * 20, "format_unknown"),
        (b"PK\x03\x04 broken", "zip_broken"),
        (zipped(), "zip_broken"),
        (zipped(a=CAMT, b=CAMT), "zip_several"),
        (zipped(a=zipped(b=CAMT)), "zip_nested"),
        (zipped(a=b"0" * (MAX_BYTES + 1)), "too_large"),
        (zipped(a=b"0" * 20_000_000), "too_large"),
        (b"x" * (MAX_BYTES + 1), "too_large"),
        (b"just a line of text", "csv_unknown"),
    ],
)
def test_what_is_no_statement_is_refused_with_a_reason(data: bytes, code: str) -> None:
    if code == "zip_broken" and not data.startswith(b"PK\x03\x04"):
        code = "csv_unknown" if detect(data) == "csv" else "format_unknown"
    assert refusal(data) == code


amounts = st.lists(
    st.integers(-(10**9), 10**9).filter(bool).map(lambda minor: minor), min_size=1, max_size=12
)
words = st.text("abcdefghijklmnopqrstuvwxyzABC 0123456789", min_size=1, max_size=20).map(
    lambda text: " ".join(text.split()) or "x"
)


def plain(minor: int) -> str:
    return str(to_decimal(abs(minor), "EUR"))


def facts(one: Statement) -> list[tuple[int, str]]:
    assert one.balanced
    return [(line.amount, line.remittance) for line in one.lines]


@settings(max_examples=effort(30), deadline=None)
@given(amounts=amounts, text=words, opening=st.integers(-(10**9), 10**9))
def test_what_is_written_in_each_format_reads_back_equal(
    amounts: list[int], text: str, opening: int
) -> None:
    expected = [(amount, text) for amount in amounts]
    closing = opening + sum(amounts)
    sides = {True: "CRDT", False: "DBIT"}
    xml = camt(
        statement(
            balance("OPBD", plain(opening), direction=sides[opening >= 0]),
            balance("CLBD", plain(closing), direction=sides[closing >= 0]),
            *(
                entry(plain(a), direction=sides[a > 0], details=details(transaction(text=text)))
                for a in amounts
            ),
        )
    )
    mark = {True: "C", False: "D"}
    comma = {value: plain(value).replace(".", ",") for value in (opening, closing, *amounts)}
    swift = (
        f":20:X\n:25:Y\n:28C:1\n:60F:{mark[opening >= 0]}261001EUR{comma[opening]}\n"
        + "".join(f":61:261002{mark[a > 0]}{comma[a]}NTRFNONREF\n:86:{text}\n" for a in amounts)
        + f":62F:{mark[closing >= 0]}261031EUR{comma[closing]}\n-"
    )
    rows, now = [], opening
    for amount in amounts:
        now += amount
        signed = [
            f"{'-' if value < 0 else ''}{plain(value).replace('.', ',')}" for value in (amount, now)
        ]
        rows.append(f"02/10/2026;{text};{signed[0]};{signed[1]}")
    table = "Date;Libellé;Montant;Solde\n" + "\n".join(rows)
    for data in (xml, swift.encode(), table.encode()):
        (one,) = collect(read_statement(data)).statements
        assert facts(one) == expected
        assert one.opening is not None
        assert one.opening.amount == opening
        assert one.closing is not None
        assert one.closing.amount == closing
