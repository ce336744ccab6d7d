"""What a subscription lets a company do, by facts and time alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.access.rules import KNOWN, MAIL_DAYS, Facts, Policy, derive
from tenants.access import ACCESS_STATES

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
POLICY = Policy()
LATE = Facts(before="active", status="past_due", synced_at=NOON, due=(NOON,))

moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(  # noqa: DTZ001
    lambda at: at.replace(tzinfo=UTC)
)
facts = st.builds(
    Facts,
    before=st.sampled_from(ACCESS_STATES),
    status=st.none() | st.sampled_from([*KNOWN, "a_word_of_next_year"]),
    synced_at=st.none() | moments,
    due=st.lists(moments, max_size=4).map(tuple),
    paused_reason=st.sampled_from(["", "pause_requested", "trial_end_without_payment_method"]),
    ended_at=st.none() | moments,
    disputed=st.booleans(),
    grace_since=st.none() | moments,
    over_exposure=st.booleans(),
    new_work=st.booleans(),
)


def after(days: float, facts: Facts = LATE) -> datetime:
    return facts.due[0] + timedelta(days=days)


def at(days: float, facts: Facts = LATE) -> Facts:
    return replace(facts, synced_at=after(days))


@pytest.mark.parametrize(
    ("days", "state", "new_work", "mail"),
    [
        (0, "grace", True, 0), (2.9, "grace", True, 0), (3, "grace", True, 3),
        (6.99, "grace", True, 3), (7, "grace", False, 7), (12, "grace", False, 12),
        (13.99, "grace", False, 12), (14, "suspended", False, None),
        (60, "suspended", False, None),
    ],
)  # fmt: skip
def test_a_late_payment_day_by_day(
    days: float, state: str, new_work: bool, mail: int | None
) -> None:
    found = derive(at(days), POLICY, after(days))
    assert (found.state, found.new_work, found.mail_day) == (state, new_work, mail)
    assert found.grace_since == NOON


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        (Facts("pending", None, NOON), "pending"),
        (Facts("pending", "incomplete", NOON), "pending"),
        (Facts("pending", "incomplete_expired", NOON), "pending"),
        (Facts("active", "active", NOON), "active"),
        (Facts("pending", "trialing", NOON), "trialing"),
        (Facts("active", "unpaid", NOON, due=(NOON,)), "suspended"),
        (Facts("trialing", "paused", NOON, paused_reason="trial_end_without_payment_method"),
         "suspended"),
        (Facts("active", "paused", NOON, paused_reason="pause_requested"), "paused"),
        (Facts("active", "canceled", NOON, ended_at=NOON - timedelta(days=29)), "cancelled"),
        (Facts("cancelled", "canceled", NOON, ended_at=NOON - timedelta(days=30)), "closed"),
        (Facts("suspended", "active", NOON), "active"),
        (Facts("closed", "active", NOON), "active"),
    ],
)  # fmt: skip
def test_each_word_of_stripe(facts: Facts, state: str) -> None:
    assert derive(facts, POLICY, NOON).state == state


def test_an_invoice_that_is_not_due_yet_is_not_late() -> None:
    facts = Facts("active", "active", NOON, due=(NOON + timedelta(days=1),))
    assert derive(facts, POLICY, NOON).state == "active"


@given(st.lists(st.integers(0, 13 * 24), min_size=1, max_size=12).map(sorted))
def test_attempts_and_later_invoices_move_no_anchor(hours: list[int]) -> None:
    """However often it is looked at, and whatever else becomes due meanwhile."""
    anchor = None
    for hour in hours:
        now = NOON + timedelta(hours=hour)
        due = tuple(NOON + timedelta(hours=one) for one in [0, *hours] if one <= hour)
        found = derive(replace(LATE, due=due, synced_at=now, grace_since=anchor), POLICY, now)
        anchor = found.grace_since
        assert anchor == NOON
    still_open = NOON + timedelta(days=14)
    later = replace(LATE, due=(NOON + timedelta(days=5),), synced_at=still_open, grace_since=anchor)
    assert derive(later, POLICY, still_open).state == "suspended"


def test_a_new_episode_counts_from_its_own_day() -> None:
    paid = derive(replace(at(5), status="active", due=(), grace_since=NOON), POLICY, after(5))
    assert (paid.state, paid.grace_since) == ("active", None)
    now = NOON + timedelta(days=40)
    again = replace(LATE, due=(now,), synced_at=now, grace_since=paid.grace_since)
    assert derive(again, POLICY, now).grace_since == now


@given(facts, moments)
def test_every_state_of_affairs_has_an_answer(facts: Facts, now: datetime) -> None:
    found = derive(facts, POLICY, now)
    assert found.state in ACCESS_STATES
    assert not found.new_work or found.state in ("trialing", "active", "grace")
    assert found.mail_day is None or (found.state == "grace" and found.mail_day in MAIL_DAYS)
    assert (found.state == "closed") <= (
        found.attention != "" or found.export_until is not None and found.export_until <= now
    )


@given(facts, moments)
def test_our_own_outage_takes_nothing_away(facts: Facts, now: datetime) -> None:
    stale = replace(facts, synced_at=now - timedelta(hours=49))
    found = derive(stale, POLICY, now)
    assert found.state == stale.before
    assert found.attention


@given(facts, moments)
def test_what_was_decided_is_decided_again(facts: Facts, now: datetime) -> None:
    first = derive(facts, POLICY, now)
    second = derive(replace(facts, before=first.state, grace_since=first.grace_since), POLICY, now)
    if first.reason != "incomplete_expired":
        assert (second.state, second.new_work) == (first.state, first.new_work)


@pytest.mark.parametrize("why", [{"disputed": True}, {"synced_at": NOON - timedelta(days=9)}])
def test_what_somebody_has_to_look_at_gives_nothing_back_either(why: dict[str, Any]) -> None:
    """New work that a late payment stopped stays stopped."""
    late = replace(at(8), before="grace", new_work=False, grace_since=NOON)
    found = derive(replace(late, **why), POLICY, after(8))
    assert (found.state, found.new_work) == ("grace", False)
