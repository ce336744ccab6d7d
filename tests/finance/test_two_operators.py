"""Two people at one payment control: the later decision sees what the earlier one left."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from app.finance.queries import get_control, get_item, get_line, get_match
from app.finance.services import deciding
from app.finance.services.by_hand import Part
from app.finance.services.replacing import replace_file
from app.finance.services.reporting import request_report
from app.service_requests.queries import get_request
from app.service_requests.services.intake import Upload
from app.service_requests.services.moves import RequestMoveRefused, move
from app.service_requests.services.timekeeping import record_time
from app.service_requests.services.work import upload_deliverable
from tenants.core import clock
from tenants.core.errors import Conflict
from tests.factories import acting
from tests.finance.control import Desk, uploads
from tests.finance.test_learning import Work, bank, items_file


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
        # What is still proposed holds it back by the checklist: the two steps are apart here.
        move(who["request"], "submit", actor=who["actor"], now=who["now"])

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


@pytest.fixture
def work(stage: Any, world: Any) -> Work:
    """One line a few cents short of its invoice, one that nothing explains."""
    return Work(
        stage, world.a, world.operator_a,
        items_file(("X-1001", "Vert", "400,00"), ("X-1002", "Bleu", "70,00"),
                   ("X-1003", "Rouge", "30,00")),
        bank(("399.80", "Vert", "", "X-1001"), ("100.00", "Personne", "", "?"), ident="T1"),
    )  # fmt: skip


def _by_the_other(work: Work, world: Any, act: Callable[[dict[str, Any], Any], object]) -> None:
    def run() -> None:
        other = Work.__new__(Work)
        vars(other).update(vars(work), operator=world.operator_both)
        with other.acting() as (who, control):
            act(who, control)

    with ThreadPoolExecutor(1) as pool:
        pool.submit(run).result(timeout=20)


def test_several_items_by_hand_spend_nothing_twice(work: Work, world: Any) -> None:
    line, items = work.rows("statement_lines")[1], work.rows("open_items")[1:]

    def spend(who: dict[str, Any], control: Any) -> None:
        deciding.match_by_hand(
            **who, control=control, line=get_line(control=control, line_id=line.id),
            item=get_item(control=control, item_id=items[0].id), amount=6_000,
        )  # fmt: skip

    with work.acting() as (who, control):
        parts = [Part(get_item(control=control, item_id=one.id), one.amount) for one in items]
        chosen = get_line(control=control, line_id=line.id)
        _by_the_other(work, world, spend)
        with pytest.raises(Conflict):
            deciding.match_several(**who, control=control, line=chosen, parts=parts)
    assert [m.amount for m in work.live() if m.state == "confirmed"] == [6_000]


@pytest.mark.parametrize(
    ("verb", "code"), [("refuse_difference", "no_difference"), ("undo_match", "match_gone")]
)
def test_a_difference_is_refused_once(work: Work, world: Any, verb: str, code: str) -> None:
    """A second refusal would take the difference away from what is paid once more."""
    [one] = work.live()

    def first(who: dict[str, Any], control: Any) -> None:
        getattr(deciding, verb)(**who, match=get_match(control=control, match_id=one.id))

    with work.acting() as (who, control):
        stale = get_match(control=control, match_id=one.id)
        assert stale.difference == 20
        _by_the_other(work, world, first)
        with pytest.raises(Conflict) as refused:
            deciding.refuse_difference(**who, match=stale)
        assert refused.value.code == code


def test_nothing_is_proposed_again_beside_a_match_made_meanwhile(work: Work, world: Any) -> None:
    [one] = work.live()
    line = work.rows("statement_lines")[0]

    def spend(who: dict[str, Any], control: Any) -> None:
        deciding.match_by_hand(
            **who, control=control, line=get_line(control=control, line_id=line.id),
            item=get_item(control=control, item_id=one.item_id),
        )  # fmt: skip

    with work.acting() as (who, control):
        deciding.undo_match(**who, match=get_match(control=control, match_id=one.id))
    with work.acting() as (who, control):
        free = get_line(control=control, line_id=line.id)
        _by_the_other(work, world, spend)
        with pytest.raises(Conflict) as refused:
            deciding.propose_again(**who, line=free)
        assert refused.value.code == "has_match"
    assert [m.rule for m in work.live()] == ["by_hand"]
