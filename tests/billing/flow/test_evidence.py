"""Any invoice line, in three clicks, down to the bytes of the file; what was changed shows."""

from __future__ import annotations

import hashlib
import html
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from tests.billing.flow.house import Flow
from tests.factories import Company, Person, World, make_member
from tests.factories.lifecycle import Made, make_request

SignIn = Callable[[Person], FlaskClient]
CONTENT = b"%PDF-1.7 report"


@pytest.fixture
def made(flow: Flow, company: Company, world: World) -> Made:
    """Delivered with the client's approval; 45 billable minutes."""
    return make_request(
        flow.stage, company, item="payment_control", state="delivered", at=flow.now,
        operator=world.operator_a, reviewer=world.supervisor,
    )  # fmt: skip


def stored(flow: Flow, company: Company) -> Path:
    sha256 = hashlib.sha256(CONTENT).hexdigest()
    root = os.environ["FILES_URL"].removeprefix("file://")
    return Path(root) / str(company.id) / sha256[:2] / sha256


def invoice_number(flow: Flow, company: Company) -> str:
    return str(
        flow.stage.value(
            "SELECT number FROM stripe_invoices WHERE tenant_id = :t"
            " AND billing_reason = 'subscription_cycle'",
            t=company.id,
        )
    )


def read(browser: FlaskClient, path: str) -> str:
    page = browser.get(path)
    assert page.status_code == 200, page.text
    return html.unescape(page.text)


def links(text: str) -> list[str]:
    return [html.unescape(one) for one in re.findall(r'href="([^"]+)"', text)]


def test_three_clicks_from_the_invoice_line_to_the_file(
    flow: Flow, company: Company, world: World, made: Made, sign_in_as: SignIn
) -> None:
    flow.into_next_period(company)
    browser, number = sign_in_as(company.admin), invoice_number(flow, company)
    assert "100%" in read(browser, company.url("subscription/invoices"))
    first = read(browser, company.url(f"subscription/invoices/{number}"))
    assert "1 of 1 complete" in first
    to_usage = next(one for one in links(first) if number in one and "operator_minutes" in one)
    second = read(browser, to_usage)
    assert "Complete" in second
    to_evidence = next(one for one in links(second) if one.endswith("/evidence"))
    third = read(browser, to_evidence)
    assert "every step from the invoice to the file holds" in third
    assert f"Invoice {number}" in third
    # 45 minutes at 0.95
    assert "€42.75" in third
    sha256 = hashlib.sha256(CONTENT).hexdigest()
    assert third.count(sha256) >= 2
    assert f"u1:{company.id}:operator_minutes:" in third
    to_file = next(one for one in links(third) if "/files/" in one)
    assert browser.get(to_file).data == CONTENT


def test_before_the_invoice_the_chain_is_open(
    company: Company, made: Made, sign_in_as: SignIn
) -> None:
    page = read(sign_in_as(company.admin), f"{made.url}/evidence")
    assert "the chain is not finished" in page
    assert "Not everything is on a final invoice yet." in page


def test_a_changed_file_shows_as_broken_with_both_fingerprints(
    flow: Flow, company: Company, made: Made, sign_in_as: SignIn
) -> None:
    stored(flow, company).write_bytes(b"%PDF-1.7 another report")
    page = read(sign_in_as(company.admin), f"{made.url}/evidence")
    assert "Broken: what is billed can't be proven" in page
    assert "this is not the file that was approved" in page
    assert hashlib.sha256(CONTENT).hexdigest() in page
    assert hashlib.sha256(b"%PDF-1.7 another report").hexdigest() in page


def test_a_removed_file_shows_as_broken(
    flow: Flow, company: Company, made: Made, sign_in_as: SignIn
) -> None:
    stored(flow, company).unlink()
    page = read(sign_in_as(company.admin), f"{made.url}/evidence")
    assert "Broken: what is billed can't be proven" in page
    assert "the file is gone" in page


def test_an_approval_of_other_files_shows_as_broken(
    flow: Flow, company: Company, made: Made, sign_in_as: SignIn
) -> None:
    flow.into_next_period(company)
    # A key of the database holds them together; only who may put that out of force can do this.
    with flow.stage.connection() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(
            text("UPDATE approvals SET sha256 = :other WHERE tenant_id = :t"),
            {"other": "0" * 64, "t": company.id},
        )
    browser = sign_in_as(company.admin)
    page = read(browser, f"{made.url}/evidence")
    assert "Broken: what is billed can't be proven" in page
    assert "the approval was given for other files" in page
    bill = company.url(f"subscription/invoices/{invoice_number(flow, company)}")
    assert "0 of 1 complete" in read(browser, bill)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("DELETE FROM approvals WHERE tenant_id = :t", "No approval is recorded."),
        (
            "DELETE FROM request_moves WHERE tenant_id = :t AND verb = 'pass'",
            "No quality check is recorded.",
        ),
        (
            "UPDATE time_entries SET minutes = 40 WHERE tenant_id = :t",
            "45 minutes were billed, but the time recorded is 40 minutes.",
        ),
        (
            """UPDATE deliverables SET measures = '{"statement_lines": 3}' WHERE tenant_id = :t""",
            "A deliverable stands for 3 units, but 0 were billed.",
        ),
    ],
)
def test_whatever_is_missing_or_differs_is_said(
    flow: Flow, company: Company, made: Made, sign_in_as: SignIn, change: str, sentence: str
) -> None:
    """The list of the invoice's records agrees with the page."""
    flow.into_next_period(company)
    flow.stage.run(change, t=company.id)
    browser = sign_in_as(company.admin)
    page = read(browser, f"{made.url}/evidence")
    assert sentence in page
    assert "every step from the invoice" not in page
    bill = company.url(f"subscription/invoices/{invoice_number(flow, company)}")
    assert "0 of 1 complete" in read(browser, bill)


