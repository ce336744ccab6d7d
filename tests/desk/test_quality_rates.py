"""Supervisors set how much is checked; nobody their own, and nothing of what is always checked."""

from __future__ import annotations

import pytest

from tests.factories.people import make_staff
from tests.service_requests.browsing import send
from tests.service_requests.checking.kit import ALWAYS, SAMPLED, draws, ready


@pytest.fixture(autouse=True)
def no_rates(stage):
    stage.run("DELETE FROM review_rates")
    yield
    stage.run("DELETE FROM review_rates")


def _set(browser, **more):
    form = {"item": SAMPLED, "operator": "", "rate": "100", "reason": "New colleagues", **more}
    return browser.post("/desk/quality/rates", data=form)


def _rates(stage):
    return stage.rows("SELECT * FROM review_rates ORDER BY user_id NULLS FIRST")


def test_a_rate_holds_from_the_next_hand_over_on(world, stage, sign_in_as):
    supervisor = sign_in_as(world.supervisor)
    assert _set(supervisor).status_code == 303
    assert _set(supervisor, operator=str(world.operator_a.id), rate="0").status_code == 303
    page = supervisor.get("/desk/quality/rates").text
    assert "New colleagues" in page
    assert world.operator_a.name in page
    for operator, because, drawn in (
        (world.operator_both, "item", True), (world.operator_a, "operator", False),
    ):  # fmt: skip
        made = ready(stage, world.a, operator)
        assert send(stage, sign_in_as(operator), made, "deliver").status_code == 303
        [found] = draws(stage, made)
        assert (found.because, found.drawn) == (because, drawn)


def test_a_later_rate_stands_instead_and_can_be_taken_back(world, stage, sign_in_as):
    supervisor = sign_in_as(world.supervisor)
    assert _set(supervisor, rate="50").status_code == 303
    assert _set(supervisor, rate="70", reason="Better again").status_code == 303
    [row] = _rates(stage)
    assert (row.rate, row.reason) == (70, "Better again")
    assert supervisor.post(f"/desk/quality/rates/{row.id}/take-back").status_code == 303
    assert not _rates(stage)
    assert supervisor.post(f"/desk/quality/rates/{row.id}/take-back").status_code == 404
    names = stage.rows(
        "SELECT name FROM audit_events WHERE object_id = :i ORDER BY at, id", i=row.id
    )
    assert [one.name.rpartition(".")[2] for one in names] == ["set", "set", "taken_back"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"item": ALWAYS}, "no rate lowers that"),
        ({"item": "nothing"}, "Choose a kind of work."),
        ({"item": ""}, "aria-invalid"),
        ({"rate": "101"}, "aria-invalid"),
        ({"rate": "-1"}, "aria-invalid"),
        ({"rate": "many"}, "aria-invalid"),
        ({"reason": " "}, "aria-invalid"),
        ({"operator": "somebody"}, "aria-invalid"),
        ({"operator": "01a20391-111d-7f87-8740-cab6bff0bef7"}, "Choose one of our operators."),
    ],
)
def test_what_is_refused_says_why(world, stage, sign_in_as, wrong, said):
    answer = _set(sign_in_as(world.supervisor), **wrong)
    assert answer.status_code in (409, 422)
    assert said in answer.text
    assert not _rates(stage)


def test_nobody_sets_or_takes_back_their_own(world, stage, sign_in_as):
    other = make_staff(stage, role="supervisor", name="Sina")
    own = _set(sign_in_as(world.supervisor), operator=str(world.supervisor.id))
    assert own.status_code == 403
    assert "another supervisor decides" in own.text
    assert _set(sign_in_as(other), operator=str(world.supervisor.id)).status_code == 303
    [row] = _rates(stage)
    address = f"/desk/quality/rates/{row.id}/take-back"
    assert sign_in_as(world.supervisor).post(address).status_code == 403
    assert sign_in_as(world.operator_a).post(address).status_code == 403
    assert _set(sign_in_as(world.operator_a)).status_code == 403
    assert _set(sign_in_as(world.provider_admin)).status_code == 403
    assert len(_rates(stage)) == 1
