"""“Give me the next one”: what is missed first, never the same to two people."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from app.desk.services.next_one import take_if_free
from tests.factories import acting
from tests.factories.assignment import give_skills, make_rule
from tests.factories.lifecycle import make_request
from tests.factories.people import now


def holders(stage, *made):
    return [stage.value("SELECT assignee_id FROM requests WHERE id = :r", r=one.id) for one in made]


def due(stage, made, hours):
    stage.run("UPDATE requests SET breach_at = now() + make_interval(hours => :h) WHERE id = :r",
              h=hours, r=made.id)  # fmt: skip


def test_the_one_that_is_missed_first_over_all_clients(world, stage, sign_in_as):
    late, early = make_request(stage, world.a), make_request(stage, world.b)
    due(stage, late, 9)
    due(stage, early, 2)
    browser = sign_in_as(world.operator_both)
    answer = browser.post("/desk/next")
    assert answer.status_code == 303
    assert answer.location.endswith(f"open={world.b.slug}/{early.number}")
    assert holders(stage, early, late) == [world.operator_both.id, None]
    assert browser.post("/desk/next").location.endswith(f"open={world.a.slug}/{late.number}")
    last = browser.post("/desk/next", follow_redirects=True)
    assert "Nothing waits that you could take." in last.text


def test_only_what_one_may_work_on_and_can_do(world, stage, sign_in_as):
    make_request(stage, world.b)
    made = make_request(stage, world.a)
    give_skills(stage, world.operator_both, "payroll")
    make_rule(stage, world.a, by_load=True, skill="payroll")
    browser = sign_in_as(world.operator_a)
    assert "open=" not in browser.post("/desk/next").location
    give_skills(stage, world.operator_a, "payroll")
    assert "open=" in browser.post("/desk/next").location
    assert holders(stage, made) == [world.operator_a.id]
    assert "open=" not in sign_in_as(world.operator_none).post("/desk/next").location


def test_two_at_once_never_get_the_same(world, stage):
    made = make_request(stage, world.a)

    def take(person):
        with acting(stage, person.scope(world.a)):
            return take_if_free(request_id=made.id, actor=person.actor(world.a), now=now())

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(take, [world.operator_a, world.operator_both]))
    assert sorted(found) == [False, True]
    assert holders(stage, made) == [(world.operator_a, world.operator_both)[found.index(True)].id]
