"""What becomes of a mail: a message of its request, a new request, or something that waits."""

from __future__ import annotations

import pytest

from app.mail_in.services import landing
from app.service_requests.queries import get_request
from app.service_requests.services.conversation import add_note, send_message
from tests.factories import acting
from tests.factories.jobs import run_jobs
from tests.factories.lifecycle import ask, make_request
from tests.factories.people import now
from tests.mail_in.delivering import (
    answer_address,
    hand_over,
    intake,
    latest,
    messages,
    rows,
    send,
    signed,
)
from tests.mail_in.writing import letter
from tests.notifications.mails import promised


def write_to_client(stage, made, operator):
    with acting(stage, operator.scope(made.company)):
        actor = operator.actor(made.company)
        send_message(
            request=get_request(actor=actor, number=made.number), actor=actor, now=now(),
            body=made.company.text("How are you?"), uploads=[],
        )  # fmt: skip


@pytest.fixture
def made(world, stage):
    return make_request(stage, world.a, state="in_progress", operator=world.operator_a)


def test_an_answer_becomes_a_message_of_its_request(world, stage, client, made):
    user, to = world.a.user, answer_address(made, world.a.user)
    raw = letter(
        user.email, to, f"{world.a.text('Here it is.')}\n\nOn Monday, the 2nd, X wrote:\n> old",
        files=[("a.pdf", "application/pdf", b"%PDF-1.7"), ("b.exe", "application/x", b"MZ")],
    )  # fmt: skip
    found = send(client(), stage, world.a, raw, to)
    assert (found.state, found.proof, found.user_id) == ("landed", "reply_token", user.id)
    [message] = messages(stage, made)
    assert (message.body, message.author_side) == (world.a.text("Here it is."), "client")
    assert message.author_id == user.id
    assert message.mail["quoted"] == "On Monday, the 2nd, X wrote:\n> old"
    assert [one["name"] for one in message.mail["refused"]] == ["b.exe"]
    files = stage.rows(
        "SELECT f.name FROM request_files a JOIN files f ON f.tenant_id = a.tenant_id AND f.id = a.file_id"
        " WHERE a.tenant_id = :t AND a.message_id = :m", t=world.a.id, m=message.id,
    )  # fmt: skip
    assert [row.name for row in files] == ["a.pdf"]


def test_both_sides_read_it_with_what_was_not_taken(world, stage, client, made, sign_in_as):
    to = answer_address(made, world.a.user)
    raw = letter(
        world.a.user.email, to, "New words\n\n-----Original Message-----\nolder words",
        files=[("b.exe", "application/x", b"MZ")],
    )  # fmt: skip
    send(client(), stage, world.a, raw, to)
    for person in (world.operator_a, world.a.user):
        page = sign_in_as(person).get(made.url).text
        for words in ("New words", "older words", "b.exe", "macros are not taken", "by mail"):
            assert words in page, words
    assert stage.value(
        "SELECT count(*) FROM jobs WHERE tenant_id = :t AND args->>'event' = 'request.client_wrote'",
        t=world.a.id,
    ) == 1  # fmt: skip


def test_a_signed_mail_raises_the_lines_general_request(world, stage, client):
    user = world.a.user
    raw = signed(user, intake(world.a, "hr"), world.a.text("Two weeks in May"),
                 subject="Re: AW: Leave", files=[("p.pdf", "application/pdf", b"%PDF")])  # fmt: skip
    found = send(client(), stage, world.a, raw, intake(world.a, "hr"))
    assert (found.state, found.proof) == ("landed", "signature")
    [request] = stage.rows("SELECT * FROM requests WHERE tenant_id = :t", t=world.a.id)
    assert (request.item, request.line, request.title) == ("hr_question", "hr", "Leave")
    assert request.form["details"] == world.a.text("Two weeks in May")
    assert (request.raised_by, request.raised_side) == (user.id, "client")
    assert stage.value("SELECT count(*) FROM request_files WHERE tenant_id = :t", t=world.a.id) == 1


