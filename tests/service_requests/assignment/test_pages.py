"""Who does what at a client: written by those who review, read by operators, never by the client."""

from __future__ import annotations

from tests.factories.assignment import give_skills, make_absence, make_rule
from tests.service_requests.assignment.test_giving import holder, raised


def form(company, **more):
    return {"client": company.slug, "version": "0", **more}


def test_a_rule_is_written_counts_and_is_removed(world, stage, sign_in_as):
    browser, url = sign_in_as(world.supervisor), world.a.url("assignment")
    sent = form(world.a, operator=world.operator_a.id, deputy=world.operator_both.id)
    assert browser.post(f"{url}/finance", data=sent).status_code == 303
    assert holder(stage, raised(stage, world.a)) == "Olga"
    make_absence(stage, world.operator_a)
    page = sign_in_as(world.operator_both).get(url).text
    assert world.operator_a.name in page
    assert "Away, back on" in page
    assert browser.post(f"{url}/finance", data=sent).status_code == 409, "made from an older one"
    assert browser.post(f"{url}/finance/remove", data={"client": world.a.slug}).status_code == 303
    assert browser.post(f"{url}/finance/remove", data={"client": world.a.slug}).status_code == 404
    assert holder(stage, raised(stage, world.a)) == ""


def test_only_those_who_may_work_there_are_named(world, sign_in_as):
    browser, url = sign_in_as(world.supervisor), world.a.url("assignment/finance")
    for wrong, says in (
        ({"operator": world.operator_b.id}, "operator"),
        ({"deputy": world.operator_a.id}, "choose the operator first"),
        ({"operator": world.operator_a.id, "deputy": world.operator_a.id}, "somebody else"),
        ({}, "Choose an operator, or by load"),
        ({"by_load": "1", "skill": "juggling"}, "skill"),
    ):
        page = browser.post(url, data=form(world.a, **wrong))
        assert page.status_code == 422, wrong
        assert says in page.text


def test_skills_that_colleagues_have_are_offered(world, stage, sign_in_as):
    give_skills(stage, world.operator_a, "payroll")
    give_skills(stage, world.operator_b, "juggling")
    page = sign_in_as(world.supervisor).get(world.a.url("assignment/hr")).text
    assert "payroll" in page
    assert "juggling" not in page, "nobody of this client's has it"


def test_operators_read_and_clients_do_not(world, stage, sign_in_as):
    make_rule(stage, world.a, operator=world.operator_a)
    operator, url = sign_in_as(world.operator_both), world.a.url("assignment")
    assert world.operator_a.name in operator.get(url).text
    assert operator.get(f"{url}/finance").status_code == 403
    assert operator.post(f"{url}/finance", data=form(world.a, by_load="1")).status_code == 403
    assert sign_in_as(world.a.admin).get(url).status_code == 403
    assert sign_in_as(world.operator_b).get(url).status_code == 404
