"""What the rules of today say of an invoice's file is whether it may leave."""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any
from uuid import UUID

import pytest

from app.documents.checking.slip import RuleRun, Slip
from app.documents.queries import get_version_by_id
from app.documents.services import rechecking
from app.documents.services.slips import attach_slip, keep_slip
from app.finance.sales_invoices import queries
from app.finance.sales_invoices.requests import usage
from app.finance.sales_invoices.services import leaving, making, sending
from tenants.core import clock
from tenants.core.db import db
from tests.factories.jobs import run_jobs
from tests.factories.people import now
from tests.factories.sales_invoices import make_invoice
from tests.finance.sales_invoices.test_deposits import Desk

TO = "achats@vert.example"
USED = "SELECT count(*) FROM usage_events WHERE tenant_id = :t AND meter_key = 'invoices_issued'"
PLACE = (
    "SELECT d.number, v.number FROM document_versions v JOIN documents d ON d.id = v.document_id"
    " WHERE v.tenant_id = :t AND v.id = :v"
)


@pytest.fixture
def desk(stage: Any, world: Any) -> Desk:
    return Desk(stage, world)


@pytest.fixture
def made(desk: Desk) -> UUID:
    found = make_invoice(desk.stage, desk.company, desk.operator)
    run_jobs(desk.stage, desk.company.id)
    return found


def slip_of(content: bytes, packs: Any, outcome: Any, at: datetime) -> Slip:
    runs = tuple(RuleRun(pack=one, version="of today", outcome=outcome) for one in packs)
    return Slip(sha256=hashlib.sha256(content).hexdigest(), at=at, runs=runs)


def check_again(desk: Desk, invoice_id: UUID, browser: Any, monkeypatch: Any, outcome: str) -> None:
    """By the button of the page of slips, with rules that say so."""
    monkeypatch.setattr(
        rechecking, "check", lambda content, packs, now: slip_of(content, packs, outcome, now)
    )
    [place] = desk.stage.rows(PLACE, t=desk.company.id, v=standing(desk, invoice_id)[2])
    here = desk.company.url("documents/{}/versions/{}/check".format(*place))
    assert browser.post(here).status_code == 303
    run_jobs(desk.stage, desk.company.id)


def standing(desk: Desk, invoice_id: UUID) -> tuple[str, str, UUID]:
    [row] = desk.stage.rows(
        "SELECT state, files, file_version_id FROM sales_invoice_standings"
        " WHERE tenant_id = :t AND id = :i", t=desk.company.id, i=invoice_id,
    )  # fmt: skip
    return tuple(row)


def send(desk: Desk, invoice_id: UUID) -> None:
    with desk.acting():
        sending.send_invoice(invoice_id=invoice_id, to=TO, **desk.who())


