"""The choice itself: whom a rule gives, for any rules and any people."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from app.service_requests.assignment.rules import Candidate, Passed, Rule, choose

BACK = datetime(2026, 12, 1, tzinfo=UTC)
IDS = [UUID(int=n) for n in range(6)]
skills = st.sampled_from(["payroll", "german"])
maybe = st.none() | st.sampled_from(IDS)
rules = st.lists(
    st.builds(
        Rule, item=st.sampled_from(["", "hr_question"]), operator_id=maybe, deputy_id=maybe,
        skill=st.just("") | skills, by_load=st.booleans(),
    ), max_size=2,
)  # fmt: skip
people = st.lists(
    st.builds(
        Candidate, user_id=st.sampled_from(IDS), name=st.sampled_from("ABC"),
        open_requests=st.integers(0, 3), skills=st.frozensets(skills),
        away_until=st.none() | st.just(BACK),
    ), max_size=6, unique_by=lambda one: one.user_id,
)  # fmt: skip


@given(rules, people)
def test_never_somebody_absent_unskilled_or_without_grant(found, staff):
    choice = choose(found, staff)
    if choice.who is None:
        assert choice.why == ("nobody" if found else "no_rule")
        return
    assert choice.who in staff
    assert choice.who.away_until is None
    giving = [
        one for one in found
        if not one.skill or one.skill in choice.who.skills
        if choice.why == "load" and one.by_load
        or choice.why == "named" and one.operator_id == choice.who.user_id
        or choice.why == "deputy" and one.deputy_id == choice.who.user_id
    ]  # fmt: skip
    assert giving


@given(rules, people, st.randoms(use_true_random=False))
def test_the_same_input_is_the_same_choice_in_any_order(found, staff, chance: random.Random):
    items = {one.item: one for one in found}
    shuffled, others = list(items.values()), list(staff)
    chance.shuffle(shuffled)
    chance.shuffle(others)
    assert choose(list(items.values()), staff) == choose(shuffled, others)


@given(people)
def test_by_load_nobody_who_could_has_less(staff):
    choice = choose([Rule(by_load=True)], staff)
    able = [one for one in staff if one.away_until is None]
    assert (choice.who is None) == (not able)
    if choice.who is not None:
        assert choice.who.open_requests == min(one.open_requests for one in able)


def test_the_item_before_the_line_the_operator_before_the_deputy():
    olga, odile = Candidate(IDS[0], "Olga"), Candidate(IDS[1], "Odile")
    of_line = Rule("", operator_id=IDS[0], deputy_id=IDS[1])
    of_item = Rule("hr_question", operator_id=IDS[1])
    assert choose([of_line], [olga, odile]).who == olga
    assert choose([of_line, of_item], [olga, odile]).who == odile
    assert choose([of_line, of_item], [olga]).who == olga, (
        "the line's where the item's gives nobody"
    )
    away = Candidate(IDS[0], "Olga", away_until=BACK)
    choice = choose([of_line], [away, odile])
    assert (choice.who, choice.why, choice.passed) == (odile, "deputy", (Passed(IDS[0], "away"),))
    choice = choose([Rule("", IDS[0], IDS[1], skill="payroll")], [away])
    assert choice.passed == (Passed(IDS[0], "away"), Passed(IDS[1], "no_grant"))
    assert choose([], [olga]).why == "no_rule"
