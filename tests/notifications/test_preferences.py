"""Everybody chooses for themselves what they are told by mail; security stays on."""

from app.notifications import audiences
from tests.factories import Stage, World
from tests.notifications.mails import addresses, telling, told

PAGE = "/account/notifications"
FACTS = {"number": 12, "item": "Payment control"}


def muted(stage: Stage, person) -> list[str]:
    return list(stage.value("SELECT muted_notices FROM users WHERE id = :i", i=person.id))


def test_everything_is_on_at_first_and_each_kind_says_what_it_contains(
    world: World, sign_in_as
) -> None:
    page = sign_in_as(world.a.user).get(PAGE)

    assert page.status_code == 200
    assert page.text.count(" checked") == 5
    assert "A question to answer, a result to approve" in page.text
    assert "Always on" in page.text
    assert world.a.user.email in page.text


def test_what_is_switched_off_is_not_sent_any_more(stage: Stage, world: World, sign_in_as) -> None:
    person = world.a.people["finance_only"]
    browser = sign_in_as(person)
    answer = browser.post(PAGE, data={"conversation": "1", "outcome": "1"}, follow_redirects=True)

    assert "Your choice is kept." in answer.text
    assert answer.text.count(" checked") == 2
    assert muted(stage, person) == ["to_do", "new_requests", "access"]
    say = telling(stage, world.a, world.operator_a)
    say("request.asked", audience=audiences.people([person.id, world.a.user.id]), **FACTS)
    say("request.delivered", audience=audiences.people([person.id]), **FACTS)
    assert told(stage, world.a, "request.asked") == addresses(world.a.user)
    assert told(stage, world.a, "request.delivered") == addresses(person)


def test_security_can_not_be_switched_off_by_any_form(
    stage: Stage, world: World, sign_in_as
) -> None:
    data = {"security": "", "muted_notices": "security", "user_id": str(world.b.user.id)}
    sign_in_as(world.a.user).post(PAGE, data=data)

    assert "security" not in muted(stage, world.a.user)
    assert muted(stage, world.b.user) == []


def test_strangers_are_sent_to_the_sign_in_and_come_back(client) -> None:
    answer = client().get(PAGE)

    assert answer.status_code == 303
    assert answer.location == "/sign-in?next=/account/notifications"


def test_a_choice_is_audited(stage: Stage, world: World, sign_in_as) -> None:
    sign_in_as(world.a.user).post(PAGE, data={})

    facts = stage.value(
        "SELECT facts FROM audit_events WHERE name = 'account.notices.chosen' AND actor_id = :i",
        i=world.a.user.id,
    )
    assert "to_do" in facts
