"""What is being written stays with its writer, comes back, and ends with being sent."""

from __future__ import annotations

import pytest

from tests.factories.lifecycle import ask, make_request


def guard(stage, made):
    version = stage.value("SELECT version FROM requests WHERE id = :id", id=made.id)
    return {"client": made.company.slug, "version": version}


@pytest.fixture
def made(world, stage):
    return make_request(stage, world.a, state="in_progress", operator=world.operator_a)


def keep(browser, made, kind, text, name="body"):
    page = browser.post(f"{made.url}/reply-draft?kind={kind}", data={name: text})
    assert page.status_code == 204, page.text


def test_a_draft_comes_back_to_its_writer_alone(world, stage, sign_in_as, made):
    writer = sign_in_as(world.operator_a)
    keep(writer, made, "message", "Half a sentence of Olga")
    keep(writer, made, "note", "A thought of Olga")
    keep(writer, made, "message", "A whole sentence of Olga")
    page = writer.get(made.url).text
    assert "A whole sentence of Olga" in page
    assert "A thought of Olga" in page
    assert "Half a sentence" not in page
    for other in (world.supervisor, world.a.user):
        assert "of Olga" not in sign_in_as(other).get(made.url).text


def test_sending_ends_the_draft_and_so_does_an_empty_text(world, stage, sign_in_as, made):
    writer = sign_in_as(world.operator_a)
    keep(writer, made, "message", "To be sent")
    keep(writer, made, "note", "To be thrown away")
    sent = writer.post(f"{made.url}/messages", data={**guard(stage, made), "body": "To be sent"})
    assert sent.status_code == 303
    keep(writer, made, "note", "  ")
    assert stage.value("SELECT count(*) FROM reply_drafts WHERE request_id = :r", r=made.id) == 0


def test_a_stopped_reply_keeps_its_draft_beside_what_is_newer(world, stage, sign_in_as, made):
    writer, stale = sign_in_as(world.operator_a), guard(stage, made)
    keep(writer, made, "message", "Written before")
    client = sign_in_as(world.a.user)
    client.post(f"{made.url}/messages", data={**guard(stage, made), "body": "In between"})
    stopped = writer.post(f"{made.url}/messages", data={**stale, "body": "Written before"})
    assert stopped.status_code == 409
    assert "In between" in stopped.text
    assert "Written before" in stopped.text
    assert "Written before" in writer.get(made.url).text


def test_colleagues_see_who_writes_and_the_client_does_not(world, stage, sign_in_as, made):
    writer, colleague = sign_in_as(world.operator_a), sign_in_as(world.supervisor)
    assert "is replying" not in colleague.get(f"{made.url}/presence").text
    keep(writer, made, "message", "Some words")
    said = f"{world.operator_a.name} is replying"
    assert said in colleague.get(f"{made.url}/presence").text
    assert said in colleague.get(made.url).text
    assert said not in writer.get(made.url).text
    client = sign_in_as(world.a.user)
    assert "is replying" not in client.get(made.url).text
    assert client.get(f"{made.url}/presence").status_code == 403
    stage.run("UPDATE presences SET at = at - interval '2 minutes'")
    assert said not in colleague.get(f"{made.url}/presence").text


def test_a_client_writes_a_message_later(world, stage, sign_in_as, made):
    client = sign_in_as(world.a.user)
    keep(client, made, "message", "Not finished yet")
    assert "Not finished yet" in client.get(made.url).text
    assert client.post(f"{made.url}/reply-draft?kind=note", data={"body": "x"}).status_code == 403


def test_an_answer_is_kept_for_its_own_question(world, stage, sign_in_as, made):
    question = ask(stage, made, world.operator_a)
    client = sign_in_as(world.a.user)
    keep(client, made, f"answer-{question}", "Account 4711, I think", name="answer")
    assert "Account 4711, I think" in client.get(made.url).text
    answered = client.post(
        f"{made.url}/questions/{question}/answer", data={**guard(stage, made), "answer": "4712"}
    )
    assert answered.status_code == 303
    assert stage.value("SELECT count(*) FROM reply_drafts WHERE request_id = :r", r=made.id) == 0


@pytest.mark.parametrize("kind", ["", "other", "answer-x", "message'"])
def test_unknown_kinds_and_endless_texts_are_refused(world, sign_in_as, made, kind):
    writer = sign_in_as(world.operator_a)
    assert writer.post(f"{made.url}/reply-draft", query_string={"kind": kind}).status_code == 422
    endless = {"body": "x" * 10_001}
    assert writer.post(f"{made.url}/reply-draft?kind=message", data=endless).status_code == 422
