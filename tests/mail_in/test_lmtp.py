"""The LMTP receiver: 250 once a mail is kept, and never before."""

from __future__ import annotations

import os
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from dev.processes import free_port
from tests import warm
from tests.factories.jobs import run_jobs
from tests.factories.lifecycle import make_request
from tests.mail_in.delivering import DOMAIN, answer_address, intake, messages, rows, signed
from tests.mail_in.writing import letter
from tests.metrics.test_jobs import of, scrape
from workers.lmtp import OUTCOMES


class Receiver:
    def __init__(self, environment: dict[str, str]) -> None:
        self.port = free_port(near=8700, taken=set())
        self._environment = os.environ | environment
        self.start()

    def start(self, **more: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "workers", "lmtp", "--port", str(self.port)],
            env=self._environment | more,
        )
        end = time.monotonic() + 60
        while time.monotonic() < end:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.05)
        raise AssertionError("the receiver does not listen")

    def stop(self, sign: int = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(sign)
        return self.process.wait(20)

    def connect(self) -> smtplib.LMTP:
        found = smtplib.LMTP("127.0.0.1", self.port, timeout=30)
        found.ehlo("mx.example")
        return found


@pytest.fixture(scope="module")
def receiver(app: Any, environment: dict[str, str]) -> Iterator[Receiver]:
    found = Receiver(environment)
    yield found
    found.stop()


def deliver(
    server: smtplib.LMTP, raw: bytes, *to: str, sender: str = "x@sender.example"
) -> list[int]:
    """The answer to each recipient."""
    with server:
        assert server.docmd("MAIL", f"FROM:<{sender}>")[0] == 250
        known = [one for one in to if server.docmd("RCPT", f"TO:<{one}>")[0] == 250]
        if not known:
            return []
        assert server.docmd("DATA")[0] == 354
        body = raw.replace(b"\r\n.", b"\r\n..")
        server.send(body + (b"" if body.endswith(b"\r\n") else b"\r\n") + b".\r\n")
        return [server.getreply()[0] for _ in known]


def test_a_mail_is_kept_when_250_is_said(world, stage, receiver):
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a)
    to = answer_address(made, world.a.user)
    raw = letter(world.a.user.email, to, f"{world.a.text('words')}\n.hidden dot")
    assert deliver(receiver.connect(), raw, to) == [250]
    [row] = rows(stage, world.a)
    assert (row.source, row.state, row.line) == ("lmtp", "received", "finance")
    run_jobs(stage, world.a.id, name="mail_in.read")
    assert messages(stage, made)[0].body == f"{world.a.text('words')}\n.hidden dot"


def test_notices_of_mail_servers_name_no_sender(world, stage, receiver):
    raw = letter("mailer-daemon@sender.example", "x", "could not be delivered")
    assert deliver(receiver.connect(), raw, intake(world.a), sender="") == [250]
    run_jobs(stage, world.a.id, name="mail_in.read")
    assert rows(stage, world.a)[0].reason == "bounce"


def test_a_page_may_be_one_line(world, stage, receiver):
    raw = f"From: x@sender.example\r\nSubject: long\r\n\r\n{'word ' * 40_000}\r\n".encode()
    assert deliver(receiver.connect(), raw, intake(world.a)) == [250]
    assert rows(stage, world.a)[0].size > 200_000


def test_unknown_recipients_are_refused_for_good(world, receiver):
    server = receiver.connect()
    server.docmd("MAIL", "FROM:<x@sender.example>")
    for to in (f"nobody@{DOMAIN}", f"reply+abc@{DOMAIN}", f"{world.a.slug}@elsewhere.example",
               f"{world.a.slug}+nothing@{DOMAIN}"):  # fmt: skip
        assert server.docmd("RCPT", f"TO:<{to}>")[0] == 550, to
    server.close()


def test_each_company_gets_its_own_and_each_once(world, stage, receiver):
    to = [intake(world.a), intake(world.b), intake(world.a, "hr")]
    raw = letter("x@sender.example", "all of you", "words")
    assert deliver(receiver.connect(), raw, *to) == [250, 250, 250]
    assert [row.recipient for row in rows(stage, world.a)] == [intake(world.a)]
    assert [row.recipient for row in rows(stage, world.b)] == [intake(world.b)]


