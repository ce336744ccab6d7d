"""A sent invoice over a real mail server: the file that counts arrives to the last byte, once."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from app.finance.einvoicing.container import extract
from dev.mail_sink import MailSink
from tests.factories.jobs import run_jobs
from tests.factories.sales_invoices import SELLER, make_invoice, set_up

TO = "achats@vert.example"


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailSink]:
    started = MailSink(tmp_path / "mail")
    started.start()
    monkeypatch.setenv("SMTP_URL", f"smtp://127.0.0.1:{started.smtp_port}")
    yield started
    started.stop()


def test_the_file_arrives_as_it_was_issued(
    stage: Any, world: Any, sign_in_as: Any, server: MailSink
) -> None:
    a = world.a
    set_up(stage, a, world.operator_a)
    made = make_invoice(stage, a, world.operator_a)
    run_jobs(stage, a.id)
    browser, here = sign_in_as(world.operator_a), a.url(f"sales-invoices/{made}")
    assert browser.post(f"{here}/send", data={"client": a.slug, "to": TO}).status_code == 303
    run_jobs(stage, a.id)
    [path] = server.box.folder.glob("*.eml")
    mail = message_from_bytes(path.read_bytes(), policy=default)
    assert (mail["X-Envelope-To"], mail["To"], mail["Reply-To"]) == (TO, TO, SELLER["email"])
    assert str(mail["From"]).startswith(SELLER["name"])
    [attached] = mail.iter_attachments()
    content: Any = attached.get_payload(decode=True)
    assert content == browser.get(f"{here}/file").data
    assert extract(content)
    assert attached.get_content_type() == "application/pdf"
    assert (attached.get_filename() or "").endswith("-0001.pdf")
    assert stage.value("SELECT state FROM outbox WHERE tenant_id = :t", t=a.id) == "done"
    assert browser.get(f"{here}").text.count("Not delivered") == 0


def test_a_server_that_is_away_is_asked_again(
    stage: Any, world: Any, sign_in_as: Any, server: MailSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    a = world.a
    set_up(stage, a, world.operator_a)
    made = make_invoice(stage, a, world.operator_a)
    run_jobs(stage, a.id)
    browser, here = sign_in_as(world.operator_a), a.url(f"sales-invoices/{made}")
    with monkeypatch.context() as away:
        away.setenv("SMTP_URL", "smtp://127.0.0.1:9")
        browser.post(f"{here}/send", data={"client": a.slug, "to": TO})
        run_jobs(stage, a.id)
    assert list(server.box.folder.glob("*.eml")) == []
    stage.run(
        "UPDATE jobs SET state = 'queued', run_at = now()"
        " WHERE tenant_id = :t AND name = 'outbox.deliver_mail'", t=a.id,
    )  # fmt: skip
    run_jobs(stage, a.id)
    assert len(list(server.box.folder.glob("*.eml"))) == 1
    assert stage.value("SELECT state FROM outbox WHERE tenant_id = :t", t=a.id) == "done"
