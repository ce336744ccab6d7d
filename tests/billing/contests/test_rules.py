"""Which record may be contested, until when, and what a decision is worth."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.contests.rules import DAYS, Contested, refusal, steps, value, worth

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
OPEN = Contested("deliverable", 12, True, None, False, False)


def changed(**given):
    from dataclasses import replace

    return replace(OPEN, **given)


@pytest.mark.parametrize(
    ("record", "code"),
    [
        (OPEN, None),
        (changed(final_at=NOW - DAYS + timedelta(seconds=1), charged=True), None),
        (changed(final_at=NOW - DAYS, charged=True), "too_late"),
        (changed(final_at=NOW, charged=False), "within_plan"),
        (changed(contested=True), "contested_already"),
        (changed(contested=True, final_at=NOW - 2 * DAYS), "contested_already"),
        (changed(source_type="carried_in"), "carried_usage"),
        (changed(source_type="carried_out", quantity=-3), "carried_usage"),
        (changed(source_type="contest", quantity=-3), "taken_back"),
        (changed(quantity=0), "taken_back"),
        (changed(billed=False), "not_billed"),
    ],
)
def test_who_comes_too_late_or_for_nothing_is_told_so(record, code):
    found = refusal(record, NOW)
    assert (found[0] if found else None) == code


@given(st.integers(1, 10_000), st.integers(1, 10**7), st.data())
def test_what_contests_give_back_is_together_the_line(charged, amount, data):
    parts, before = [], 0
    while before < charged:
        taken = data.draw(st.integers(1, charged - before))
        parts.append(worth(charged=charged, amount=amount, taken_before=before, taken=taken))
        before += taken
    assert sum(parts) == amount
    assert min(parts) >= 0
    assert worth(charged=charged, amount=amount, taken_before=before, taken=5) == 0


@given(st.integers(0, 100), st.integers(0, 10**6), st.integers(0, 200), st.integers(0, 300))
def test_never_more_than_the_line_has(charged, amount, before, taken):
    found = worth(charged=charged, amount=amount, taken_before=before, taken=taken)
    assert 0 <= found <= amount


HOURS = st.dictionaries(
    st.integers(0, 50).map(lambda n: NOW + timedelta(hours=n)), st.integers(-20, 50), max_size=8
)


@given(HOURS, st.integers(0, 500))
def test_no_hour_gives_more_than_it_has(hours, taken):
    found = steps(list(hours.items()), taken)
    assert all(0 < part <= hours[hour] for hour, part in found)
    assert sum(part for _, part in found) == min(taken, sum(max(0, q) for q in hours.values()))


def test_what_is_worth_a_hundred_euros_is_rounded_against_us():
    assert value(Decimal("33.3"), 3) == 100
    assert value(Decimal(50), 200) == 10_000