def test_what_today_breaks_a_rule_is_not_sent_and_what_passes_again_is(
    desk: Desk, made: UUID, sign_in_as: Any, api_as: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = sign_in_as(desk.operator)
    program = api_as(
        desk.operator, desk.company, scopes=["sales_invoices:read", "sales_invoices:write"]
    )
    here, address = desk.company.url(f"sales-invoices/{made}"), f"/api/v1/sales-invoices/{made}"
    body = {"to": TO, "handed_over": False}
    check_again(desk, made, browser, monkeypatch, "failed")
    assert standing(desk, made)[:2] == ("validated", "invalid")
    page = browser.get(here).text
    assert f'action="{here}/send"' not in page
    assert "Checked again: it isn" in page
    by_hand = browser.post(f"{here}/send", data={"client": desk.company.slug, "to": TO})
    assert by_hand.status_code == 409
    refused = program.post(f"{address}/send", json=body)
    assert (refused.status_code, refused.json["code"]) == (409, "invoice_not_sendable")
    assert program.get(address).json["file"] == "invalid"
    with desk.acting():
        counts = queries.count_views(now().date())
        assert counts["files"] == 1
        sound = db.session.scalars(usage._proven()).all()
        assert sound == [made], "what was billed was proven then"
    check_again(desk, made, browser, monkeypatch, "passed")
    assert standing(desk, made)[1] == "valid"
    assert f'action="{here}/send"' in browser.get(here).text
    assert program.post(f"{address}/send", json=body).status_code == 200
    assert standing(desk, made)[0] == "sent"
    assert desk.stage.value(USED, t=desk.company.id) == 1


def test_what_waited_for_rules_is_free_and_counted_once_they_pass(
    desk: Desk, sign_in_as: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as nothing:
        nothing.setattr(
            making, "check",
            lambda content, packs, now, installed: slip_of(content, packs, "not_run", now),
        )  # fmt: skip
        made = make_invoice(desk.stage, desk.company, desk.operator)
        run_jobs(desk.stage, desk.company.id)
    assert standing(desk, made)[1] == "not_validated"
    assert desk.stage.value(USED, t=desk.company.id) == 0
    with pytest.raises(sending.NotSendable):
        send(desk, made)
    browser = sign_in_as(desk.operator)
    for _ in range(2):
        check_again(desk, made, browser, monkeypatch, "passed")
    assert standing(desk, made)[1] == "valid"
    assert desk.stage.value(USED, t=desk.company.id) == 1
    send(desk, made)


def test_what_turns_red_while_it_waits_does_not_leave(
    desk: Desk, made: UUID, sign_in_as: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = clock.real_now() + timedelta(minutes=5)
    with desk.acting():
        leaving.hold_invoice(invoice_id=made, to=TO, leaves_at=at, **desk.who())
    check_again(desk, made, sign_in_as(desk.operator), monkeypatch, "failed")
    with desk.acting():
        assert not leaving.send_held(invoice_id=made, leaves_at=at, real_now=at, **desk.who())
    assert standing(desk, made)[:2] == ("validated", "invalid")


def test_a_check_of_an_earlier_version_says_nothing_of_the_latest(desk: Desk, made: UUID) -> None:
    first = standing(desk, made)[2]
    desk.stage.run("UPDATE sales_invoice_standings SET files = 'invalid' WHERE id = :i", i=made)
    with desk.acting():
        making.make_again(invoice_id=made, **desk.who())
    keep(desk, first)
    assert standing(desk, made)[1] == "making"
    run_jobs(desk.stage, desk.company.id)
    assert standing(desk, made)[2] != first
    keep(desk, first)
    assert standing(desk, made)[1] == "valid"


def test_an_invoice_whose_document_was_deleted_is_made_as_a_new_one(desk: Desk, made: UUID) -> None:
    for change in (
        "document_versions v SET file_id = NULL FROM documents d WHERE d.id = v.document_id AND",
        "documents d SET title = '', deleted_at = now() WHERE",
    ):
        desk.stage.run(f"UPDATE {change} d.about_id = :i", i=made)
    desk.stage.run("UPDATE sales_invoice_standings SET files = 'invalid' WHERE id = :i", i=made)
    with desk.acting():
        making.make_again(invoice_id=made, **desk.who())
    run_jobs(desk.stage, desk.company.id)
    assert standing(desk, made)[1] == "valid"
    latest = "SELECT latest FROM documents WHERE about_id = :i AND deleted_at IS NULL"
    assert desk.stage.value(latest, i=made) == 1


def test_what_was_checked_again_before_is_put_right(desk: Desk, made: UUID) -> None:
    keep(desk, standing(desk, made)[2], silently=True)
    assert standing(desk, made)[1] == "valid"
    for statement in import_module("migrations.versions.0053_nothing_left_to_pay").RIGHTED:
        desk.stage.run(statement)
    assert standing(desk, made)[1] == "invalid"


def keep(desk: Desk, version_id: UUID, *, silently: bool = False) -> None:
    """A slip of later, on which a rule is broken."""
    who = desk.who()
    with desk.acting():
        version = get_version_by_id(actor=who["actor"], version_id=version_id).version
        run = (RuleRun(pack="x", version="2", outcome="failed"),)
        slip = Slip(sha256=version.sha256, at=now() + timedelta(days=1), runs=run)
        if silently:
            attach_slip(version=version, slip=slip, **who)
        else:
            keep_slip(document_version_id=version_id, slip=slip, **who)


def test_its_file_is_taken_along_with_the_slip(desk: Desk, made: UUID, sign_in_as: Any) -> None:
    browser, here = sign_in_as(desk.operator), desk.company.url(f"sales-invoices/{made}")
    assert f"{here}/with-slip.zip" in browser.get(here).text
    answer = browser.get(f"{here}/with-slip.zip")
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.data)) as found:
        kinds = [name.rpartition(".")[2] for name in found.namelist()]
        assert found.read(found.namelist()[0]) == browser.get(f"{here}/file").data
    assert kinds in (["pdf", "pdf", "json"], ["xml", "pdf", "pdf", "json"])
    desk.stage.run("UPDATE sales_invoice_standings SET files = 'making' WHERE id = :i", i=made)
    assert browser.get(f"{here}/with-slip.zip").status_code == 409
