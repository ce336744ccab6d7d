"""Dead letters run again or are put aside, once; findings say what differs."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from tenants.core.ids import uuid7
from tests.billing.figures.making import (
    make_account,
    make_finding,
    make_hour,
    make_parked,
    month_of,
)
from tests.factories import Company, Person, Stage, World
from tests.factories.people import now
from tests.jobs.making import make_job, state_of

SignIn = Callable[[Person], FlaskClient]
NOW = now()
LETTERS = "/provider/billing/letters"


@pytest.fixture
def admin(world: World, sign_in_as: SignIn) -> FlaskClient:
    return sign_in_as(world.provider_admin)


def make_dead(stage: Stage, company: Company) -> UUID:
    effect = uuid7()
    stage.run(
        "INSERT INTO outbox (tenant_id, id, kind, verb, dedupe_key, idempotency_key, params, state,"
        " error) VALUES (:t, :i, 'stripe', 'create_customer', CAST(:i AS text), 'k', '{}', 'dead',"
        " 'refused for jane@client.example')", t=company.id, i=effect,
    )  # fmt: skip
    return make_job(
        stage, company.id, name="outbox.deliver_stripe", queue="billing", state="quarantined",
        finished_at="now()", subject_type="effect", subject_id=effect, args={"effect_id": str(effect)},
    )  # fmt: skip


def audited(stage: Stage, name: str) -> int:
    return int(stage.value("SELECT count(*) FROM audit_events WHERE name = :n", n=name))


def test_a_dead_call_is_shown_without_addresses_and_runs_again(
    stage: Stage, world: World, admin: FlaskClient
) -> None:
    job = make_dead(stage, world.a)
    page = admin.get(LETTERS).text
    assert "create_customer" in page
    assert "refused for …" in page
    assert "jane@client.example" not in page
    address = f"/provider/companies/{world.a.slug}/jobs/{job}"
    assert address in page
    assert admin.post(address, data={"verb": "replay"}).status_code == 303
    assert state_of(stage, job) == "queued"
    assert str(job) not in admin.get(LETTERS).text


def test_a_refused_hour_goes_again(stage: Stage, world: World, admin: FlaskClient) -> None:
    make_account(stage, world.a, NOW)
    hour = month_of(NOW)
    make_hour(
        stage, world.a, "payslips", hour, 7, state="rejected", error="meter_event_no_customer"
    )
    assert "meter_event_no_customer" in admin.get(LETTERS).text
    form = {"meter": "payslips", "hour": str(int(hour.timestamp()))}
    url = f"/provider/companies/{world.a.slug}/billing/send-again"
    for _ in range(2):
        assert admin.post(url, data=form).status_code == 303
    jobs = stage.rows("SELECT args FROM jobs WHERE tenant_id = :t AND name = 'billing.send_rejected'",
                      t=world.a.id)  # fmt: skip
    assert [row.args for row in jobs] == [{"meter": "payslips", "hour": hour.isoformat()}]
    for wrong in ({"meter": "no", "hour": form["hour"]}, {"meter": "payslips", "hour": "soon"}):
        assert admin.post(url, data=wrong).status_code == 404


def test_an_event_of_nobody(stage: Stage, world: World, admin: FlaskClient) -> None:
    event = make_parked(stage, "cus_known")
    assert event in admin.get(LETTERS).text
    assert "nobody's words" not in admin.get(LETTERS).text
    refused = admin.post(f"{LETTERS}/{event}/again")
    assert refused.status_code == 409
    assert "no company has this customer" in refused.text
    stage.run("INSERT INTO stripe_customers VALUES ('cus_known', :t)", t=world.a.id)
    before = audited(stage, "billing.event.unparked")
    assert admin.post(f"{LETTERS}/{event}/again").status_code == 303
    assert admin.post(f"{LETTERS}/{event}/again").status_code == 404
    assert audited(stage, "billing.event.unparked") == before + 1
    [row] = stage.rows("SELECT state, owner_tenant FROM webhook_inbox WHERE event_id = :e", e=event)
    assert tuple(row) == ("new", world.a.id)
    [job] = stage.rows("SELECT args FROM jobs WHERE tenant_id = :t AND idempotency_key = :k",
                       t=world.a.id, k=f"event:{event}")  # fmt: skip
    assert job.args == {"event_id": event}


def test_an_event_is_put_aside_with_a_reason(stage: Stage, admin: FlaskClient) -> None:
    event = make_parked(stage)
    url = f"{LETTERS}/{event}/aside"
    assert admin.post(url, data={"reason": " "}).status_code == 422
    assert admin.post(url, data={"reason": "a customer of the old system"}).status_code == 303
    assert event not in admin.get(LETTERS).text
    assert admin.post(url, data={"reason": "again"}).status_code == 404
    facts = stage.value("SELECT facts FROM audit_events WHERE name = 'billing.event.put_aside'"
                        " ORDER BY at DESC LIMIT 1")  # fmt: skip
    assert "a customer of the old system" in str(facts)


def test_findings_say_what_to_do_and_are_looked_at_again(
    stage: Stage, world: World, admin: FlaskClient
) -> None:
    make_finding(stage, world.a)
    make_finding(stage, world.b, kind="unpriced", resolved=True)
    page = admin.get("/provider/billing/findings").text
    assert "An hour&#39;s total is not the sum of its records" in page
    assert world.a.slug in page
    assert world.b.slug not in page
    assert "Used without a price" in admin.get("/provider/billing/findings?resolved=1").text
    url = f"/provider/companies/{world.a.slug}/billing/look-again"
    for _ in range(2):
        assert admin.post(url).status_code == 303
    count = "SELECT count(*) FROM jobs WHERE tenant_id = :t AND name = 'billing.reconcile'"
    assert stage.value(count, t=world.a.id) in (1, 2)
    stage.run("DELETE FROM reconcile_findings")
    assert "Ledger against Stripe = 0" in admin.get("/provider/billing/findings").text


def test_nobody_else(stage: Stage, world: World, sign_in_as: SignIn) -> None:
    event = make_parked(stage)
    for person in (world.supervisor, world.operator_a, world.a.admin):
        browser = sign_in_as(person)
        assert browser.get(LETTERS).status_code == 403
        assert browser.post(f"{LETTERS}/{event}/again").status_code == 403
        for verb in ("look-again", "send-again"):
            url = f"/provider/companies/{world.a.slug}/billing/{verb}"
            assert browser.post(url).status_code == 403
