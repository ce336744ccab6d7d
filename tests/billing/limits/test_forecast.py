"""What a period comes to, by what was used so far and the time alone."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from billing.forecast import KNOWN_AFTER, forecast, projected

START = datetime(2026, 11, 1, tzinfo=UTC)
END = datetime(2026, 12, 1, tzinfo=UTC)
lengths = st.timedeltas(timedelta(hours=1), timedelta(days=366))
quantities = st.integers(0, 10**9)
moments = st.timedeltas(timedelta(0), timedelta(days=400))


@given(quantities, lengths, moments)
def test_never_less_than_what_is_used(used: int, length: timedelta, passed: timedelta) -> None:
    found = forecast(used, start=START, end=START + length, now=START + passed)
    assert found is None or found >= used


@given(quantities, lengths, moments)
def test_at_the_end_it_is_what_was_used(used: int, length: timedelta, passed: timedelta) -> None:
    end = START + length
    assert forecast(used, start=START, end=end, now=end + passed) == used


@given(quantities, quantities, lengths, moments)
def test_two_parts_come_to_their_sum(
    one: int, other: int, length: timedelta, passed: timedelta
) -> None:
    at = {"start": START, "end": START + length, "now": START + passed}
    parts = [projected(used, **at) for used in (one, other)]
    whole = projected(one + other, **at)
    assert whole == (None if None in parts else sum(part for part in parts if part is not None))


@given(quantities, moments, moments)
def test_with_the_time_the_same_usage_comes_to_less(
    used: int, earlier: timedelta, later: timedelta
) -> None:
    earlier, later = sorted((earlier, later))
    first = projected(used, start=START, end=END, now=START + earlier)
    second = projected(used, start=START, end=END, now=START + later)
    assert first is None or (second is not None and second <= first)


def test_the_first_days_say_nothing() -> None:
    for early in (timedelta(0), timedelta(hours=1), KNOWN_AFTER - timedelta(seconds=1)):
        assert forecast(5, start=START, end=END, now=START + early) is None
    assert forecast(5, start=START, end=END, now=START + KNOWN_AFTER) == 50
    assert forecast(0, start=START, end=END, now=START + KNOWN_AFTER) == 0


def test_a_part_of_a_unit_is_a_whole_one_and_corrections_do_not_go_on() -> None:
    assert forecast(1, start=START, end=END, now=START + timedelta(days=7)) == 5
    assert forecast(-3, start=START, end=END, now=START + timedelta(days=7)) == -3


def test_a_period_that_begins_later_says_nothing() -> None:
    assert forecast(0, start=START, end=END, now=START - timedelta(days=1)) is None
