from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from billing.adjustments.rules import Record, beyond_included, month_of, shares, too_old
from tenants.core.ids import uuid7

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PARTS = st.lists(st.integers(1, 500), max_size=8)


@given(used=st.integers(0, 2_000), parts=PARTS, included=st.integers(0, 2_000))
def test_bit_by_bit_costs_what_all_of_it_costs(used: int, parts: list[int], included: int) -> None:
    whole = beyond_included(used=used, quantity=sum(parts), included=included)
    charged, before = 0, used
    for part in parts:
        charged += beyond_included(used=before, quantity=part, included=included)
        before += part
    assert charged == whole
    assert 0 <= whole <= sum(parts)
    assert whole == max(0, used + sum(parts) - max(used, included))


RECORDS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 60), st.integers(-50, 300)))


@given(facts=RECORDS, wanted=st.integers(0, 2_000))
def test_no_share_is_more_than_its_source_used(
    facts: list[tuple[int, int, int]], wanted: int
) -> None:
    sources = [uuid7() for _ in range(4)]
    records = [
        Record("request", sources[number], NOW - timedelta(days=days), quantity)
        for number, days, quantity in facts
    ]
    found = shares(records, wanted)
    assert sum(one.quantity for one in found) <= wanted
    for one in found:
        net = sum(
            row.quantity
            for row in records
            if row.source_id == one.source_id and month_of(row.occurred_at)[0] == one.month
        )
        assert 0 < one.quantity <= net
    assert len({(one.source_id, one.month) for one in found}) == len(found)


def test_a_month_is_one_in_utc() -> None:
    start, end = month_of(datetime(2026, 12, 31, 23, 30, tzinfo=UTC))
    assert (start, end) == (datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))


def test_35_days_are_taken_and_a_second_more_are_not() -> None:
    at = NOW - timedelta(days=35)
    assert not too_old(at, NOW)
    assert too_old(at - timedelta(seconds=1), NOW)
