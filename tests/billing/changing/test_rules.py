from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from billing.changing.rules import APART, FRESH, Choice, is_stale, kind_of, too_near
from billing.plans import ESSENTIAL, EXTENDED, INTERVALS, OFFERED, STANDARD

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
CHOICES = st.builds(Choice, st.sampled_from(OFFERED), st.sampled_from(INTERVALS))


def test_what_each_way_is() -> None:
    month, year = Choice(STANDARD, "month"), Choice(STANDARD, "year")
    assert kind_of(month, month) is None
    assert kind_of(month, Choice(EXTENDED, "month")) == "upgrade"
    assert kind_of(month, Choice(ESSENTIAL, "month")) == "downgrade"
    assert kind_of(month, year) == "upgrade"
    assert kind_of(year, month) == "downgrade"
    assert kind_of(year, Choice(EXTENDED, "month")) == "downgrade", "the year is paid"


@given(CHOICES, CHOICES)
def test_what_goes_up_comes_down(one: Choice, other: Choice) -> None:
    there, back = kind_of(one, other), kind_of(other, one)
    assert (there is None) is (back is None) is (one.key == other.key)
    assert there is None or there != back


@given(st.integers(0, 7200), st.integers(-7200, 7200))
def test_figures_hold_for_half_an_hour_and_their_period(age: int, left: int) -> None:
    turn = NOW + timedelta(seconds=left)
    stale = is_stale(asked_at=NOW - timedelta(seconds=age), turn=turn, now=NOW)
    assert stale is (age > FRESH.total_seconds() or left <= 0)
    assert too_near(turn=turn, now=NOW) is (left <= APART.total_seconds())
