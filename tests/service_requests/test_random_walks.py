"""Whatever people do in whatever order, the history of a request is a walk through the table."""

from __future__ import annotations

from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.service_requests.models import NEVER, RequestMove
from app.service_requests.queries import get_request, list_all
from app.service_requests.transitions import CLOCKS, ENDED, TRANSITIONS
from tenants.core.db import db
from tenants.core.errors import CoulisseError
from tenants.permissions import system_actor
from tests.effort import effort
from tests.factories import acting
from tests.factories.lifecycle import make_request, open_question
from tests.service_requests.test_every_verb import TakenBack
from tests.service_requests.verbs import ITEM, VERBS, Try, _work, people

LEGAL = {(one.verb, one.source, one.target) for one in TRANSITIONS}
STEPS = st.lists(
    st.tuples(
        st.sampled_from(sorted(VERBS)),
        st.sampled_from(["user", "approver", "operator", "reviewer", "system"]),
    ),
    min_size=5,
    max_size=30,
)


@pytest.fixture
def start(world: Any, stage: Any) -> Any:
    """A request with work done on it already, so that the walk gets far."""
    made = make_request(stage, world.a, item=ITEM, state="in_progress", operator=world.operator_a)
    _work(stage, world, made)
    open_question(stage, made, answered=True)
    stage.run("UPDATE requests SET state = 'new' WHERE id = :i", i=made.id)
    return made, make_request(stage, world.a, item=ITEM)


def _actor(world: Any, name: str) -> Any:
    if name == "system":
        return system_actor(world.a.id)
    person, level = people(world)[name]
    return person.actor(world.a, level=level or "work")


def _walk(world: Any, made: Any, other: Any, steps: list[tuple[str, str]]) -> None:
    reader = world.supervisor.actor(world.a, level="review")
    row = get_request(actor=reader, number=made.number)
    second = get_request(actor=reader, number=other.number)
    first = len(list_all(model=RequestMove, request=row))
    for verb, name in steps:
        with suppress(CoulisseError), db.session.begin_nested():
            VERBS[verb](Try(row, _actor(world, name), second))
            db.session.flush()
        _check(row)
    moves = list_all(model=RequestMove, request=row)[first:]
    walked = [one for one in moves if one.source != one.target]
    assert all((one.verb, one.source, one.target) in LEGAL for one in walked)
    assert all(before.target == after.source for before, after in pairwise(walked))
    assert not walked or (walked[0].source, walked[-1].target) == ("new", row.state)
    assert row.reopened_count == sum(one.verb == "reopen" for one in walked)


def _check(row: Any) -> None:
    """What goes with a state is there in it, and in no other."""
    assert (row.planned_for is not None) == (row.state == "planned")
    assert (row.waiting_for != "") == (row.state == "waiting_third_party")
    assert (row.merged_into is not None) == (row.state in ("merged", "duplicate"))
    assert (row.closed_at is not None) == (row.state in ENDED)
    assert row.delivered_at is not None or row.state not in ("delivered", "closed", "reopened")
    if CLOCKS[row.state] == ("stopped", "stopped"):
        assert row.breach_at == NEVER


@settings(
    max_examples=effort(25), deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(steps=STEPS)
def test_any_walk_is_legal(world: Any, stage: Any, start: Any, steps: Any) -> None:
    made, other = start
    with suppress(TakenBack), acting(stage, world.a.scope):
        _walk(world, made, other, steps)
        raise TakenBack
