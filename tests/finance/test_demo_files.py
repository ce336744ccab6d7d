from collections import Counter
from datetime import date

import pytest

from app.finance.open_items_reader import read_open_items
from tests.finance.files import whole
from tests.finance.sample_report import build, demo


def test_the_same_arguments_give_the_same_files() -> None:
    assert demo() == demo()
    assert demo(1) != demo(2)


@pytest.mark.parametrize("seed", range(12))
def test_a_month_has_something_of_everything(seed: int) -> None:
    files = demo(seed)
    opened = read_open_items(files.open_items_csv)
    (statement,) = whole(files.statement_xml).statements
    assert statement.balanced
    assert statement.ends_on == date(2026, 9, 30)
    assert (len(opened.items), len(opened.rejects), statement.lines_in) == (68, 1, 74)
    report, matches = build(files)
    rules = Counter(p.rule for p in matches.proposals)
    assert rules["reference_amount"] == 32, "two of them an invoice less a credit note"
    assert rules["reference_part"] == 6
    assert rules["reference_difference"] == 2
    assert rules["sum_iban"] == 2
    assert rules["amount_iban"] == 8
    assert rules["amount_name"] == 6
    assert [len(a.item_ids) for a in matches.ambiguities] == [2]
    assert report.counts.unmatched == 22
