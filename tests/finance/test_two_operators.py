"""Two people at one payment control: the later decision sees what the earlier one left."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from app.finance.queries import get_control, get_item, get_line, get_match
from app.finance.services import deciding
from app.finance.services.replacing import replace_file
from app.finance.services.reporting import request_report
from app.service_requests.queries import get_request
from app.service_requests.services.intake import Upload
from app.service_requests.services.moves import RequestMoveRefused
from app.service_requests.services.work import record_time, submit_for_review, upload_deliverable
from tenants.core import clock
from tenants.core.errors import Conflict
from tests.factories import acting
from tests.finance.control import Desk, uploads


@pytest.fixture
def desk(stage: Any, world: Any, sign_in_as: Any) -> Desk:
    return Desk(stage, world, sign_in_as).raised().started()


def _meanwhile(desk: Desk, person: Any, work: Any) -> None:
    """In a transaction of its own, committed before this answers."""

    def run() -> None:
        with acting(desk.stage, person.scope(desk.company)):
            work(_opened(desk, person))

    with ThreadPoolExecutor(1) as other:
        other.submit(run).result(timeout=20)


def _opened(desk: Desk, person: Any) -> dict[str, Any]:
    actor = person.actor(desk.company)
    return {
        "request": get_request(actor=actor, number=desk.number), "actor": actor,
        "now": clock.now(),
    }  # fmt: skip


def test_what_was_undone_meanwhile_is_not_confirmed(desk: Desk) -> None:
    """The line is spent on its item once, however the clicks fall."""
    world, one = desk.world, desk.matches("proposed")[0]

    def undo_and_spend(who: dict[str, Any]) -> None:
        control = get_control(request_id=desk.request_id)
        deciding.undo_match(**who, match=get_match(control=control, match_id=one.id))
        deciding.match_by_hand(
            **who, control=control, line=get_line(control=control, line_id=one.line_id),
            item=get_item(control=control, item_id=one.item_id),
        )  # fmt: skip

    with acting(desk.stage, world.operator_a.scope(desk.company)):
        who = _opened(desk, world.operator_a)
        control = get_control(request_id=desk.request_id)
        stale = get_match(control=control, match_id=one.id)
        _meanwhile(desk, world.operator_both, undo_and_spend)
        with pytest.raises(deciding.MatchGone):
            deciding.confirm_match(**who, match=stale)


@pytest.mark.parametrize("how", ["one", "all", "hand"])
def test_nothing_is_decided_on_files_that_are_being_replaced(desk: Desk, how: str) -> None:
    world, one = desk.world, desk.matches("proposed")[0]

    def replace(who: dict[str, Any]) -> None:
        better = uploads(seed=8)[1]
        assert replace_file(**who, upload=Upload("statement", "b.xml", "", better.content))

    with acting(desk.stage, world.operator_a.scope(desk.company)):
        who = _opened(desk, world.operator_a)
        control = get_control(request_id=desk.request_id)
        match = get_match(control=control, match_id=one.id)
        line = get_line(control=control, line_id=one.line_id)
        item = get_item(control=control, item_id=one.item_id)
        _meanwhile(desk, world.operator_both, replace)
        choices: dict[str, Callable[..., object]] = {
            "one": partial(deciding.confirm_match, match=match),
            "all": partial(deciding.confirm_all, control=control, at_least=0),
            "hand": partial(deciding.match_by_hand, control=control, line=line, item=item),
        }
        with pytest.raises(Conflict) as refused:
            choices[how](**who)
        assert refused.value.code == "not_ready"
    assert desk.matches("confirmed") == []


def test_nothing_is_decided_once_the_work_was_handed_over(desk: Desk) -> None:
    world, one = desk.world, desk.matches("proposed")[0]

    def hand_over(who: dict[str, Any]) -> None:
        upload_deliverable(**who, name="r.txt", content_type="text/plain", content=b"r", title="")
        record_time(**who, minutes=5, worked_on=who["now"].date(), activity="Checked")
        submit_for_review(**who)

    with acting(desk.stage, world.operator_a.scope(desk.company)):
        who = _opened(desk, world.operator_a)
        match = get_match(control=get_control(request_id=desk.request_id), match_id=one.id)
        _meanwhile(desk, world.operator_both, hand_over)
        with pytest.raises(RequestMoveRefused):
            deciding.confirm_match(**who, match=match)


def test_two_clicks_at_once_write_one_report(desk: Desk) -> None:
    desk.confirm_everything()
    world, first = desk.world, []

    def ask(who: dict[str, Any]) -> None:
        control = get_control(request_id=desk.request_id)
        first.append(request_report(**who, control=control))

    with acting(desk.stage, world.operator_a.scope(desk.company)):
        who = _opened(desk, world.operator_a)
        control = get_control(request_id=desk.request_id)
        _meanwhile(desk, world.operator_both, ask)
        assert [request_report(**who, control=control)] == first
