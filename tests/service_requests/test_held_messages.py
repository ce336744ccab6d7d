"""An operator's message waits some seconds before it leaves: until then it was never said."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO

import pytest

from app.service_requests.outgoing import services as outgoing
from app.service_requests.queries import get_request
from tenants.core.errors import Conflict
from tests.factories import acting
from tests.factories.jobs import run_jobs
from tests.factories.lifecycle import make_request
from tests.factories.people import now

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def waiting(app, monkeypatch):
    from dataclasses import replace

    settings = app.config["SETTINGS"]
    monkeypatch.setitem(app.config, "SETTINGS", replace(settings, hold_seconds=10))


@pytest.fixture
def made(world, stage):
    return make_request(stage, world.a, state="in_progress", operator=world.operator_a)


def send(browser, stage, made, body, **more):
    version = stage.value("SELECT version FROM requests WHERE id = :id", id=made.id)
    data = {"client": made.company.slug, "version": version, "body": body, **more}
    page = browser.post(f"{made.url}/messages", data=data, headers=HTMX)
    assert page.status_code == 200, page.text
    return str(page.text)


def held(page: str) -> str:
    return str(re.findall(r'name="held" value="([^"]+)"', page)[0])


def let_leave(stage, made):
    stage.run("UPDATE jobs SET run_at = now() WHERE name = 'requests.send_held'")
    run_jobs(stage, made.company.id)


def test_it_is_said_when_its_time_has_come(world, stage, sign_in_as, made, waiting):
    operator, client = sign_in_as(world.operator_a), sign_in_as(world.a.user)
    page = send(operator, stage, made, "Here you are", files=(BytesIO(b"%PDF-1.7"), "a.pdf"))
    assert "leaves in a few seconds" in page
    assert "Here you are" not in client.get(made.url).text
    assert stage.value("SELECT count(*) FROM client_messages WHERE request_id = :r", r=made.id) == 0
    let_leave(stage, made)
    seen = client.get(made.url).text
    assert "Here you are" in seen
    assert "a.pdf" in seen
    assert world.operator_a.name in seen
    assert stage.value("SELECT count(*) FROM held_messages WHERE request_id = :r", r=made.id) == 0


def test_taken_back_it_was_never_said(world, stage, sign_in_as, made, waiting):
    operator = sign_in_as(world.operator_a)
    held_id = held(send(operator, stage, made, "Too early"))
    for other in (world.supervisor, world.a.user):
        refused = sign_in_as(other).post(f"{made.url}/messages/take-back", data={"held": held_id})
        assert refused.status_code in (403, 409)
    back = operator.post(f"{made.url}/messages/take-back", data={"held": held_id}, headers=HTMX)
    assert back.status_code == 204
    let_leave(stage, made)
    assert "Too early" not in sign_in_as(world.a.user).get(made.url).text
    assert "Too early</textarea>" in operator.get(made.url).text
    told = stage.rows(
        "SELECT name FROM jobs WHERE tenant_id = :t AND args ->> 'event' = 'request.provider_wrote'",
        t=world.a.id,
    )
    assert told == []


def test_what_has_left_is_not_taken_back(world, stage, sign_in_as, made, waiting):
    operator = sign_in_as(world.operator_a)
    held_id = held(send(operator, stage, made, "On its way"))
    let_leave(stage, made)
    back = operator.post(f"{made.url}/messages/take-back", data={"held": held_id})
    assert back.status_code == 409
    assert "has left already" in back.text


def test_the_same_job_twice_says_it_once(world, stage, sign_in_as, made, waiting):
    held_id = held(send(sign_in_as(world.operator_a), stage, made, "Once"))
    for _ in range(2):
        with acting(stage, world.operator_a.scope(world.a)):
            from uuid import UUID

            outgoing.send_held(held_id=UUID(held_id), now=now() + timedelta(seconds=11))
    assert stage.value("SELECT count(*) FROM client_messages WHERE request_id = :r", r=made.id) == 1


def test_a_client_is_heard_at_once(world, stage, sign_in_as, made, waiting):
    send(sign_in_as(world.a.user), stage, made, "Good morning")
    assert "Good morning" in sign_in_as(world.operator_a).get(made.url).text


def form_of(stage, made, body):
    version = stage.value("SELECT version FROM requests WHERE id = :id", id=made.id)
    return {"client": made.company.slug, "version": version, "body": body}


def still_held(stage, made) -> int:
    return int(stage.value("SELECT count(*) FROM held_messages WHERE request_id = :r", r=made.id))


def test_of_two_replies_to_the_same_page_only_the_first_leaves(
    world, stage, sign_in_as, made, waiting
):
    """A colleague's, and one's own sent twice; the refused one is kept to be looked at again."""
    first, second = form_of(stage, made, "From Ada"), form_of(stage, made, "From Bob")
    operator, colleague = sign_in_as(world.operator_a), sign_in_as(world.operator_both)
    colleague.post(f"{made.url}/reply-draft?kind=message", data={"body": "From Bob"})
    assert operator.post(f"{made.url}/messages", data=first, headers=HTMX).status_code == 200
    again = operator.post(f"{made.url}/messages", data=first, headers=HTMX)
    stale = colleague.post(f"{made.url}/messages", data=second, headers=HTMX)
    for page, words in ((again, "From Ada"), (stale, "From Bob")):
        assert page.status_code == 409
        assert "Somebody else worked on this request" in page.text
        assert f"{words}</textarea>" in page.text
    assert still_held(stage, made) == 1
    assert "From Bob</textarea>" in colleague.get(made.url).text
    let_leave(stage, made)
    seen = sign_in_as(world.a.user).get(made.url).text
    assert seen.count("From Ada") == 1
    assert "From Bob" not in seen


def test_of_two_held_at_the_same_moment_one_is_refused(world, stage, made):
    """Both read the same version before either was written."""
    person = world.operator_a
    actor = person.actor(made.company)

    def hold_too_late():
        with acting(stage, person.scope(made.company)):
            row = get_request(actor=actor, number=made.number)
            stage.run("UPDATE requests SET version = version + 1 WHERE id = :r", r=made.id)
            outgoing.hold_message(
                request=row, actor=actor, now=now(), leaves_at=now() + timedelta(seconds=10),
                body="Late", uploads=[], expected_version=row.version,
            )  # fmt: skip

    with pytest.raises(Conflict):
        hold_too_late()
    assert still_held(stage, made) == 0


def test_of_a_request_that_ended_it_is_taken_back(world, stage, sign_in_as, made, waiting):
    operator = sign_in_as(world.operator_a)
    held_id = held(send(operator, stage, made, "Nearly there"))
    stage.run("UPDATE requests SET state = 'cancelled' WHERE id = :r", r=made.id)
    let_leave(stage, made)
    assert "did not leave, the request has ended" in operator.get(made.url).text
    back = operator.post(f"{made.url}/messages/take-back", data={"held": held_id}, headers=HTMX)
    assert back.status_code == 204
    assert still_held(stage, made) == 0
    stage.run("UPDATE requests SET state = 'reopened' WHERE id = :r", r=made.id)
    assert "Nearly there</textarea>" in operator.get(made.url).text


def test_what_missed_its_time_is_not_waited_for(world, stage, sign_in_as, made, waiting):
    """It ended meanwhile, and was opened again: nobody sends the message any more."""
    operator = sign_in_as(world.operator_a)
    page = send(operator, stage, made, "Nearly there")
    assert "load delay" in page
    stage.run("UPDATE requests SET state = 'cancelled' WHERE id = :r", r=made.id)
    let_leave(stage, made)
    stage.run("UPDATE requests SET state = 'reopened' WHERE id = :r", r=made.id)
    stage.run(
        "UPDATE held_messages SET leaves_at = now() - interval '2 minutes' WHERE request_id = :r",
        r=made.id,
    )
    page = operator.get(made.url).text
    assert "message did not leave:" in page
    assert "load delay" not in page
    assert 'name="held"' in page


def test_taken_back_it_joins_what_is_being_written(world, stage, sign_in_as, made, waiting):
    operator = sign_in_as(world.operator_a)
    held_id = held(send(operator, stage, made, "The first part"))
    operator.post(f"{made.url}/reply-draft?kind=message", data={"body": "The next one"})
    operator.post(f"{made.url}/messages/take-back", data={"held": held_id})
    assert "The first part\n\nThe next one</textarea>" in operator.get(made.url).text


def test_two_texts_too_long_for_one_are_both_kept(world, stage, sign_in_as, made, waiting):
    operator = sign_in_as(world.operator_a)
    held_id = held(send(operator, stage, made, "a" * 6000))
    operator.post(f"{made.url}/reply-draft?kind=message", data={"body": "b" * 6000})
    back = operator.post(f"{made.url}/messages/take-back", data={"held": held_id})
    assert back.status_code == 422
    assert "Shorten the reply that you are writing" in back.text
    assert still_held(stage, made) == 1
    assert "b" * 6000 in operator.get(made.url).text
