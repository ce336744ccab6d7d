"""What operators make of mails that wait, and what a company's administrator sees of them."""

from __future__ import annotations

import re

import pytest

from tests.factories import make_grant, make_staff
from tests.factories.lifecycle import make_request
from tests.factories.mails import block_sender, make_mail
from tests.mail_in.delivering import intake, messages, rows, send, signed


@pytest.fixture
def made(world, stage):
    return make_request(stage, world.a, state="in_progress", operator=world.operator_a)


def post(browser, world, mail_id, verb, **fields):
    return browser.post(
        world.a.url(f"mail/{mail_id}/{verb}"), data={"client": world.a.slug, **fields}
    )


def test_a_mail_is_shown_as_words_and_nothing_else(world, stage, sign_in_as):
    html = '<p>pay <b>now</b></p><img src="https://tracker.example/x"><script>alert(1)</script>'
    mail_id = make_mail(stage, world.a, text="", html=html, files=[("a.exe", "x/y", b"MZ")])
    page = sign_in_as(world.operator_a).get(world.a.url(f"mail/{mail_id}")).text
    words = re.search(r'class="mail-words">(.*?)</div>', page, re.DOTALL)
    assert words is not None
    assert words[1].strip() == "pay now"
    assert "tracker.example" not in page
    assert "alert(1)" not in page
    assert "Nobody of this company has the sender" in page
    assert "macros are not taken" in page


def test_it_is_taken_as_a_message_of_the_client(world, stage, sign_in_as, made):
    mail_id = make_mail(
        stage, world.a, sender=world.a.user.email, text=world.a.text("the words"),
        files=[("a.pdf", "application/pdf", b"%PDF"), ("b.exe", "x/y", b"MZ")],
    )  # fmt: skip
    browser = sign_in_as(world.operator_a)
    answer = post(browser, world, mail_id, "message", number=f"#{made.number}")
    assert answer.headers["Location"] == made.url
    [message] = messages(stage, made)
    assert (message.author_side, message.author_id) == ("client", world.a.user.id)
    assert message.mail["accepted_by"] == world.operator_a.name
    page = browser.get(made.url).text
    for words in ("the words", "a.pdf", f"accepted by {world.operator_a.name}", "b.exe"):
        assert words in page
    assert not stage.rows("SELECT FROM internal_notes WHERE request_id = :r", r=made.id)
    assert rows(stage, world.a)[0].state == "accepted"
    audit = stage.rows(
        "SELECT actor_id, facts FROM audit_events WHERE tenant_id = :t AND name = 'mail_in.mail.accepted'",
        t=world.a.id,
    )  # fmt: skip
    assert [row.actor_id for row in audit] == [world.operator_a.id]


def test_a_strangers_words_get_no_person(world, stage, sign_in_as, made):
    mail_id = make_mail(stage, world.a)
    post(sign_in_as(world.operator_a), world, mail_id, "message", number=str(made.number))
    [message] = messages(stage, made)
    assert message.author_id is None
    assert "elsewhere.example" in message.author_name


def test_it_is_raised_on_the_clients_behalf(world, stage, sign_in_as):
    mail_id = make_mail(stage, world.a, sender=world.a.user.email, subject="Fwd: Parcel",
                        text=world.a.text("please send"))  # fmt: skip
    answer = post(sign_in_as(world.operator_a), world, mail_id, "request", line="logistics")
    assert answer.status_code == 303
    [request] = stage.rows("SELECT * FROM requests WHERE tenant_id = :t", t=world.a.id)
    assert (request.item, request.title) == ("logistics_question", "Parcel")
    assert (request.raised_by, request.requester_id) == (world.operator_a.id, world.a.user.id)


def test_it_is_discarded_and_its_sender_blocked(world, stage, sign_in_as, client):
    browser = sign_in_as(world.operator_a)
    mail_id = make_mail(stage, world.a, sender=world.a.user.email)
    answer = post(browser, world, mail_id, "discard", words="Not from them", block="1")
    assert answer.status_code == 303
    again = send(
        client(), stage, world.a, signed(world.a.user, intake(world.a), "anew"), intake(world.a)
    )
    assert (again.state, again.reason) == ("discarded", "blocked")
    page = browser.get(world.a.url("mail?view=discarded")).text
    assert "Not from them" in page
    [blocked] = stage.rows("SELECT id FROM blocked_senders WHERE tenant_id = :t", t=world.a.id)
    path = world.a.url(f"mail/blocked/{blocked.id}/allow")
    assert browser.post(path, data={"client": world.a.slug}).status_code == 303
    third = send(
        client(), stage, world.a, signed(world.a.user, intake(world.a), "3"), intake(world.a)
    )
    assert third.state == "landed"


def test_the_second_of_two_operators_is_told(world, stage, sign_in_as, made):
    mail_id = make_mail(stage, world.a)
    post(sign_in_as(world.operator_a), world, mail_id, "message", number=str(made.number))
    other = sign_in_as(world.operator_both)
    for verb, fields in (("message", {"number": str(made.number)}), ("request", {"line": "hr"}),
                         ("discard", {"words": "no"})):  # fmt: skip
        answer = post(other, world, mail_id, verb, **fields)
        assert answer.status_code == 409
    assert len(messages(stage, made)) == 1


@pytest.mark.parametrize(
    ("verb", "fields", "words"),
    [
        ("message", {"number": "12x"}, "Please choose"),
        ("message", {"number": "999999"}, "There is no such request"),
        ("request", {"line": "nothing"}, "Must be one of"),
        ("discard", {"words": " "}, "discard"),
    ],
)
def test_refusals_stand_at_their_field(world, stage, sign_in_as, made, verb, fields, words):
    mail_id = make_mail(stage, world.a)
    answer = post(sign_in_as(world.operator_a), world, mail_id, verb, **fields)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert rows(stage, world.a)[0].state == "waiting"


