"""Mails on their way in, through the hook as a mail server calls it, and what became of them."""

from __future__ import annotations

import os
import time
from typing import Any

from flask.testing import FlaskClient

from app.mail_in.signing import signature
from app.notifications.reply_addresses import reply_address
from tests.factories import Stage
from tests.factories.jobs import run_jobs
from tests.factories.lifecycle import Made
from tests.factories.people import Company, Person
from tests.mail_in.writing import letter

DOMAIN = "in.coulisse.example"


def hand_over(
    browser: FlaskClient, raw: bytes, to: str, *, sender: str = "someone@sender.example",
    secret: str | None = None, at: int | None = None, **changes: Any,
) -> Any:  # fmt: skip
    stamp = str(at if at is not None else int(time.time()))
    signed = signature(
        secret or os.environ["MAIL_IN_HOOK_SECRET"], timestamp=stamp, mail_from=sender,
        rcpt_to=to, raw=raw,
    )  # fmt: skip
    headers = {
        "X-Mail-From": sender, "X-Rcpt-To": to, "X-Coulisse-Timestamp": stamp,
        "X-Coulisse-Signature": signed, "Content-Type": "message/rfc822",
    } | changes  # fmt: skip
    return browser.post("/hooks/mail", data=raw, headers=headers)


def intake(company: Company, line: str = "finance") -> str:
    return f"{company.slug}+{line}@{DOMAIN}"


def answer_address(made: Made, person: Person, **changes: Any) -> str:
    """As it stands in the mails to this person about this request."""
    known: dict[str, Any] = {
        "code": made.company.code, "number": made.number, "tenant_id": made.company.id,
        "request_id": made.id, "user_id": person.id, "domain": DOMAIN,
    }  # fmt: skip
    return reply_address(**known | changes)


def signed(person: Person, to: str, text: str = "Hello", **more: Any) -> bytes:
    """A mail of this person that their own domain signed."""
    return letter(person.email, to, text, signed=person.email.partition("@")[2], **more)


def send(
    browser: FlaskClient, stage: Stage, company: Company, raw: bytes, to: str, **more: Any
) -> Any:
    """Handed over and read: its row."""
    answer = hand_over(browser, raw, to, **more)
    assert answer.status_code == 200, answer.status
    run_jobs(stage, company.id, name="mail_in.read")
    return latest(stage, company)


def latest(stage: Stage, company: Company) -> Any:
    return rows(stage, company)[-1]


def rows(stage: Stage, company: Company) -> list[Any]:
    return stage.rows("SELECT * FROM inbound_mails WHERE tenant_id = :t ORDER BY id", t=company.id)


def messages(stage: Stage, made: Made) -> list[Any]:
    return stage.rows(
        "SELECT * FROM client_messages WHERE tenant_id = :t AND request_id = :r ORDER BY at, id",
        t=made.company.id, r=made.id,
    )  # fmt: skip
