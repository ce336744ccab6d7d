"""A mail that is given up: its invoice says so, its sender is told, and it isn't called sent for it."""

from __future__ import annotations

import smtplib
from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest

from app.finance.sales_invoices import queries
from app.finance.sales_invoices.services import sending, settings
from tenants.core import mail
from tenants.core.errors import Invalid
from tests.factories import acting
from tests.factories.jobs import run_jobs
from tests.factories.people import now
from tests.factories.sales_invoices import SELLER, make_invoice, set_up
from tests.factories.webhooks import make_webhook

TO = "achats@vert.example"
REFUSED = smtplib.SMTPRecipientsRefused({TO: (550, b"unknown")})
MAILS = "name = 'outbox.deliver_mail'"


@pytest.fixture
def desk(stage: Any, world: Any, app: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """One invoice whose file passed, and what the mail server answers from now on."""
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], hold_seconds=0))
    set_up(stage, world.a, world.operator_a)
    made = make_invoice(stage, world.a, world.operator_a)
    run_jobs(stage, world.a.id)
    answers: list[Exception | None] = []

    def deliver(**params: Any) -> None:
        answer = answers[0] if params["to"].endswith("vert.example") else None
        if answer is not None:
            raise answer

    monkeypatch.setattr(mail, "deliver", deliver)
    return stage, world.a, world.operator_a, made, answers


def send(desk: Any, answer: Exception | None, *, otherwise: bool = False, to: str = TO) -> None:
    stage, a, operator, made, answers = desk
    answers[:] = [answer]
    with acting(stage, operator.scope(a)):
        sending.send_invoice(
            invoice_id=made, to=to, otherwise=otherwise, actor=operator.actor(a), now=now()
        )
    run_jobs(stage, a.id, name="outbox.deliver_mail")


def standing(desk: Any) -> Any:
    stage, a, _, made, _ = desk
    return stage.rows(
        "SELECT state, sent_at IS NOT NULL, sent_to, undelivered_to FROM sales_invoice_standings"
        " WHERE tenant_id = :t AND id = :i", t=a.id, i=made,
    )[0]  # fmt: skip


def test_a_refused_first_sending_is_none(desk: Any, sign_in_as: Any) -> None:
    stage, a, operator, made, _ = desk
    make_webhook(stage, a, lines=["finance"])
    send(desk, REFUSED)
    assert tuple(standing(desk)) == ("validated", False, "", TO)
    browser = sign_in_as(operator)
    shown = browser.get(a.url(f"sales-invoices/{made}")).text
    assert f"The mail to {TO} never left" in shown
    assert f"Not delivered to {TO}" in shown
    assert f'value="{TO}"' in shown, "the address to correct stands in the form"
    with acting(stage, operator.scope(a)):
        today = now().date()
        assert queries.count_views(today)["undelivered"] == 1
        assert queries.count_views(today)["open"] == 0
        [row] = queries.list_invoices(today=today, view="undelivered").items
        assert row.id == made
    assert "Not delivered" in browser.get(a.url("sales-invoices?view=undelivered")).text
    assert [row[0] for row in stage.rows(
        "SELECT kind FROM webhook_messages WHERE tenant_id = :t ORDER BY id", t=a.id
    )] == ["sales_invoice.sent", "sales_invoice.not_delivered"]  # fmt: skip
    [(told, facts)] = stage.rows(
        "SELECT args -> 'audience' -> 0 -> 'ids' ->> 0, args -> 'facts' FROM jobs WHERE"
        " tenant_id = :t AND args ->> 'event' = 'sales_invoice.not_delivered'", t=a.id,
    )  # fmt: skip
    assert (told, facts["address"]) == (str(operator.id), TO)
    run_jobs(stage, a.id, name="notifications.tell")
    assert stage.value(
        "SELECT count(*) FROM outbox WHERE tenant_id = :t"
        " AND verb = 'notice.sales_invoice.not_delivered'", t=a.id,
    ) == 1  # fmt: skip


def test_sent_again_it_is_sent_and_says_nothing_any_more(desk: Any) -> None:
    send(desk, REFUSED)
    send(desk, None, to="compta@vert.example")
    assert tuple(standing(desk)) == ("sent", True, "compta@vert.example", "")


def test_what_was_handed_over_before_stays_sent(desk: Any) -> None:
    send(desk, None, otherwise=True)
    send(desk, REFUSED)
    assert tuple(standing(desk)) == ("sent", True, "", TO)