def test_usage_that_does_not_sum_up_is_no_full_coverage(
    flow: Flow, company: Company, made: Made, sign_in_as: SignIn
) -> None:
    flow.into_next_period(company)
    flow.stage.run(
        "UPDATE stripe_invoice_lines SET quantity = 46 WHERE tenant_id = :t"
        " AND lookup_key = 'coulisse_v1_operator_minutes' AND quantity = 45",
        t=company.id,
    )
    page = read(sign_in_as(company.admin), company.url("subscription/invoices"))
    assert "0 of 1 line of usage is proven" in page


def test_the_database_and_python_hash_a_package_alike(
    flow: Flow, company: Company, world: World, made: Made
) -> None:
    from sqlalchemy import select

    from app.service_requests.coverage import package_of_request
    from app.service_requests.models import ServiceRequest
    from app.service_requests.package import package_hash
    from app.service_requests.queries import list_current_deliverables
    from tenants.core.db import db
    from tests.factories import acting

    flow.stage.run(
        "INSERT INTO deliverables (tenant_id, request_id, file_id, kind, version, title, sha256,"
        " measures, slip, added_by_name, at) SELECT tenant_id, request_id, file_id, k, n, 'x',"
        " sha256, '{}', '{}', 'x', at FROM deliverables, (VALUES ('file:Été.pdf', 2),"
        " ('file:B.pdf', 10), ('file:b.pdf', 9), ('file:zz 1', 1)) AS v (k, n) WHERE tenant_id = :t",
        t=company.id,
    )
    with acting(flow.stage, company.admin.scope()):
        ours = package_hash(list_current_deliverables(request_id=made.id))
        theirs = db.session.execute(
            select(package_of_request())
            .select_from(ServiceRequest)
            .where(ServiceRequest.tenant_id == company.id, ServiceRequest.id == made.id)
        ).scalar_one()
    assert ours == theirs


def test_without_the_line_there_are_figures_but_no_content(
    flow: Flow, company: Company, made: Made, sign_in_as: SignIn
) -> None:
    outside = make_member(
        flow.stage, company, key="hr_admin", role="client_admin", lines=("hr",), second_factor=True
    )
    browser = sign_in_as(outside)
    assert browser.get(made.url).status_code == 404
    page = read(browser, f"{made.url}/evidence")
    assert hashlib.sha256(CONTENT).hexdigest() in page
    assert "Passed by" in page
    for content in ("report.pdf", "Report", "/files/", "Checked</", "2026-10<"):
        assert content not in page.partition("<main")[2], content
    usage = read(browser, company.url("subscription/usage?meter=operator_minutes"))
    assert f"Request {made.number}" in usage
    assert "Payment control" not in usage.partition("<main")[2]


def test_who_may_read_the_chain(
    flow: Flow, company: Company, world: World, made: Made, sign_in_as: SignIn
) -> None:
    path = f"{made.url}/evidence"
    for person in (company.admin, world.operator_a, world.supervisor):
        assert sign_in_as(person).get(path).status_code == 200, person.name
    for person in (company.user, company.approver):
        assert sign_in_as(person).get(path).status_code == 403, person.name
    for person in (world.b.admin, world.operator_b, world.operator_none, world.provider_admin):
        assert sign_in_as(person).get(path).status_code == 404, person.name
    assert sign_in_as(world.b.admin).get(
        world.b.url(f"requests/{made.number}/evidence")
    ).status_code == 404  # fmt: skip


def test_large_files_are_read_when_asked_for(
    flow: Flow, company: Company, made: Made, sign_in_as: SignIn, monkeypatch
) -> None:
    monkeypatch.setattr("app.service_requests.evidence_queries.INLINE_BYTES", 3)
    browser = sign_in_as(company.admin)
    page = read(browser, f"{made.url}/evidence")
    assert "were not read for this page" in page
    asked = next(one for one in links(page) if "files=all" in one)
    assert "The same file." in read(browser, asked)


def test_the_clients_chain_tells_nothing_of_internal_notes(
    flow: Flow, company: Company, world: World, made: Made, sign_in_as: SignIn
) -> None:
    flow.stage.run(
        "INSERT INTO audit_events (tenant_id, at, actor_side, actor_name, name, object_type,"
        " object_id) VALUES (:t, now(), 'provider', 'X', 'service_requests.note.written',"
        " 'request', :r)",
        t=company.id, r=made.id,
    )  # fmt: skip
    path = f"{made.url}/evidence"
    assert "Internal note written" not in read(sign_in_as(company.admin), path)
    assert "Internal note written" in read(sign_in_as(world.operator_a), path)
