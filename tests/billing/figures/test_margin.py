"""Nothing of what was invoiced or worked is lost between lines and months."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from billing.figures.margin import Rates, Revenue, Time, by_line, margins, shares, spread
from billing.figures.models import InternalRate

CLIENT, ANNA, BEN = (UUID(int=n) for n in (1, 2, 3))
MONTHS = [datetime(2026, month, 1, tzinfo=UTC) for month in range(1, 13)]
LINES = ("finance", "hr", "sales")
TIMES = st.lists(
    st.builds(
        Time, st.just(CLIENT), st.sampled_from(MONTHS).map(datetime.date),
        st.sampled_from([ANNA, BEN]), st.sampled_from(LINES), st.integers(-60, 3_000),
        st.integers(-60, 3_000),
    )
)  # fmt: skip
SOLD = st.lists(
    st.builds(
        lambda key, minor, n, m: Revenue(CLIENT, key, MONTHS[min(n, m)], MONTHS[max(n, m)], minor),
        st.sampled_from(["essential_v1_operator_minutes", "essential_v1_payslips",
                         "essential_v1_base_year", ""]),
        st.integers(-10**6, 10**8), st.integers(0, 11), st.integers(0, 11),
    )
)  # fmt: skip


def rate(cents: int, day: date, *, user: UUID | None = None, role: str = "", hour: int = 0) -> Any:
    return InternalRate(
        user_id=user, role=role, cents=cents, starts_on=day,
        set_at=datetime(2026, 1, 1, hour, tzinfo=UTC),
    )  # fmt: skip


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(1, 10**6), min_size=1))
def test_shares_are_the_whole(minor: int, weights: list[int]) -> None:
    assert sum(shares(minor, weights)) == minor


@given(SOLD, TIMES)
def test_lines_and_months_are_the_whole(sold: list[Revenue], times: list[Time]) -> None:
    rates = Rates([rate(3_000, date(2026, 1, 1), role="operator")], {ANNA: "operator"})
    found = margins(sold, times, rates)
    assert sum(one.invoiced for one in found.values()) == sum(one.minor for one in sold)
    assert sum(one.minutes for one in found.values()) == sum(one.minutes for one in times)
    assert sum(one.cost for one in found.values()) == sum(rates.cost(one) or 0 for one in times)
    assert sum(one.unrated for one in found.values()) == sum(
        one.minutes for one in times if one.user_id == BEN
    )


def test_a_year_counts_in_each_of_its_months() -> None:
    found = spread(290_000, MONTHS[0], datetime(2027, 1, 1, tzinfo=UTC))
    assert [month for month, _ in found] == [one.date() for one in MONTHS]
    assert {minor for _, minor in found} == {24_166, 24_167}
    assert spread(500, MONTHS[4], MONTHS[4]) == [(date(2026, 5, 1), 500)]


def test_whose_rate_counts() -> None:
    rates = Rates(
        [rate(3_000, date(2026, 1, 1), role="operator"), rate(3_300, date(2026, 3, 1), role="operator"),
         rate(5_000, date(2026, 2, 1), user=ANNA), rate(5_500, date(2026, 2, 1), user=ANNA, hour=2)],
        {ANNA: "operator", BEN: "operator"},
    )  # fmt: skip
    cents = [rates.cents(who, date(2026, month, 1)) for who in (ANNA, BEN) for month in (1, 2, 3)]
    assert cents == [3_000, 5_500, 5_500, 3_000, 3_000, 3_300]
    assert rates.cents(ANNA, date(2025, 12, 1)) is None
    assert rates.cents(CLIENT, date(2026, 3, 1)) is None
    assert rates.cost(Time(CLIENT, date(2026, 1, 1), ANNA, "hr", 61, 0)) == 3_050


def test_minutes_go_where_the_time_went() -> None:
    key = "essential_v1_operator_minutes"
    assert by_line(key, 1_000, {"hr": 30, "finance": 10, "it": 0}) == [
        ("finance", 250),
        ("hr", 750),
    ]
    assert by_line(key, 1_000, {}) == [("", 1_000)]
    assert by_line("essential_v1_payslips", 5, {"finance": 3}) == [("hr", 5)]
    assert by_line("essential_v1_base_month", 5, {"finance": 3}) == [("", 5)]
