"""Files of real banks, counted by hand from what stands in them."""

import os
from pathlib import Path

import pytest

from app.finance.read_results import FileRefused, Statement, collect
from app.finance.statement_formats import read_statement

pytestmark = pytest.mark.skipif(
    "COULISSE_SAMPLES" not in os.environ, reason="COULISSE_SAMPLES is not set"
)
# (entries, lines' sum, opening, closing, codes of the rejects) of each statement.
ONE = (1, -20_000_000, None, None, [])
MIXED = (1, 885, 1815, -2700, [])
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
