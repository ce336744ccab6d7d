import json
import smtplib
import urllib.error
import urllib.request
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from urllib.parse import urlencode

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP

from dev.mail_pages import with_links
from dev.mail_sink import MailSink
from dev.mail_writing import Receiver
from dev.processes import free_port


@pytest.fixture
def sink(tmp_path: Path):
    started = MailSink(tmp_path / "mail")
    started.start()
    yield started
    started.stop()


def send(sink: MailSink, subject: str, body: str = "Guten Tag", html: str = "") -> None:
    message = EmailMessage()
    message["From"] = "desk@example.org"
    message["To"] = "Jana <jana@example.org>"
    message["Subject"] = subject
    message.set_content(body)
    if html:
        message.add_alternative(html, subtype="html")
    with smtplib.SMTP("127.0.0.1", sink.smtp_port) as smtp:
        smtp.send_message(message)


def get(sink: MailSink, path: str, host: str = "127.0.0.1") -> tuple[str, str]:
    address = f"http://127.0.0.1:{sink.http_port}{path}"
    asked = urllib.request.Request(address, headers={"Host": host})
    with urllib.request.urlopen(asked, timeout=5) as answer:
        return answer.read().decode(), answer.headers["Content-Security-Policy"]


def test_mails_are_kept_and_listed_newest_first(sink: MailSink) -> None:
    send(sink, "Première facture")
    send(sink, "Zweite Rechnung", body="Öffnen: https://example.org/a?b=1&c=2.")

    listed = json.loads(get(sink, "/messages.json")[0])

    assert [mail["subject"] for mail in listed] == ["Zweite Rechnung", "Première facture"]
    assert listed[0]["to"] == ["jana@example.org"]
    assert listed[0]["text"].strip() == "Öffnen: https://example.org/a?b=1&c=2."
    assert len(list(sink.box.folder.glob("*.eml"))) == 2


def test_a_mail_is_shown_without_running_it(sink: MailSink) -> None:
    send(
        sink, "<b>Hi</b>", html="<script>alert(1)</script><p>Go <a href='https://x.org'>on</a></p>"
    )
    listing, _ = get(sink, "/")
    mail = json.loads(get(sink, "/messages.json")[0])[0]

    page, policy = get(sink, f"/mails/{mail['id']}")
    part, part_policy = get(sink, f"/mails/{mail['id']}/html")

    assert "&lt;b&gt;Hi" in listing
    assert "alert(1)" not in page
    assert f'<iframe title="&lt;b&gt;Hi&lt;/b&gt;" src="/mails/{mail["id"]}/html" sandbox=' in page
    assert "<a href='https://x.org'>" in part
    for one in (policy, part_policy):
        assert one.startswith("default-src 'none'")
        assert "sandbox" in one
        assert "allow-scripts" not in one
    assert "allow-same-origin" not in part_policy


def test_mails_are_found_by_recipient_and_subject(sink: MailSink) -> None:
    send(sink, "Première facture")
    send(sink, "Zweite Rechnung")

    found, _ = get(sink, "/?to=RECHNUNG")
    assert "Zweite" in found
    assert "Première" not in found
    assert "2 in all" in get(sink, "/?to=")[0]
    assert "2 of 2" in get(sink, "/?to=jana%40example.org")[0]
    assert "No mail to or about “&lt;i&gt;”" in get(sink, "/?to=%3Ci%3E")[0]


def test_headers_are_shown(sink: MailSink) -> None:
    send(sink, "Hi")
    mail = json.loads(get(sink, "/messages.json")[0])[0]

    assert mail["headers"]["To"] == "Jana <jana@example.org>"
    assert "<dt>Content-Type</dt>" in get(sink, f"/mails/{mail['id']}")[0]


def test_another_host_name_and_unknown_mails_are_refused(sink: MailSink) -> None:
    for path, host, status in (
        ("/", "evil.example", 403),
        ("/mails/1-1", "localhost", 404),
        ("/mails/../secret", "localhost", 404),
        ("/mails/1-1/html", "localhost", 404),
    ):
        with pytest.raises(urllib.error.HTTPError) as refused:
            get(sink, path, host)
        assert refused.value.code == status


def test_links_end_before_punctuation() -> None:
    assert with_links("see https://a.org/x).").endswith("</a>).")


class Kept:
    """Stands for the product's receiver."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if not address.startswith("reply+"):
            return "550 nobody has this address"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        return "250 kept"


class LmtpController(Controller):
    def factory(self) -> LMTP:
        return LMTP(self.handler)


@pytest.fixture
def receiver(tmp_path: Path):
    kept, port = Kept(), free_port(near=8900, taken=set())
    controller = LmtpController(kept, hostname="127.0.0.1", port=port)
    controller.start()
    sink = MailSink(tmp_path / "mail", receiver=Receiver(port, "mx.example.org"))
    sink.start()
    yield sink, kept
    sink.stop()
    controller.stop()


def write(sink: MailSink, *, site: str = "same-origin", **fields: str) -> str:
    asked = urllib.request.Request(
        f"http://127.0.0.1:{sink.http_port}/write", data=urlencode(fields).encode(),
        headers={"Sec-Fetch-Site": site},
    )  # fmt: skip
    with urllib.request.urlopen(asked, timeout=30) as answer:
        found: str = answer.read().decode()
        return found


def test_a_mail_is_answered_as_a_mail_server_would(receiver) -> None:
    sink, kept = receiver
    message = EmailMessage()
    message["From"], message["To"] = "desk@example.org", "jana@example.org"
    message["Subject"], message["Reply-To"] = "A question", "reply+abc@in.example.org"
    message.set_content("How are you?")
    with smtplib.SMTP("127.0.0.1", sink.smtp_port) as smtp:
        smtp.send_message(message)
    mail = json.loads(get(sink, "/messages.json")[0])[0]
    assert f'href="/write?answer={mail["id"]}"' in get(sink, f"/mails/{mail['id']}")[0]
    form = get(sink, f"/write?answer={mail['id']}")[0]
    assert 'value="reply+abc@in.example.org"' in form
    said = write(sink, sender="jana@example.org", to="reply+abc@in.example.org", subject="Re: é",
                 words="Fine.\n" + "long " * 400, signed="1")  # fmt: skip
    assert "Handed over." in said
    [found] = kept.mails
    assert found["Authentication-Results"] == "mx.example.org; dkim=pass header.d=example.org"
    assert "Fine." in found.get_content()
    assert "Refused" in write(sink, sender="jana@example.org", to="nobody@in.example.org")


def test_no_page_elsewhere_writes_a_mail(receiver) -> None:
    sink, kept = receiver
    with pytest.raises(urllib.error.HTTPError):
        write(sink, site="cross-site", sender="jana@example.org", to="reply+abc@in.example.org")
    assert kept.mails == []
