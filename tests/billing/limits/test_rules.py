"""Limits of people and room, and a trial's cap: by numbers alone."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from billing.exposure import is_over
from billing.limits.rules import GB, effective, fits, standing, step_of, used_up

NOW = datetime(2026, 11, 10, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass
class Given:
    feature: str
    value: int
    verdict: str | None
    decided_at: datetime | None
    expires_at: datetime


moments = st.timedeltas(-30 * DAY, 30 * DAY).map(lambda span: NOW + span)
given_ones = st.lists(
    st.builds(
        Given, st.sampled_from(["seats", "storage_gb"]), st.integers(1, 500),
        st.sampled_from(["approved", "refused", "withdrawn"]), moments, moments,
    ),
    max_size=5,
)  # fmt: skip


@given(given_ones, st.none() | st.integers(1, 100))
def test_what_counts_is_the_plans_or_an_approved_one_that_is_not_over(
    agreed: list[Given], plan: int | None
) -> None:
    found = effective("seats", plan, agreed, NOW)
    live = [one for one in agreed if one.feature == "seats" and one.verdict == "approved"
            and one.expires_at > NOW]  # fmt: skip
    if not live:
        assert (found.most, found.until) == (plan, None)
    else:
        assert found.most in {one.value for one in live}
        assert found.until is not None
        assert found.until > NOW
    assert found.plan == plan


def test_the_last_approval_counts_and_ends_at_its_moment() -> None:
    first = Given("seats", 30, "approved", NOW - 2 * DAY, NOW + 9 * DAY)
    second = Given("seats", 25, "approved", NOW - DAY, NOW + DAY)
    assert effective("seats", 20, [second, first], NOW).most == 25
    assert effective("seats", 20, [second, first], NOW + DAY).most == 30
    assert effective("seats", 20, [second, first], NOW + 9 * DAY).most == 20


@given(st.integers(0, 1000), st.integers(1, 100), st.none() | st.integers(1, 1000))
def test_what_fits_stays_within_the_limit(used: int, more: int, most: int | None) -> None:
    assert fits(used, more, most) == (most is None or used + more <= most)


@given(st.integers(0, 1000), st.integers(1, 1000))
def test_steps(used: int, most: int) -> None:
    step = step_of(used, most)
    assert (step == 100) == (used >= most)
    assert (step == 80) == (used < most and used * 100 >= most * 80)
    assert step_of(used, None) == 0
    assert step <= step_of(used + 1, most)


def test_storage_is_held_in_bytes() -> None:
    found = standing(effective("storage_gb", 5, [], NOW), 5 * GB - 1)
    assert (found.most, found.left, found.step) == (5 * GB, 1, 80)
    assert standing(effective("storage_gb", None, [], NOW), 7).left is None


def test_a_trial_is_used_up_by_what_is_included_and_by_the_first_of_what_is_not() -> None:
    included = {"operator_minutes": 120, "orders_handled": 0}
    assert used_up({}, included) == []
    assert used_up({"operator_minutes": 119, "orders_handled": 0}, included) == []
    assert used_up({"operator_minutes": 120}, included) == ["operator_minutes"]
    assert used_up({"operator_minutes": -5, "orders_handled": 1}, included) == ["orders_handled"]


def test_exposure_is_over_above_its_limit() -> None:
    assert not is_over(500_000, 500_000)
    assert is_over(500_001, 500_000)
    assert is_over(1, 0)