def test_the_sender_is_told_once_that_it_arrived(world, stage, client):
    raw = signed(world.a.user, intake(world.a), "words")
    send(client(), stage, world.a, raw, intake(world.a))
    run_jobs(stage, world.a.id, name="notifications.tell")
    told = stage.rows(
        "SELECT dedupe_key FROM outbox WHERE tenant_id = :t AND verb = 'notice.request.raised_by_mail'",
        t=world.a.id,
    )  # fmt: skip
    assert [row.dedupe_key.endswith(str(world.a.user.id)) for row in told] == [True]


def test_a_line_whose_general_item_is_withdrawn_takes_no_mail(world, stage, client, monkeypatch):
    monkeypatch.setattr(landing, "offered_items", list)
    raw = signed(world.a.user, intake(world.a), "words")
    found = send(client(), stage, world.a, raw, intake(world.a))
    assert (found.state, found.reason) == ("waiting", "no_item")


def test_without_a_line_it_is_for_administration(world, stage, client):
    to = f"{world.a.slug}@in.coulisse.example"
    assert send(client(), stage, world.a, signed(world.a.user, to), to).line == "administration"


def test_long_words_come_along_whole(world, stage, client, made):
    to = answer_address(made, world.a.user)
    send(client(), stage, world.a, letter(world.a.user.email, to, "word " * 4000), to)
    [message] = messages(stage, made)
    assert len(message.body) == 10_000
    assert stage.value(
        "SELECT size FROM files WHERE tenant_id = :t AND name = 'mail.txt'", t=world.a.id
    ) == len("word " * 4000) - 1  # fmt: skip


def test_a_message_by_mail_answers_no_question(world, stage, client, made):
    ask(stage, made, world.operator_a)
    to = answer_address(made, world.a.user)
    send(client(), stage, world.a, letter(world.a.user.email, to, "Account 7, approved!"), to)
    assert stage.value("SELECT state FROM requests WHERE id = :r", r=made.id) == "waiting_client"
    assert stage.value("SELECT count(*) FROM questions WHERE answered_at IS NULL") >= 1
    assert len(messages(stage, made)) == 1


@pytest.mark.parametrize("state", ["awaiting_approval", "delivered"])
def test_no_mail_approves_or_closes(world, stage, client, state):
    item = "payment_control" if state == "awaiting_approval" else "finance_question"
    made = make_request(stage, world.a, item=item, state=state, operator=world.operator_a,
                        reviewer=world.supervisor)  # fmt: skip
    to = answer_address(made, world.a.approver)
    send(client(), stage, world.a, letter(world.a.approver.email, to, "Approved. Close it."), to)
    assert stage.value("SELECT state FROM requests WHERE id = :r", r=made.id) == state
    assert not stage.rows("SELECT FROM approvals WHERE request_id = :r", r=made.id)
    assert [row.author_side for row in messages(stage, made)] == ["client"]


def test_an_answer_to_merged_work_goes_on_where_the_work_does(world, stage, client, made):
    other = make_request(stage, world.a)
    stage.run("UPDATE requests SET state = 'merged', merged_into = :i, closed_at = now()"
              " WHERE id = :r", i=made.id, r=other.id)  # fmt: skip
    to = answer_address(other, world.a.user)
    assert send(client(), stage, world.a, letter(world.a.user.email, to), to).state == "landed"
    assert len(messages(stage, made)) == 1


def test_the_same_mail_again_is_the_first_one(world, stage, client, made):
    to = answer_address(made, world.a.user)
    raw = letter(world.a.user.email, to, "once")
    for one in (raw, b"Received: by mx2\r\n" + raw):
        assert hand_over(client(), one, to).status_code == 200
    run_jobs(stage, world.a.id, name="mail_in.read")
    assert hand_over(client(), raw, to).status_code == 200
    assert run_jobs(stage, world.a.id, name="mail_in.read") == []
    assert len(rows(stage, world.a)) == len(messages(stage, made)) == 1


def test_a_job_that_runs_again_lands_nothing_twice(world, stage, client, made):
    to = answer_address(made, world.a.user)
    send(client(), stage, world.a, letter(world.a.user.email, to, "once"), to)
    stage.run("UPDATE jobs SET state = 'queued', lease_until = NULL WHERE name = 'mail_in.read'"
              " AND tenant_id = :t", t=world.a.id)  # fmt: skip
    assert run_jobs(stage, world.a.id, name="mail_in.read") == ["mail_in.read"]
    assert len(messages(stage, made)) == 1


