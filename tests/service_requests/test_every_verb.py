"""Every verb from every state by every kind of person: what the table allows happens, the rest is
refused and changes nothing."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from app.service_requests.queries import get_request
from app.service_requests.transitions import (
    CLIENT_STATES,
    CLOCKS,
    ENDED,
    OPEN,
    PAUSED,
    STATES,
    TRANSITIONS,
)
from tenants.core.db import db
from tenants.core.errors import CoulisseError
from tests.factories import acting
from tests.factories.lifecycle import make_request
from tests.service_requests.verbs import ITEM, VERBS, Try, make_in, people, targets


class TakenBack(Exception):
    """Each try is undone."""


def _try(stage: Any, world: Any, made: Any, other: Any, verb: str, name: str) -> str | int:
    """The state that it brought, or the status of the refusal."""
    person, level = people(world)[name]
    outcome: list[str | int] = []
    with suppress(TakenBack), acting(stage, person.scope(world.a)):
        actor = person.actor(world.a, level=level or "work")
        row = get_request(actor=actor, number=made.number)
        second = get_request(actor=actor, number=other.number)
        before = row.state
        try:
            VERBS[verb](Try(row, actor, second))
            db.session.flush()
            outcome.append(row.state)
        except CoulisseError as error:
            assert row.state == before, (verb, before, name)
            outcome.append(error.status)
        raise TakenBack
    return outcome[0]


def test_every_verb_of_the_table_is_tried() -> None:
    assert set(VERBS) == {one.verb for one in TRANSITIONS}


def test_the_table_is_whole() -> None:
    assert set(CLOCKS) == set(STATES)
    assert set(OPEN) | set(ENDED) == set(STATES)
    assert set(CLIENT_STATES) <= set(STATES)
    assert set(PAUSED) == {"quote_needed", "waiting_client", "awaiting_approval"}
    reached = {"new"} | {one.target for one in TRANSITIONS}
    assert reached == set(STATES)
    assert {one.source for one in TRANSITIONS} == {*OPEN, "closed"}
    for one in TRANSITIONS:
        assert {one.source, one.target} <= set(STATES)
        assert one.who in ("client", "provider", "system")


@pytest.mark.parametrize("state", STATES)
def test_from_this_state(world: Any, stage: Any, state: str) -> None:
    made = make_in(stage, world, state)
    other = make_request(stage, world.a, item=ITEM)
    wrong = []
    for verb in VERBS:
        for name, (person, level) in people(world).items():
            allowed = targets(verb, state, person.actor(world.a, level=level or "work"))
            found = _try(stage, world, made, other, verb, name)
            if (found in allowed) if allowed else (found in (403, 409)):
                continue
            wrong.append((verb, name, found, allowed))
    assert not wrong
