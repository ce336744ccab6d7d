"""Seats and storage where people are invited and files are sent, a trial's cap, and what may stand
open."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

from flask.testing import FlaskClient

from billing.limits.rules import GB
from tenants.core.ids import uuid7
from tenants.models import StoredFile
from tests.billing.flow.house import Flow
from tests.billing.flow.test_checkout import choose, press
from tests.factories import Company, Person, Stage, World
from tests.factories.limits import make_override

SignIn = Callable[[Person], FlaskClient]


def on_trial(flow: Flow, company: Company, admin: FlaskClient, plan: str = "essential") -> None:
    press(choose(flow, admin, company, plan).url)
    flow.deliver(company)


def invite(admin: FlaskClient, company: Company, number: int) -> Any:
    return admin.post(
        company.url("people/invite"),
        data={"client": company.slug, "display_name": f"Person {number}", "email": f"p{number}@{company.slug}.example",
              "role": "client_user", "lines": ["finance"], "language": "en"},
    )  # fmt: skip


def members(stage: Stage, company: Company) -> int:
    return int(
        stage.value(
            "SELECT count(*) FROM members WHERE tenant_id = :t AND removed_at IS NULL"
            " AND role <> 'guest'",
            t=company.id,
        )
    )


def fill(stage: Stage, company: Company, size: int) -> None:
    """Rows alone: nobody reads these."""
    while size > 0:
        part = min(size, 2 * 10**9)
        stage.add(
            StoredFile,
            {"tenant_id": company.id, "name": company.text("a.pdf"), "size": part,
             "content_type": "application/pdf", "sha256": uuid7().hex * 2},
        )  # fmt: skip
        size -= part


def send_file(browser: FlaskClient, company: Company, name: str = "a.pdf") -> Any:
    return browser.post(
        company.url("requests/new/finance_question"),
        data={"client": company.slug, "title": company.text("Question"), "details": company.text("Look"),
              "document": (BytesIO(b"%PDF-1.7 some words"), name)},
        content_type="multipart/form-data",
    )  # fmt: skip


def waiting_mails(flow: Flow, company: Company, word: str) -> list[str]:
    rows = flow.stage.rows(
        "SELECT args->>'event' AS event FROM jobs WHERE tenant_id = :t"
        " AND name = 'notifications.tell' AND args->>'event' LIKE :w ORDER BY id",
        t=company.id, w=f"billing.{word}%",
    )  # fmt: skip
    return [row.event for row in rows]


def look(flow: Flow, company: Company) -> None:
    flow.enqueue(company, "look_at_access", key=str(uuid7()))
    flow.work(company)


def test_the_last_seat_and_the_one_after_it(flow: Flow, world: World, sign_in_as: SignIn) -> None:
    company, admin = world.a, sign_in_as(world.a.admin)
    on_trial(flow, company, admin)
    free = 5 - members(flow.stage, company)
    for number in range(free):
        assert invite(admin, company, number).status_code == 303
    refused = invite(admin, company, 99)
    assert refused.status_code == 409
    assert "All 5 seats of your plan are taken" in refused.text
    assert "Subscription" in refused.text
    assert members(flow.stage, company) == 5
    page = admin.get(company.url("subscription/usage-overview")).text
    assert "All seats are taken" in page
    for _ in range(2):
        look(flow, company)
    assert waiting_mails(flow, company, "seats") == ["billing.seats_100"]
    make_override(flow.stage, company, feature="seats", value=6, approved=True)
    assert invite(admin, company, 99).status_code == 303
    assert invite(admin, company, 100).status_code == 409


def test_two_invitations_at_once_take_one_seat(
    flow: Flow, world: World, sign_in_as: SignIn
) -> None:
    company, admin = world.a, sign_in_as(world.a.admin)
    on_trial(flow, company, admin)
    make_override(
        flow.stage, company, feature="seats", value=members(flow.stage, company) + 1, approved=True
    )
    browsers = [sign_in_as(company.admin) for _ in range(4)]
    together = threading.Barrier(len(browsers))
    said: list[int] = []

    def go(number: int) -> None:
        together.wait(10)
        said.append(invite(browsers[number], company, number).status_code)

    threads = [threading.Thread(target=go, args=(number,)) for number in range(len(browsers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(said) == [303, 409, 409, 409]


def test_by_agreement_there_is_no_limit(flow: Flow, company: Company, sign_in_as: SignIn) -> None:
    admin = sign_in_as(company.admin)
    fill(flow.stage, company, 200 * GB)
    assert invite(admin, company, 1).status_code == 303
    assert send_file(sign_in_as(company.user), company).status_code == 303
    assert "no limit" in admin.get(company.url("subscription/usage-overview")).text


def test_a_full_storage_refuses_the_clients_files_and_nothing_of_ours(
    flow: Flow, world: World, sign_in_as: SignIn
) -> None:
    company, admin = world.a, sign_in_as(world.a.admin)
    on_trial(flow, company, admin)
    fill(flow.stage, company, 4 * GB)
    assert send_file(sign_in_as(company.user), company).status_code == 303
    look(flow, company)
    assert waiting_mails(flow, company, "storage") == ["billing.storage_gb_80"]
    fill(flow.stage, company, GB)
    refused = send_file(sign_in_as(company.user), company, "b.pdf")
    assert refused.status_code == 409
    assert "5 GB of storage are full" in refused.text
    ours = sign_in_as(world.operator_a)
    assert send_file(ours, company, "c.pdf").status_code == 303
    look(flow, company)
    assert waiting_mails(flow, company, "storage")[1:] == ["billing.storage_gb_100"]
    make_override(flow.stage, company, feature="storage_gb", value=6, approved=True)
    assert send_file(sign_in_as(company.user), company, "b.pdf").status_code == 303


def test_a_used_up_trial_takes_no_new_work_and_costs_nothing(
    flow: Flow, world: World, sign_in_as: SignIn
) -> None:
    company, admin = world.a, sign_in_as(world.a.admin)
    on_trial(flow, company, admin)
    user = sign_in_as(company.user)
    flow.use(company, "operator_minutes", 119)
    flow.work(company)
    assert send_file(user, company).status_code == 303
    flow.use(company, "operator_minutes", 1)
    flow.work(company)
    refused = send_file(user, company, "b.pdf")
    assert refused.status_code == 403
    assert "trial includes is used up" in refused.text
    assert waiting_mails(flow, company, "trial_used")[-1] == "billing.trial_used_100"
    # what is under way goes on, and is free
    flow.use(company, "operator_minutes", 300)
    end = flow.stage.value("SELECT trial_end FROM subscriptions WHERE tenant_id = :t", t=company.id)
    flow.advance(company, days=(end - flow.now).days + 2)
    assert flow.stage.rows(
        "SELECT access_state, new_work FROM tenants WHERE id = :t", t=company.id
    ) == [("active", True)]  # fmt: skip
    # noted after the trial, of a day in it
    flow.use(company, "operator_minutes", 40, occurred_at=end - timedelta(hours=2))
    assert send_file(user, company, "b.pdf").status_code == 303
    flow.use(company, "operator_minutes", 30)
    flow.into_next_period(company)
    assert flow.invoiced(company, "essential_v1_operator_minutes") == 30
    owed = flow.stage.value(
        "SELECT sum(amount) FROM stripe_invoice_lines WHERE tenant_id = :t"
        " AND lookup_key = 'essential_v1_operator_minutes'",
        t=company.id,
    )
    assert owed == 0
    flow.enqueue(company, "reconcile", key="night")
    flow.work(company)
    assert flow.stage.rows("SELECT * FROM reconcile_findings WHERE tenant_id = :t", t=company.id) == []  # fmt: skip


def test_what_stands_open_stops_new_work_in_grace_and_is_looked_at_before(
    flow: Flow, company: Company
) -> None:
    def account() -> Any:
        return flow.stage.rows(
            "SELECT exposure, attention FROM billing_accounts WHERE tenant_id = :t", t=company.id
        )[0]

    flow.use(company, "operator_minutes", 1000)
    look(flow, company)
    assert tuple(account()) == (95_000, "")
    flow.stage.run(
        "UPDATE billing_accounts SET credit_exposure_limit = 94999 WHERE tenant_id = :t",
        t=company.id,
    )
    look(flow, company)
    assert account().attention == "over_exposure"
    flow.sim.control("fail_next_charge", count=50)
    flow.into_next_period(company)
    assert flow.stage.rows(
        "SELECT access_state, new_work FROM tenants WHERE id = :t", t=company.id
    ) == [("grace", False)]  # fmt: skip
    assert account().exposure > 94_999
    flow.stage.run(
        "UPDATE billing_accounts SET credit_exposure_limit = 900000 WHERE tenant_id = :t",
        t=company.id,
    )
    look(flow, company)
    assert flow.stage.value("SELECT new_work FROM tenants WHERE id = :t", t=company.id)
