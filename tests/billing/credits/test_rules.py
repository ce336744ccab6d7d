"""What may be given back: never more than the invoice has, and each fact once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from billing.credits.rules import LIMIT, Given, allocate, left_of, needs_second, still_owed

AMOUNTS = st.integers(1, 10**7)
LINES = st.dictionaries(st.sampled_from("abcdefgh"), AMOUNTS, min_size=1)


@given(LINES, st.lists(AMOUNTS, max_size=30))
def test_credits_together_never_exceed_their_invoice(lines, wanted):
    taken: dict[str, int] = {}
    for amount in wanted:
        left = left_of(list(lines.items()), taken)
        parts = allocate(amount, left)
        assert (parts is None) == (amount > sum(one.amount for one in left))
        for line, part in parts or ():
            assert part > 0
            taken[line] = taken.get(line, 0) + part
        assert sum(part for _, part in parts or ()) in (0, amount)
        assert all(taken[line] <= lines[line] for line in taken)


@given(AMOUNTS, LINES)
def test_on_as_few_lines_as_it_takes(amount, lines):
    parts = allocate(amount, left_of(list(lines.items()), {})) or []
    largest = sorted(lines.values(), reverse=True)
    assert len(parts) <= 1 or sum(largest[: len(parts) - 1]) < amount


STATES = st.sampled_from(["issued", "issuing", "refused", "draft", "approved", "void"])
ROWS = st.lists(st.builds(Given, STATES, AMOUNTS), max_size=6)


@given(AMOUNTS, ROWS)
def test_what_is_still_owed_makes_up_for_what_was_settled_and_no_more(amount, rows):
    owed = still_owed(amount, rows)
    settled = sum(r.amount for r in rows if r.state in ("issued", "issuing", "refused"))
    assert owed >= 0
    assert owed + settled == max(amount, settled)


@given(AMOUNTS)
def test_goodwill_and_much_money_need_two(amount):
    assert needs_second(kind="goodwill", amount=amount)
    assert needs_second(kind="sla", amount=amount) == (amount > LIMIT)
