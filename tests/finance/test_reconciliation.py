import pytest

from app.finance.reconciliation import (
    CountsDoNotAgree,
    ItemPosition,
    LinePosition,
    Reconciliation,
    reconcile,
)

ITEMS = [
    ItemPosition("EUR", 1000, 1000),
    ItemPosition("EUR", 1000, 400),
    ItemPosition("EUR", -300, 0),
    ItemPosition("CHF", 500, 0),
]
LINES = [LinePosition("EUR", 1500, 1400), LinePosition("EUR", -20, 0)]


def run(**changes: object) -> Reconciliation:
    given: dict[str, object] = {
        "items_in": 5,
        "items": ITEMS,
        "items_rejected": 1,
        "lines_in": 4,
        "lines": LINES,
        "lines_rejected": 2,
    }
    return reconcile(**(given | changes))  # type: ignore[arg-type]


def test_counts_and_totals() -> None:
    found = run()
    assert (found.paid, found.part_paid, found.open) == (1, 1, 2)
    assert (found.used, found.unmatched) == (1, 1)
    euros = found.totals["EUR"]
    assert (euros.paid, euros.part_paid, euros.part_open, euros.open) == (1000, 400, 600, -300)
    assert (euros.used, euros.used_rest, euros.unmatched) == (1400, 100, -20)
    assert (euros.settled, euros.outstanding, euros.items) == (1400, 300, 1700)


@pytest.mark.parametrize(
    "changes",
    [
        {"items_in": 4},
        {"items_rejected": 0},
        {"lines_in": 5},
        {"lines_rejected": 1},
        {"items": [*ITEMS[:3], ItemPosition("CHF", 500, 600)]},
        {"items": [*ITEMS[:3], ItemPosition("CHF", 500, -1)]},
        {"lines": [LINES[0], LinePosition("EUR", -20, 20)]},
        {"lines": [LinePosition("EUR", 1500, 1300), LINES[1]]},
    ],
)
def test_what_does_not_add_up_makes_no_report(changes: dict[str, object]) -> None:
    with pytest.raises(CountsDoNotAgree):
        run(**changes)
