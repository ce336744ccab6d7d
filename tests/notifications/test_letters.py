"""What a mail looks like from outside: parts, headers, languages, where it leads."""

from __future__ import annotations

import json
import re
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from app.auth import mails as account_mails
from app.notifications import audiences
from dev.mail_sink import MailSink
from tenants.services.invitations import Recipient
from tests.factories import Stage, World, make_member
from tests.factories.jobs import run_jobs
from tests.notifications.mails import promised, telling, told

FACTS = {"number": 12, "item": "Payment control"}


@pytest.fixture
def sink(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    started = MailSink(tmp_path / "mail")
    started.start()
    monkeypatch.setenv("SMTP_URL", f"smtp://127.0.0.1:{started.smtp_port}")
    yield started
    started.stop()


def arrived(sink: MailSink) -> list[dict[str, Any]]:
    address = f"http://127.0.0.1:{sink.http_port}/messages.json"
    with urllib.request.urlopen(address, timeout=5) as answer:
        found: list[dict[str, Any]] = json.load(answer)
    return found


def ask(stage: Stage, world: World, key: str = "1") -> None:
    telling(stage, world.a, world.operator_a)(
        "request.asked", audience=audiences.people([world.a.user.id]), about=None,
        link="requests/12#q-1", key=key, **FACTS,
    )  # fmt: skip


def test_mails_of_a_request_make_one_thread(stage: Stage, world: World, sink: MailSink) -> None:
    say = telling(stage, world.a, world.operator_a)
    about = world.a.user.id
    for event in ("request.provider_wrote", "request.delivered"):
        say(event, audience=audiences.people([world.a.user.id]), about=about, **FACTS)
    run_jobs(stage, world.a.id, name="notifications.tell")
    run_jobs(stage, world.a.id, name="outbox.deliver_mail")

    one, two = (mail["headers"] for mail in arrived(sink))
    assert one["Message-ID"] != two["Message-ID"]
    assert one["References"] == two["References"] == one["In-Reply-To"]
    assert one["References"].startswith(f"<about-{about}@")
    assert one["Auto-Submitted"] == "auto-generated"
    assert one["List-Unsubscribe"] == "<http://localhost/account/notifications>"
    assert one["Content-Type"].startswith("multipart/alternative")
    assert one["Subject"].startswith(f"[{world.a.code}-12] ")


def test_a_delivered_mail_is_not_sent_again(stage: Stage, world: World, sink: MailSink) -> None:
    ask(stage, world)
    run_jobs(stage, world.a.id, name="notifications.tell")
    run_jobs(stage, world.a.id, name="outbox.deliver_mail")
    stage.run("UPDATE jobs SET state = 'queued' WHERE tenant_id = :t", t=world.a.id)
    run_jobs(stage, world.a.id, name="notifications.tell")
    run_jobs(stage, world.a.id, name="outbox.deliver_mail")

    assert len(arrived(sink)) == 1


def test_security_mails_offer_no_switch(stage: Stage, world: World, sink: MailSink) -> None:
    telling(stage, world.a, world.a.admin)(
        "company.new_administrator",
        audience=audiences.administrators(),
        person="Ada",
        link="people",
    )
    run_jobs(stage, world.a.id, name="notifications.tell")
    run_jobs(stage, world.a.id, name="outbox.deliver_mail")

    [mail] = arrived(sink)
    assert "List-Unsubscribe" not in mail["headers"]
    assert "/account/notifications" not in mail["text"] + mail["html"]


@pytest.mark.parametrize(
    ("language", "hello"), [("fr", "Bonjour"), ("de", "Guten Tag"), ("en", "Hello")]
)
def test_the_readers_language_speaks(stage: Stage, world: World, language: str, hello: str) -> None:
    stage.run("UPDATE users SET language = :l WHERE id = :i", l=language, i=world.a.user.id)
    ask(stage, world)
    told(stage, world.a)

    [mail] = promised(stage, world.a)
    assert f"{hello} {world.a.user.name}" in mail.text
    assert f'<html lang="{language}">' in mail.html


def test_both_parts_say_the_same_and_load_nothing(stage: Stage, world: World) -> None:
    ask(stage, world)
    told(stage, world.a)

    [mail] = promised(stage, world.a)
    link = f"http://localhost/c/{world.a.slug}/requests/12#q-1"
    for part in (mail.text, mail.html):
        assert link in part
        assert world.a.name in part
        assert world.a.code in part
        assert "The work stands still until you answer." in part
        assert "Waits for me" in part
    assert not re.search(r"<(img|script|link|iframe)\b|url\(|@import", mail.html)


def test_the_clients_colour_and_what_people_are_called_can_not_break_out(
    stage: Stage, world: World
) -> None:
    stage.run("UPDATE tenants SET name = '<b>A & Sons</b>', colour = '#aa3366' WHERE id = :t",
              t=world.a.id)  # fmt: skip
    ask(stage, world)
    told(stage, world.a)

    [mail] = promised(stage, world.a)
    assert "&lt;b&gt;A &amp; Sons" in mail.html
    assert "<b>A & Sons</b>" in mail.text
    assert "background:#aa3366" in mail.html


def test_the_link_needs_a_sign_in_and_leads_there_after_it(world: World, client) -> None:
    path = f"/c/{world.a.slug}/requests/12"
    answer = client().get(path)
    assert answer.status_code == 303
    browser = client()
    person = world.a.user
    answer = browser.post(
        answer.location, data={"email": person.email, "password": "seven quiet lighthouses"}
    )
    assert answer.status_code == 303
    assert answer.location == path


def test_a_companys_name_adds_no_header(stage: Stage, world: World) -> None:
    evil = make_member(stage, world.a, key="evil")
    stage.run("UPDATE tenants SET name = E'A\\r\\nBcc: x@example.org' WHERE id = :t", t=world.a.id)
    telling(stage, world.a, world.provider_admin)(
        "grant.given", audience=audiences.account(evil.id), line="Finance"
    )
    told(stage, world.a)

    [mail] = promised(stage, world.a)
    assert "\n" not in mail.subject
    assert "\r" not in mail.subject


@pytest.mark.parametrize("language", ["fr", "de", "en"])
def test_invitations_and_resets_wear_the_same_frame(app, language: str) -> None:
    to = Recipient("Léa <b>", language, "http://x/link/1")
    with app.test_request_context("/"):
        for mail in (account_mails.reset(to), account_mails.invitation("A & B")(to)):
            assert 'role="article"' in mail.html
            assert f'<html lang="{language}">' in mail.html
            assert "http://x/link/1" in mail.text
            assert "<b>" not in mail.html
            assert "Léa <b>" in mail.text