def test_what_nobody_can_read_waits(world, stage, client):
    to = intake(world.a)
    body = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n"
                   for n in range(60))  # fmt: skip
    raw = f"From: {world.a.user.email}\r\n{body}".encode()
    assert send(client(), stage, world.a, raw, to).reason == "unreadable"
    assert send(client(), stage, world.a, b"", to).state == "waiting"


def test_what_kills_its_reader_waits_unread(world, stage, client, made, sign_in_as):
    to = answer_address(made, world.a.user)
    hand_over(client(), letter(world.a.user.email, to, "heavy"), to)
    stage.run("UPDATE jobs SET failures = 4 WHERE tenant_id = :t AND name = 'mail_in.read'",
              t=world.a.id)  # fmt: skip
    run_jobs(stage, world.a.id, name="mail_in.read")
    found = latest(stage, world.a)
    assert (found.state, found.reason) == ("waiting", "unreadable")
    answer = sign_in_as(world.operator_a).post(
        world.a.url(f"mail/{found.id}/message"),
        data={"client": world.a.slug, "number": str(made.number)},
    )
    assert answer.status_code == 409
    assert messages(stage, made) == []


def test_notes_stay_where_they_are(world, stage, client, made):
    """Neither what we send holds one, nor does a mail ever become one."""
    with acting(stage, world.operator_a.scope(world.a)):
        actor = world.operator_a.actor(world.a)
        add_note(
            request=get_request(actor=actor, number=made.number), actor=actor, now=now(),
            body=world.a.text("SECRET NOTE"),
        )  # fmt: skip
    write_to_client(stage, made, world.operator_a)
    to = answer_address(made, world.a.user)
    send(client(), stage, world.a, letter(world.a.user.email, to, "note: internal"), to)
    run_jobs(stage, world.a.id, name="notifications.tell")
    mails = promised(stage, world.a)
    assert mails
    assert not [one for one in mails if "SECRET NOTE" in f"{one.subject}{one.text}{one.html}"]
    assert stage.value("SELECT count(*) FROM internal_notes WHERE request_id = :r", r=made.id) == 1


def test_mails_to_the_clients_people_say_where_an_answer_goes(world, stage, client, made):
    """Staff are not the client, and what is about no request has no such address."""
    write_to_client(stage, made, world.operator_a)
    to = answer_address(made, world.a.user)
    send(client(), stage, world.a, letter(world.a.user.email, to, "answer"), to)
    run_jobs(stage, world.a.id, name="notifications.tell")
    found = {one.to: one for one in promised(stage, world.a) if "_wrote" in one.verb}
    assert found[world.a.user.email].reply_to == to
    assert "approves and accepts nothing" in found[world.a.user.email].text
    assert found[world.operator_a.email].reply_to == ""


def test_nothing_is_kept_after_thirty_days(world, stage, client, made):
    browser, to = client(), answer_address(made, world.a.user)
    landed = send(browser, stage, world.a, letter(world.a.user.email, to, "stays"), to)
    waits = send(browser, stage, world.a, letter("x@y.example", intake(world.a)), intake(world.a))
    assert (landed.state, waits.state) == ("landed", "waiting")
    stage.run("UPDATE inbound_mails SET received_at = received_at - interval '31 days'"
              " WHERE tenant_id = :t", t=world.a.id)  # fmt: skip
    stage.run("INSERT INTO jobs (tenant_id, name, queue, args) VALUES (:t, 'mail_in.prune',"
              " 'batch', '{}')", t=world.a.id)  # fmt: skip
    assert run_jobs(stage, world.a.id, name="mail_in.prune") == ["mail_in.prune"]
    [kept] = rows(stage, world.a)
    assert (kept.id, kept.words, kept.file_id) == (landed.id, "", None)
    assert not stage.rows(
        "SELECT FROM files WHERE tenant_id = :t AND name = 'mail.eml'", t=world.a.id
    )
    assert [row.body for row in messages(stage, made)] == ["stays"]
    assert latest(stage, world.a).state == "landed"
