"""The product's own processes and mail job, against a mail server that can refuse."""

import smtplib
from collections.abc import Iterator
from typing import Any

import pytest

from dev.mail_sink import MailSink
from tenants import keys, outbox
from tests.workers.house import House, connection
from tests.workers.process import MASTER_KEY
from workers import claims
from workers.execution import Runner
from workers.timing import Timing

MAIL = {"to": "ada@client.example", "subject": "Ready", "text": "It is.", "html": "<p>It is.</p>"}


@pytest.fixture(autouse=True)
def master_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_ring", None)
    keys.use(MASTER_KEY)


@pytest.fixture(scope="module")
def sink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailSink]:
    sink = MailSink(tmp_path_factory.mktemp("mail"))
    sink.start()
    yield sink
    sink.stop()


@pytest.fixture
def deliver(house: House, sink: MailSink, monkeypatch: pytest.MonkeyPatch):
    """Runs the tenant's open jobs in this process, whose parts a test can replace."""
    monkeypatch.setenv("SMTP_URL", f"smtp://127.0.0.1:{sink.smtp_port}")
    runner = Runner(house.app, timing=Timing(backoff=0))

    def run(tenant) -> None:
        with connection(house.urls.dispatcher) as raw:
            given = claims.claim(raw, Timing())
        for one in given:
            assert one.tenant_id == tenant
            runner.execute(str(one.tenant_id), str(one.job_id), one.attempt)

    return run


def promise(house: House, tenant, key: str = "invited"):
    with house.acting(tenant):
        return outbox.send(kind="mail", verb="send", dedupe_key=key, params=MAIL)


def state(house: House, tenant) -> tuple[Any, ...]:
    [row] = house.rows(
        "SELECT o.state, j.state, o.error, j.error, o.first_attempt_at IS NOT NULL"
        " FROM outbox o JOIN jobs j USING (tenant_id) WHERE tenant_id = %(t)s"
        " AND j.name LIKE 'outbox.%%'",
        t=tenant,
    )
    return row


def message_ids(sink: MailSink, effect_id) -> int:
    return sum(f"<{effect_id}@" in file.read_text() for file in sink.box.folder.glob("*.eml"))


def test_the_products_processes_deliver_a_mail_once(house, sink, tmp_path):
    settings = {
        "SMTP_URL": f"smtp://127.0.0.1:{sink.smtp_port}",
        "FILES_URL": f"file://{tmp_path}",
        "COULISSE_MASTER_KEY": MASTER_KEY,
        "COULISSE_BASE_URL": "http://127.0.0.1:5000",
        "STRIPE_API_BASE": "http://127.0.0.1:1",
        "STRIPE_SECRET_KEY": "sk_test_none",
        "STRIPE_WEBHOOK_SECRET": "whsec_none",
    }
    processes = [
        house.spawn("dispatcher", module="workers", **settings),
        house.spawn("worker", "--processes", "1", module="workers", **settings),
    ]
    tenant = house.tenant()
    effect_id = promise(house, tenant)
    assert promise(house, tenant) is None
    house.all_succeeded(tenant)
    for process in processes:
        house.stop(process)

    assert state(house, tenant) == ("done", "succeeded", "", "", True)
    assert message_ids(sink, effect_id) == 1


def test_a_crash_after_the_server_took_it_repeats_the_same_message(
    house, sink, deliver, monkeypatch
):
    tenant = house.tenant()
    effect_id = promise(house, tenant)
    with monkeypatch.context() as broken:
        broken.setattr(outbox, "mark_done", lambda **_: 1 / 0)
        deliver(tenant)
    assert state(house, tenant)[:2] == ("sending", "retrying")
    deliver(tenant)

    assert state(house, tenant)[:2] == ("done", "succeeded")
    assert message_ids(sink, effect_id) == 2


@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPRecipientsRefused({"ada@client.example": (550, b"no such user")}),
        smtplib.SMTPDataError(554, b"refused"),
    ],
)
def test_a_refusal_for_good_is_a_dead_letter(house, deliver, monkeypatch, error):
    tenant = house.tenant()
    promise(house, tenant)
    monkeypatch.setattr("tenants.core.mail.deliver", _raises(error))
    deliver(tenant)

    effect, job, effect_error, job_error, _ = state(house, tenant)
    assert (effect, job) == ("dead", "quarantined")
    assert effect_error == job_error
    assert "for good (55" in job_error
    assert "ada" not in job_error


@pytest.mark.parametrize(
    "error",
    [
        OSError("connection refused"),
        smtplib.SMTPRecipientsRefused({"ada@client.example": (451, b"greylisted")}),
        smtplib.SMTPAuthenticationError(535, b"wrong password"),
    ],
)
def test_a_passing_trouble_is_tried_again_and_dies_in_the_end(house, deliver, monkeypatch, error):
    tenant = house.tenant()
    promise(house, tenant)
    house.rows("UPDATE jobs SET max_attempts = 3 WHERE tenant_id = %(t)s", t=tenant)
    monkeypatch.setattr("tenants.core.mail.deliver", _raises(error))
    seen = []
    for _ in range(3):
        deliver(tenant)
        seen.append(state(house, tenant)[:2])

    assert seen == [("sending", "retrying"), ("sending", "retrying"), ("dead", "quarantined")]


def _raises(error: Exception):
    def deliver(**_: object) -> None:
        raise error

    return deliver
