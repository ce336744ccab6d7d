"""Who follows a request is told like who raised it, while they may see it."""

from __future__ import annotations

import pytest

from tests.factories.lifecycle import make_request
from tests.factories.people import make_grant, make_member, make_staff
from tests.notifications.mails import told
from tests.service_requests.browsing import send


@pytest.fixture
def made(world, stage):
    return make_request(stage, world.a, state="in_progress", operator=world.operator_a)


def follow(stage, browser, made, person):
    return send(stage, browser, made, "watchers", user_id=str(person.id))


def test_a_colleague_follows_and_is_told(world, stage, sign_in_as, made):
    colleague = make_member(stage, world.a, key="colleague", lines=("finance",))
    client, operator = sign_in_as(world.a.user), sign_in_as(world.operator_a)
    assert follow(stage, client, made, colleague).status_code == 303
    for page in (client.get(made.url), operator.get(made.url), client.get(f"{made.url}/watchers")):
        assert colleague.name in page.text
    assert send(stage, operator, made, "messages", body="news").status_code == 303
    assert {world.a.user.email, colleague.email} <= told(stage, world.a, "request.provider_wrote")


def test_without_the_line_nobody_follows_or_is_told_any_more(world, stage, sign_in_as, made):
    other_line = make_member(stage, world.a, key="hr", lines=("hr",))
    client = sign_in_as(world.a.user)
    for person in (other_line, world.b.user, world.operator_a):
        assert follow(stage, client, made, person).status_code == 422, person.name
    colleague = make_member(stage, world.a, key="colleague", lines=("finance",))
    follow(stage, client, made, colleague)
    stage.run("UPDATE members SET lines = '{hr}' WHERE id = :i", i=colleague.member_id)
    assert colleague.name not in client.get(f"{made.url}/watchers").text.split("<select")[0]
    send(stage, sign_in_as(world.operator_a), made, "messages", body="news")
    assert colleague.email not in told(stage, world.a, "request.provider_wrote")


def test_oneself_in_and_out(world, stage, sign_in_as, made):
    browser = sign_in_as(world.a.admin)
    assert "Stop following" not in browser.get(made.url).text
    assert follow(stage, browser, made, world.a.admin).location.endswith(made.url)
    assert follow(stage, browser, made, world.a.admin).status_code == 303
    assert "Stop following" in browser.get(made.url).text
    assert send(stage, browser, made, f"watchers/{world.a.admin.id}/remove").status_code == 303
    assert "Stop following" not in browser.get(made.url).text


def test_operators_follow_for_their_own_side(world, stage, sign_in_as, made):
    second = make_staff(stage)
    make_grant(stage, world.a, second, lines=("finance",), level="read")
    elsewhere = make_staff(stage)
    make_grant(stage, world.a, elsewhere, lines=("hr",))
    operator, client = sign_in_as(world.operator_a), sign_in_as(world.a.user)
    assert follow(stage, operator, made, second).status_code == 303
    assert follow(stage, operator, made, elsewhere).status_code == 422
    assert follow(stage, operator, made, world.a.admin).status_code == 422
    send(stage, client, made, "messages", body="news")
    emails = told(stage, world.a, "request.client_wrote")
    assert {world.operator_a.email, second.email} <= emails
    assert send(stage, client, made, f"watchers/{second.id}/remove").status_code == 303
    assert second.name in client.get(f"{made.url}/watchers").text, "the other side's stay"
    stage.run("UPDATE grants SET ended_at = now() WHERE user_id = :u", u=second.id)
    assert second.name not in client.get(f"{made.url}/watchers").text


def test_another_company_finds_nothing(world, stage, sign_in_as, made):
    assert follow(stage, sign_in_as(world.b.user), made, world.b.user).status_code == 404
    only_hr = make_member(stage, world.a, key="hr", lines=("hr",))
    assert follow(stage, sign_in_as(only_hr), made, only_hr).status_code == 404