def test_another_clients_request_is_not_found(world, stage, sign_in_as):
    other = [make_request(stage, world.b) for _ in range(3)][-1]
    mail_id = make_mail(stage, world.a)
    answer = post(
        sign_in_as(world.operator_both), world, mail_id, "message", number=str(other.number)
    )
    assert answer.status_code == 422
    assert messages(stage, other) == []


def test_a_form_made_for_another_client_is_refused(world, stage, sign_in_as, made):
    mail_id = make_mail(stage, world.a)
    browser = sign_in_as(world.operator_both)
    answer = browser.post(
        world.a.url(f"mail/{mail_id}/message"),
        data={"client": world.b.slug, "number": str(made.number)},
    )
    assert answer.status_code == 409
    assert messages(stage, made) == []


def test_only_the_lines_operators_see_it(world, stage, sign_in_as, made):
    hr = make_staff(stage, name="Hilde")
    make_grant(stage, world.a, hr, lines=("hr",))
    mail_id = make_mail(stage, world.a, line="finance")
    browser = sign_in_as(hr)
    assert "words of the mail" not in browser.get(world.a.url("mail")).text
    assert browser.get(world.a.url(f"mail/{mail_id}")).status_code == 404
    assert post(browser, world, mail_id, "discard", words="x").status_code == 404
    assert str(mail_id) not in browser.get("/desk/mail").text


def test_who_may_only_read_decides_on_nothing(world, stage, sign_in_as):
    reader = make_staff(stage, name="Rita")
    make_grant(stage, world.a, reader, level="read")
    mail_id = make_mail(stage, world.a)
    browser = sign_in_as(reader)
    assert browser.get(world.a.url("mail")).status_code == 403
    assert post(browser, world, mail_id, "discard", words="x").status_code == 403
    assert str(mail_id) not in browser.get("/desk/mail").text


def test_the_desk_counts_and_lists_what_waits(world, stage, sign_in_as):
    mine, other = make_mail(stage, world.a), make_mail(stage, world.b)
    browser = sign_in_as(world.operator_a)
    page = browser.get("/desk/mail").text
    assert str(mine) in page
    assert str(other) not in page
    assert world.b.canary not in page
    assert re.search(r"Mails in quarantine.{0,200}?1", browser.get("/desk").text, re.DOTALL)
    both = sign_in_as(world.operator_both).get("/desk/mail").text
    assert str(mine) in both
    assert str(other) in both


def test_the_administrator_sees_addresses_and_what_was_held_back(world, stage, sign_in_as, made):
    mail_id = make_mail(stage, world.a, subject=world.a.text("Offer"))
    make_mail(stage, world.b, subject=world.b.text("Offer"))
    browser = sign_in_as(world.a.admin)
    page = browser.get(world.a.url("mail/addresses")).text
    assert f"{world.a.slug}@in.coulisse.example" in page
    assert f"{world.a.slug}+hr@in.coulisse.example" in page
    assert world.a.text("Offer") in page
    assert world.b.canary not in page
    assert "words of the mail" not in page
    assert browser.get(world.a.url(f"mail/{mail_id}")).status_code == 403
    assert sign_in_as(world.a.user).get(world.a.url("mail/addresses")).status_code == 403


def test_a_blocked_sender_of_one_company_writes_to_another(world, stage, client):
    block_sender(stage, world.a, world.b.user.email)
    found = send(client(), stage, world.b, signed(world.b.user, intake(world.b)), intake(world.b))
    assert found.state == "landed"


def test_the_original_is_handed_out_as_it_came_and_noted(world, stage, sign_in_as):
    mail_id = make_mail(stage, world.a, text=world.a.text("look closer"))
    browser = sign_in_as(world.operator_a)
    assert "Download the original" in browser.get(world.a.url(f"mail/{mail_id}")).text
    answer = post(browser, world, mail_id, "original")
    assert answer.status_code == 200
    assert b"look closer" in answer.data
    assert answer.headers["Content-Disposition"] == f"attachment; filename=mail-{mail_id}.eml"
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert stage.rows(
        "SELECT FROM audit_events WHERE tenant_id = :t AND name = 'mail_in.mail.downloaded'"
        " AND object_id = :m AND actor_id = :a", t=world.a.id, m=mail_id, a=world.operator_a.id,
    )  # fmt: skip


def test_nobody_else_gets_the_original(world, stage, sign_in_as):
    mail_id, foreign = make_mail(stage, world.a), make_mail(stage, world.b)
    browser = sign_in_as(world.operator_a)
    assert post(browser, world, foreign, "original").status_code == 404
    other_line = make_staff(stage)
    make_grant(stage, world.a, other_line, lines=("legal",))
    assert post(sign_in_as(other_line), world, mail_id, "original").status_code == 404
    reader = make_staff(stage)
    make_grant(stage, world.a, reader, level="read")
    assert post(sign_in_as(reader), world, mail_id, "original").status_code == 403
    assert post(sign_in_as(world.a.user), world, mail_id, "original").status_code in (403, 404)
    wrong = browser.post(world.a.url(f"mail/{mail_id}/original"), data={"client": world.b.slug})
    assert wrong.status_code == 409


def test_an_original_that_is_not_kept_any_more_says_so(world, stage, sign_in_as):
    mail_id = make_mail(stage, world.a)
    stage.run("UPDATE inbound_mails SET file_id = NULL WHERE id = :i", i=mail_id)
    browser = sign_in_as(world.operator_a)
    assert "Download the original" not in browser.get(world.a.url(f"mail/{mail_id}")).text
    answer = post(browser, world, mail_id, "original")
    assert answer.status_code == 404
    assert "after 30 days" in answer.text
