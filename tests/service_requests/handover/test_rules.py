"""Whom a note proposes, and when a supervisor has to look."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from app.calendars.holidays import default_calendar
from app.service_requests.assignment.rules import Candidate, Rule
from app.service_requests.handover.rules import (
    Standing,
    answer_by,
    needs_supervisor,
    propose,
    waits_for_return,
)

MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)
IDS = [UUID(int=n) for n in range(1, 7)]
SKILLS = ("", "payroll", "german")
moments = st.integers(0, 60).map(lambda n: MONDAY + timedelta(hours=12 * n))
candidates = st.lists(
    st.builds(
        Candidate, user_id=st.sampled_from(IDS), name=st.sampled_from("abc"),
        open_requests=st.integers(0, 3),
        skills=st.sets(st.sampled_from(SKILLS[1:])).map(frozenset),
        away_until=st.none() | moments,
    ),
    unique_by=lambda one: one.user_id,
)  # fmt: skip
rules = st.lists(
    st.builds(
        Rule, item=st.sampled_from(["", "control"]),
        operator_id=st.none() | st.sampled_from(IDS), deputy_id=st.none() | st.sampled_from(IDS),
        skill=st.sampled_from(SKILLS), by_load=st.booleans(),
    ),
    max_size=2, unique_by=lambda one: one.item,
)  # fmt: skip
standings = st.builds(
    Standing, state=st.sampled_from(["draft", "sent", "kept", "accepted", "declined", "void"]),
    due_at=moments, answer_by=st.none() | moments, able=st.booleans(),
)  # fmt: skip


@given(rules, candidates, st.sampled_from(IDS), st.randoms())
def test_only_somebody_who_is_there_and_can_is_proposed(ruled, people, absent, random):
    found = propose(ruled, people, absent=absent)
    shuffled = random.sample(people, len(people))
    assert propose(ruled, shuffled, absent=absent) == found, "whatever the order"
    asked = next((one.skill for one in sorted(ruled, key=lambda one: one.item == "")), "")
    able = [
        one for one in people
        if one.user_id != absent and one.away_until is None
        and (not asked or asked in one.skills)
    ]  # fmt: skip
    if found is None:
        assert not able
        return
    assert found.user_id != absent
    assert found.away_until is None
    wanted = {one.skill for one in ruled} or {""}
    assert any(not skill or skill in found.skills for skill in wanted)


@given(standings, moments, moments, moments, moments)
def test_once_a_supervisor_is_needed_time_alone_does_not_change_that(item, starts, ends, at, later):
    at, later = sorted((at, later))
    starts, ends = sorted((starts, ends))
    before = needs_supervisor(item, starts_at=starts, ends_at=ends, now=at)
    after = needs_supervisor(item, starts_at=starts, ends_at=ends, now=later)
    assert not before or after
    if item.state in ("draft", "accepted", "void"):
        assert not after
    if item.state == "declined":
        assert before == "declined"
    if item.state == "sent" and item.answer_by and later >= item.answer_by:
        assert after, "an answer that is late is seen"


@given(moments, moments)
def test_what_is_kept_needs_nobody_when_it_is_due_after_the_return(due, ends):
    kept = Standing("kept", due)
    why = needs_supervisor(kept, starts_at=MONDAY, ends_at=ends, now=MONDAY)
    assert bool(why) is not waits_for_return(due, ends)


def test_an_answer_has_until_the_end_of_the_next_business_day_of_the_office():
    office = default_calendar("FR", "Europe/Paris")
    friday = datetime(2026, 11, 6, 16, tzinfo=UTC)
    assert answer_by(friday, office) == datetime(2026, 11, 9, 23, tzinfo=UTC)
    armistice = datetime(2026, 11, 10, 8, tzinfo=UTC)
    assert answer_by(armistice, office) == datetime(2026, 11, 12, 23, tzinfo=UTC)


def test_begun_and_due_before_the_answer_is_seen_at_once():
    item = Standing("sent", MONDAY + timedelta(hours=4), MONDAY + timedelta(hours=39))
    ends = MONDAY + timedelta(days=7)
    later = MONDAY + timedelta(days=1)
    assert needs_supervisor(item, starts_at=MONDAY, ends_at=ends, now=MONDAY) == "urgent"
    assert needs_supervisor(item, starts_at=later, ends_at=ends, now=MONDAY) == ""
