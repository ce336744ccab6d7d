"""Sending waits some seconds: taken back, nothing left; otherwise it leaves once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.finance.sales_invoices.services import leaving
from tests.factories import acting
from tests.factories.jobs import run_jobs
from tests.factories.people import now
from tests.factories.sales_invoices import make_invoice, set_up
from tests.notifications.mails import promised

MAILS = "SELECT count(*) FROM outbox WHERE tenant_id = :t AND verb = 'sales_invoice.sent'"
STATE = "SELECT state FROM sales_invoice_standings WHERE tenant_id = :t AND id = :i"
TO = "achats@vert.example"


@pytest.fixture
def desk(stage: Any, world: Any, sign_in_as: Any, app: Any, monkeypatch: Any) -> Any:
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], hold_seconds=10))
    set_up(stage, world.a, world.operator_a)
    made = make_invoice(stage, world.a, world.operator_a)
    run_jobs(stage, world.a.id)
    return stage, world.a, sign_in_as(world.operator_a), made


def held(desk: Any) -> Any:
    stage, a, browser, made = desk
    here = a.url(f"sales-invoices/{made}")
    assert browser.post(f"{here}/send", data={"client": a.slug, "to": TO}).status_code == 303
    run_jobs(stage, a.id)
    assert stage.value(MAILS, t=a.id) == 0
    assert stage.value(STATE, t=a.id, i=made) == "validated"
    return here


def told(stage: Any, a: Any) -> list[Any]:
    return [tuple(row) for row in stage.rows(
        "SELECT args -> 'audience' -> 0 -> 'ids' ->> 0, args -> 'facts' ->> 'number' FROM jobs"
        " WHERE tenant_id = :t AND args ->> 'event' = 'sales_invoice.not_sent'", t=a.id,
    )]  # fmt: skip


def pass_time(stage: Any, a: Any) -> None:
    stage.run(
        "UPDATE jobs SET run_at = now() WHERE tenant_id = :t AND name = 'sales_invoices.send_held'",
        t=a.id,
    )
    run_jobs(stage, a.id, name="sales_invoices.send_held")


def test_taken_back_it_never_left(desk: Any) -> None:
    stage, a, browser, made = desk
    here = held(desk)
    assert f"To {TO}" in browser.get(here).text
    twice = browser.post(f"{here}/send", data={"client": a.slug, "to": TO})
    assert twice.status_code == 409
    assert browser.post(f"{here}/take-back", data={"client": a.slug}).status_code == 303
    pass_time(stage, a)
    assert stage.value(MAILS, t=a.id) == 0
    assert stage.value(STATE, t=a.id, i=made) == "validated"
    shown = browser.get(here).text
    assert "Taken back before it left" in shown
    assert f"Leaves for {TO}" in shown


def test_left_alone_it_leaves_once(desk: Any) -> None:
    stage, a, browser, made = desk
    here = held(desk)
    pass_time(stage, a)
    assert stage.value(MAILS, t=a.id) == 1
    assert stage.value(STATE, t=a.id, i=made) == "sent"
    assert browser.post(f"{here}/take-back", data={"client": a.slug}).status_code == 409
    with acting(stage, a.scope):
        actor = replace(a.user.actor(), side="system")
        late = now() + timedelta(seconds=10)
        assert not leaving.send_held(
            invoice_id=made, leaves_at=late, actor=actor, now=now(), real_now=now()
        )
    assert stage.value(MAILS, t=a.id) == 1


def test_what_became_invalid_meanwhile_stays(desk: Any, world: Any) -> None:
    stage, a, browser, made = desk
    here = held(desk)
    stage.run("UPDATE sales_invoice_standings SET files = 'invalid' WHERE id = :i", i=made)
    pass_time(stage, a)
    assert stage.value(MAILS, t=a.id) == 0
    assert "It didn&#39;t leave" in browser.get(here).text
    [(sender, number)] = told(stage, a)
    assert (sender, number != "") == (str(world.operator_a.id), True)
    run_jobs(stage, a.id, name="notifications.tell")
    assert (world.operator_a.email, "notice.sales_invoice.not_sent") in [
        (one.to, one.verb) for one in promised(stage, a)
    ]


def test_what_did_not_leave_in_time_stays_and_can_be_sent_again(desk: Any, world: Any) -> None:
    stage, a, browser, made = desk
    here = held(desk)
    assert "every 2s" in browser.get(here).text
    stage.run(
        "UPDATE sales_invoice_standings SET leaves_at = leaves_at - interval '11 minutes'"
        " WHERE id = :i", i=made,
    )  # fmt: skip
    since = stage.value("SELECT leaves_at FROM sales_invoice_standings WHERE id = :i", i=made)
    shown = browser.get(here).text
    assert "It has not left" in shown
    assert "every 2s" not in shown
    sent = browser.post(f"{here}/send", data={"client": a.slug, "to": TO})
    assert sent.status_code == 303
    stage.run("UPDATE sales_invoice_standings SET leaves_at = :s WHERE id = :i", s=since, i=made)
    with acting(stage, a.scope):
        actor = replace(world.operator_a.actor(a), side="system")
        assert not leaving.send_held(
            invoice_id=made, leaves_at=since, actor=actor, now=now(), real_now=now()
        )
    assert stage.value(MAILS, t=a.id) == 0
    assert len(told(stage, a)) == 1
