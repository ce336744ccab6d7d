import json
import smtplib
import urllib.error
import urllib.request
from email.message import EmailMessage
from pathlib import Path

import pytest

from dev.mail_sink import MailSink, html_as_text, with_links


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

    assert "&lt;b&gt;Hi" in listing
    assert "alert(1)" not in page
    assert '<a href="https://x.org"' in page
    assert policy.startswith("default-src 'none'")
    assert "sandbox" in policy


def test_another_host_name_and_unknown_mails_are_refused(sink: MailSink) -> None:
    for path, host, status in (
        ("/", "evil.example", 403),
        ("/mails/1-1", "localhost", 404),
        ("/mails/../secret", "localhost", 404),
    ):
        with pytest.raises(urllib.error.HTTPError) as refused:
            get(sink, path, host)
        assert refused.value.code == status


def test_links_end_before_punctuation_and_html_keeps_its_lines() -> None:
    assert with_links("see https://a.org/x).").endswith("</a>).")
    assert html_as_text("<style>p{}</style><p>One</p><p>Two</p>") == "One\n\nTwo"