def test_one_that_was_sent_otherwise_meanwhile_needs_nobody(desk: Any) -> None:
    stage, a, *_ = desk
    send(desk, ConnectionRefusedError())
    assert tuple(standing(desk)) == ("sent", True, TO, ""), "it is tried again"
    send(desk, None, otherwise=True)
    stage.run(f"UPDATE jobs SET state = 'queued', run_at = now(), failures = max_attempts - 1"
              f" WHERE tenant_id = :t AND {MAILS}", t=a.id)  # fmt: skip
    desk[4][:] = [ConnectionRefusedError()]
    run_jobs(stage, a.id, name="outbox.deliver_mail")
    assert tuple(standing(desk)) == ("sent", True, "", "")
    assert stage.value("SELECT count(*) FROM sales_invoice_events WHERE tenant_id = :t"
                       " AND verb = 'not_delivered'", t=a.id) == 1  # fmt: skip


def test_a_job_that_runs_again_says_it_once_and_takes_it_back(desk: Any) -> None:
    stage, a, *_, answers = desk
    again = (
        f"UPDATE jobs SET state = 'queued', run_at = now(), failures = 0"
        f" WHERE tenant_id = :t AND {MAILS}"
    )
    send(desk, REFUSED)
    for answer, expected in (
        (REFUSED, ("validated", False, "", TO)), (None, ("sent", True, TO, "")),
    ):  # fmt: skip
        answers[:] = [answer]
        stage.run(again, t=a.id)
        run_jobs(stage, a.id, name="outbox.deliver_mail")
        assert tuple(standing(desk)) == expected
    assert [row[0] for row in stage.rows(
        "SELECT verb FROM sales_invoice_events WHERE tenant_id = :t AND facts ? 'mail' ORDER BY id",
        t=a.id,
    )] == ["sent", "not_delivered", "delivered"]  # fmt: skip


def test_a_mail_that_can_not_be_written_is_given_up(desk: Any) -> None:
    send(desk, ValueError("Header values may not contain linefeed"))
    assert tuple(standing(desk)) == ("validated", False, "", TO)


def test_what_was_given_up_before_is_noted(desk: Any) -> None:
    stage, a, _, made, _ = desk
    notes = import_module("migrations.versions.0055_mails_not_delivered").NOTED
    send(desk, REFUSED)
    stage.run(
        "DELETE FROM sales_invoice_events WHERE tenant_id = :t AND verb = 'not_delivered'", t=a.id
    )
    stage.run("UPDATE sales_invoice_events SET facts = facts - 'mail' WHERE tenant_id = :t", t=a.id)
    stage.run(
        "UPDATE sales_invoice_standings SET state = 'sent', sent_at = now(), sent_to = :to,"
        " undelivered_at = NULL, undelivered_to = '' WHERE id = :i", to=TO, i=made,
    )  # fmt: skip
    for statement in notes:
        stage.run(statement)
    assert tuple(standing(desk)) == ("validated", False, "", TO)
    send(desk, None, to="compta@vert.example")
    assert tuple(standing(desk)) == ("sent", True, "compta@vert.example", "")


def test_a_name_of_two_lines_is_written_in_one(desk: Any) -> None:
    stage, a, operator, *_ = desk
    who: dict[str, Any] = {"actor": operator.actor(a, level="review"), "now": now()}
    with acting(stage, operator.scope(a)):
        made = settings.set_settings(values={**SELLER, "name": "Lendo\r\nBcc: x@evil"}, **who)
        assert made.name == "Lendo Bcc: x@evil"
    with acting(stage, operator.scope(a)), pytest.raises(Invalid) as refused:
        settings.set_settings(values={**SELLER, "name": "\u200b"}, **who)
    assert list(refused.value.field_errors) == ["name"]


@pytest.mark.parametrize("to", ["é@vert.example", "not an address", "a..b@vert.example"])
def test_an_address_that_mail_does_not_take_is_said_at_its_field(desk: Any, to: str) -> None:
    stage, a, operator, *_ = desk
    with pytest.raises(Invalid) as refused:
        send(desk, None, to=to)
    assert list(refused.value.field_errors) == ["to"]
    with acting(stage, operator.scope(a)), pytest.raises(Invalid) as refused:
        settings.set_settings(
            values={**SELLER, "email": to}, actor=operator.actor(a, level="review"), now=now()
        )
    assert list(refused.value.field_errors) == ["email"]
