"""Who is told when a request is planned, rejected, cancelled, reopened, merged or split."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.service_requests.queries import get_request
from app.service_requests.services import ending, holding, linking, splitting
from tests.factories import Stage, World, acting
from tests.factories.lifecycle import Made, make_request
from tests.factories.people import now
from tests.notifications.mails import addresses, forget, promised, told


def _made(stage: Stage, world: World, state: str = "new") -> Made:
    made = make_request(stage, world.a, state=state, operator=world.operator_a,
                        reviewer=world.supervisor)  # fmt: skip
    forget(stage, world.a)
    return made


def _as(stage: Stage, world: World, person: Any, made: Made, verb: Any, **more: Any) -> None:
    with acting(stage, person.scope(world.a)):
        actor = person.actor(world.a, level="review")
        row = get_request(actor=actor, number=made.number)
        found = {name: get_request(actor=actor, number=one.number) if isinstance(one, Made) else one
                 for name, one in more.items()}  # fmt: skip
        verb(request=row, actor=actor, now=now(), **found)


def test_whoever_asked_reads_what_the_provider_decided(stage: Stage, world: World) -> None:
    asked = addresses(world.a.user)
    day = (now() + timedelta(days=5)).date()
    for event, verb, more in (
        ("request.planned", holding.plan, {"planned_for": day}),
        ("request.rejected", ending.reject, {"reason": "SECRET-WORDS"}),
        ("request.cancelled", ending.cancel_request, {"reason": "SECRET-WORDS"}),
    ):
        _as(stage, world, world.supervisor, _made(stage, world), verb, **more)
        assert told(stage, world.a, event) == asked, event
        assert "SECRET-WORDS" not in "".join(one.text for one in promised(stage, world.a))


def test_merged_and_split_requests_name_each_other(stage: Stage, world: World) -> None:
    other = _made(stage, world)
    made = _made(stage, world)
    chosen = splitting.Chosen()
    _as(stage, world, world.operator_a, made, splitting.split, title=world.a.text("SECRET-WORDS"),
        details="y", chosen=chosen)  # fmt: skip
    assert told(stage, world.a, "request.split") == addresses(world.a.user)
    _as(stage, world, world.operator_a, made, linking.merge, into=other)
    assert told(stage, world.a, "request.merged") == addresses(world.a.user)
    mails = [one for one in promised(stage, world.a) if one.verb == "notice.request.merged"]
    assert f"request {other.number}" in mails[0].text
    assert "SECRET-WORDS" not in "".join(one.text + one.html for one in promised(stage, world.a))


def test_an_objection_reaches_who_made_it(stage: Stage, world: World) -> None:
    made = _made(stage, world, "delivered")
    _as(stage, world, world.a.user, made, ending.reopen, reason="SECRET-WORDS")
    assert told(stage, world.a, "request.reopened") == addresses(world.operator_a)
    assert "SECRET-WORDS" not in "".join(one.text for one in promised(stage, world.a))


def test_waiting_holding_and_silence_tell_nobody(stage: Stage, world: World) -> None:
    made = _made(stage, world, "in_progress")
    _as(stage, world, world.operator_a, made, holding.wait_for_others, waiting_for="The bank",
        reason="a form")  # fmt: skip
    _as(stage, world, world.operator_a, made, holding.hold, reason="ours")
    _as(stage, world, world.operator_a, made, holding.resume)
    assert told(stage, world.a) == set()
