"""Files of real banks, counted by hand from what stands in them."""

import os
import re
from pathlib import Path

import pytest

from app.finance.read_results import Statement, collect
from app.finance.statement_formats import read_statement
from app.spreadsheets.reasons import FileRefused

pytestmark = pytest.mark.skipif(
    "COULISSE_SAMPLES" not in os.environ, reason="COULISSE_SAMPLES is not set"
)
# (entries, lines' sum, opening, closing, codes of the rejects) of each statement.
ONE: tuple[object, ...] = (1, -20_000_000, None, None, [])
MIXED: tuple[object, ...] = (1, 885, 1815, -2700, [])
CAMT = {
    "camt052.v1.xml": [ONE],
    "camt052.v2.with-account-name.xml": [ONE],
    "camt052.v4.xml": [(1, 0, None, 1_002_215, ["pending"])],
    "camt052.v6.xml": [(1, 0, None, 1_002_215, ["pending"])],
    "camt053.v2.all-balance-types.xml": [(1, 885, 101, 404, [])],
    # Opening in EUR, closing in SEK.
    "camt053.v2.minimal.ultimate.xml": [MIXED],
    "camt053.v2.multi.statement.xml": [(1, 885, 1815, 2700, []), (1, -700, 2700, 2000, [])],
    "camt053.v2.with-party-ids.xml": [MIXED],
    "camt053.v3.xml": [MIXED],
    "camt053.v8.xml": [MIXED],
    "camt054.v2.xml": [ONE],
    "camt054.v8-with-UETR.xml": [ONE],
    "camt054.v8.xml": [ONE],
}


def samples(folder: str) -> Path:
    return Path(os.environ["COULISSE_SAMPLES"]) / "samples" / folder


def outcome(path: Path) -> list[tuple[object, ...]] | str:
    try:
        return [_facts(one) for one in collect(read_statement(path.read_bytes())).statements]
    except FileRefused as refusal:
        return refusal.code


def _facts(one: Statement) -> tuple[object, ...]:
    return (
        one.lines_in, one.movements, one.opening.amount if one.opening else None,
        one.closing.amount if one.closing else None, [r.reason.code for r in one.rejects],
    )  # fmt: skip


def test_no_sample_is_left_out() -> None:
    assert {path.name for path in samples("camt").glob("*.xml")} == set(CAMT)


@pytest.mark.parametrize("name", sorted(CAMT))
def test_camt(name: str) -> None:
    assert outcome(samples("camt") / name) == CAMT[name]


MT940_REFUSED = {
    "account_balance_credit.sta", "account_identification.sta", "account_identification_iban.sta",
    "amount_formats.sta", "available_balance.sta", "empty_86.sta", "empty_line.sta",
    "empty_non_swift.sta", "statement_details.sta", "statement_number.sta",
}  # fmt: skip
# Statements, entries, statements that balance, rejected entries.
MT940 = {
    "generic.sta": (2, 2, 2, 0),
    "gv_codes.sta": (1, 2, 0, 0),
    "knab.sta": (2, 3, 1, 0),
    "long_statement_number.sta": (1, 0, 1, 0),
    "mt940.sta": (1, 3, 1, 0),
    "mt942.sta": (1, 1, 0, 0),
    "overly_long_details.sta": (1, 1, 0, 0),
    "rabobank-iban.sta": (2, 4, 2, 0),
    # In DEM, which is no currency any more, and closing balances without one.
    "raphaelm.sta": (3, 9, 0, 9),
    "sepa_mt9401.sta": (26, 97, 26, 0),
    "sepa_snippet_broken.sta": (1, 1, 0, 0),
    "sns.sta": (2, 2, 2, 0),
    "transaction_details_wrapped.sta": (1, 1, 1, 0),
    "with_newline_in_tnr.sta": (1, 2, 0, 0),
    "wrapped_timestamp.sta": (1, 1, 1, 0),
}
RAW_ENTRY = re.compile(r"^:61:\d{6}(?:\d{4})?(RC|RD|C|D)[A-Z]?\s?(\d+(?:,\d*)?)", re.MULTILINE)
RAW_BALANCE = re.compile(r"^:(60|62)[FM]:([CD])\d{6}[A-Z]{3}(\d+,\d*)", re.MULTILINE)


def cents(text: str) -> int:
    whole, _, part = text.partition(",")
    return int(whole) * 100 + int(part.ljust(2, "0"))


def test_no_swift_sample_is_left_out() -> None:
    names = {path.name for path in samples("mt940").glob("*.sta")}
    assert names == set(MT940) | MT940_REFUSED


@pytest.mark.parametrize("name", sorted(MT940_REFUSED))
def test_fragments_of_mt940_are_refused(name: str) -> None:
    assert outcome(samples("mt940") / name) == "no_statement"


@pytest.mark.parametrize("name", sorted(MT940))
def test_mt940(name: str) -> None:
    data = (samples("mt940") / name).read_bytes()
    found = collect(read_statement(data)).statements
    lines = [line for one in found for line in one.lines]
    rejects = sum(len(one.rejects) for one in found)
    assert (len(found), len(lines) + rejects, sum(one.balanced for one in found), rejects) == MT940[
        name
    ]
    # The sums again, by a reading that knows nothing but the amounts.
    raw = data.decode()
    if not rejects:
        signs = {"C": 1, "RD": 1, "D": -1, "RC": -1}
        assert [line.amount for line in lines] == [
            signs[mark] * cents(amount) for mark, amount in RAW_ENTRY.findall(raw)
        ]
        balances = [
            (kind, (1 if side == "C" else -1) * cents(amount))
            for kind, side, amount in RAW_BALANCE.findall(raw)
        ]
        assert balances == [
            (kind, one.amount)
            for head in found
            for kind, one in (("60", head.opening), ("62", head.closing))
            if one is not None
        ]
