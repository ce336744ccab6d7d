"""The rules of the figures, over random data."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from billing.figures.rules import (
    MOVEMENTS,
    MeterMonth,
    monthly_revenue,
    movements,
    work_of,
)
from billing.plans import EXTENDED, METERS, OFFERED, STANDARD

MONTHS = [date(2026, month, 1) for month in range(1, 13)]
NOW = datetime(2026, 12, 9, tzinfo=UTC)
ENDS = st.dictionaries(
    st.tuples(st.integers(0, 6).map(lambda n: UUID(int=n)), st.sampled_from(MONTHS)),
    st.sampled_from([0, 29_000, 79_000, 199_000]) | st.integers(0, 10**9),
)
USAGE = st.lists(
    st.tuples(st.sampled_from(list(METERS)), st.sampled_from(MONTHS[-2:]), st.integers(0, 9_000),
              st.integers(0, 9_000)),
    unique_by=lambda one: (one[0], one[1]),
)  # fmt: skip


@given(ENDS)
def test_opening_and_movements_are_the_closing(ends: dict[tuple[UUID, date], int]) -> None:
    found = movements(ends, MONTHS)
    assert [one.month for one in found] == MONTHS[1:]
    for one in found:
        assert one.opening + sum(one.sum(kind) for kind in MOVEMENTS) == one.closing
        assert {move.kind for move in one.moved} <= set(MOVEMENTS)
        assert one.sum("new") >= 0 <= one.sum("expansion")
        assert one.sum("churn") <= 0 >= one.sum("contraction")
    for before, after in pairwise(found):
        assert before.closing == after.opening
    last = {tenant: ends[(tenant, month)] for tenant, month in sorted(ends, key=lambda key: key[1])}
    assert found[-1].closing == sum(last.values())


def test_who_comes_back_is_new() -> None:
    tenant = UUID(int=1)
    ends = {(tenant, MONTHS[0]): 5, (tenant, MONTHS[1]): 0, (tenant, MONTHS[2]): 7}
    assert [move.kind for one in movements(ends, MONTHS[:3]) for move in one.moved] == [
        "churn",
        "new",
    ]


@given(st.sampled_from(OFFERED), USAGE, st.integers(0, 10**6), st.integers(0, 5_000))
def test_unbilled_work_is_its_parts(plan, usage, items, minutes) -> None:
    rows = [MeterMonth(meter, month, n, min(n, part)) for meter, month, n, part in usage]
    found = work_of(plan, "active", rows, [], items_minor=items, pending_minutes=minutes, now=NOW)
    assert found.unbilled_minor == (
        sum(one.unbilled_minor for one in found.meters) + items + found.time_minor
    )
    assert found.overage_minor == sum(one.minor for one in found.meters if one.month == MONTHS[-1])
    for one in found.meters:
        assert 0 <= one.unbilled_minor <= one.minor
        assert one.over == max(0, one.quantity - one.part.included)
        assert one.minor >= one.over * int(one.unit_amount)
    free = work_of(plan, "trialing", rows, [], items_minor=0, pending_minutes=minutes, now=NOW)
    assert free.unbilled_minor == free.overage_minor == 0


def test_a_price_of_a_year_is_a_twelfth_a_month() -> None:
    day = NOW.date()
    assert monthly_revenue(STANDARD, "year", "active", [], day) == 65_833
    assert monthly_revenue(EXTENDED, "month", "past_due", [], day) == 199_000
    for status in ("trialing", "paused", "unpaid", "canceled", "incomplete", None):
        assert monthly_revenue(EXTENDED, "month", status, [], day) == 0