def test_a_flood_of_one_company_leaves_the_other_alone(world, stage, receiver):
    stage.run(
        "INSERT INTO inbound_mails (tenant_id, received_at, source, recipient, line, fingerprint,"
        " size, envelope_from, sender, sender_name, subject) SELECT :t, now(), 'lmtp', 'x',"
        " 'finance', 'f' || n, 1, '', 's' || n, '', '' FROM generate_series(1, 600) n",
        t=world.a.id,
    )  # fmt: skip
    raw = letter("x@sender.example", "both", "words")
    found = deliver(receiver.connect(), raw, intake(world.a), intake(world.b))
    assert found == [452, 250]
    assert len(rows(stage, world.b)) == 1


def test_a_mail_that_is_too_large_is_refused(world, stage, receiver):
    raw = letter("a@b.example", intake(world.a), files=[("a", "a/b", b"x" * 16_000_000)])
    with suppress(smtplib.SMTPException, OSError):
        assert deliver(receiver.connect(), raw, intake(world.a)) == [552]
    assert rows(stage, world.a) == []


def test_killed_before_its_answer_was_heard_it_makes_no_double(world, stage, receiver):
    """Committed, and then gone: the mail server delivers again."""
    made = make_request(stage, world.a, state="in_progress", operator=world.operator_a)
    to = answer_address(made, world.a.user)
    raw = signed(world.a.user, to, "once")
    server = receiver.connect()
    server.docmd("MAIL", "FROM:<x@sender.example>")
    server.docmd("RCPT", f"TO:<{to}>")
    server.docmd("DATA")
    server.send(raw + b"\r\n.\r\n")
    end = time.monotonic() + 30
    while not rows(stage, world.a) and time.monotonic() < end:
        time.sleep(0.005)
    receiver.stop(signal.SIGKILL)
    server.close()
    receiver.start()
    assert deliver(receiver.connect(), b"Received: again\r\n" + raw, to) == [250]
    run_jobs(stage, world.a.id, name="mail_in.read")
    assert len(rows(stage, world.a)) == len(messages(stage, made)) == 1


def test_while_the_database_is_away_the_mail_server_is_told_to_wait(world, receiver, environment):
    away = environment["DATABASE_URL"].replace("host=", "host=/nowhere")
    assert away != environment["DATABASE_URL"]
    receiver.stop()
    receiver.start(DATABASE_URL=away)
    server = receiver.connect()
    server.docmd("MAIL", "FROM:<x@sender.example>")
    assert server.docmd("RCPT", f"TO:<{intake(world.a)}>")[0] == 451
    server.close()
    assert receiver.stop() == 0
    receiver.start()


def test_without_a_domain_it_does_not_start(environment):
    env = os.environ | environment | {"MAIL_IN_DOMAIN": ""}
    found = warm.run("workers", "lmtp", "--port", "1", env=env)
    assert found.returncode == 1
    assert "MAIL_IN_DOMAIN is not set" in found.stderr


def test_it_tells_how_many_were_kept_refused_and_put_off(world, environment):
    port = free_port(near=19_300, taken=set())
    found = Receiver(environment | {"COULISSE_METRICS_PORT": str(port)})
    try:
        raw = letter("x@sender.example", "x", world.a.text("words"))
        assert deliver(found.connect(), raw, intake(world.a), f"nobody@{DOMAIN}") == [250]
        with found.connect() as server:
            assert server.docmd("MAIL", f"FROM:<x@sender.example> SIZE={10**9}")[0] == 552
        figures = scrape(port)
    finally:
        found.stop()
    counted = {
        (outcome, why): of(figures, "coulisse_lmtp_recipients_total", outcome=outcome, why=why)
        for outcome, why in OUTCOMES.values()
    }
    assert {key for key, number in counted.items() if number} == {
        ("accepted", ""), ("refused", "unknown"), ("refused", "large"),
    }  # fmt: skip
    assert of(figures, "coulisse_lmtp_seconds_count") == 1
