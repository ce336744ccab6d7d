"""Invoices that are issued for a request of the item “issue invoices”, and what is billed of them."""

from __future__ import annotations

import io
import re
from datetime import date
from typing import Any

import pytest

from app.finance.sales_invoices.requests import handing_over
from app.finance.sales_invoices.requests.queries import figures_of_invoices
from app.finance.sales_invoices.services import correcting, making, validating
from app.finance.sales_invoices.words import TYPES
from app.service_requests.queries import get_request
from app.service_requests.services.intake import attach
from app.spreadsheets import writing
from billing.sources import find_sources, proven_ids
from tenants.core.db import db
from tenants.uploads import take_file
from tests.factories import acting
from tests.factories.invoice_batches import HEAD, make_customer
from tests.factories.jobs import run_jobs
from tests.factories.lifecycle import make_request
from tests.factories.people import now
from tests.factories.sales_invoices import make_draft, make_invoice, set_up

VALUES = {"title": "Subscriptions", "release": "at_once", "sending": "by_client"}
USED = (
    "SELECT source_id, quantity FROM usage_events WHERE tenant_id = :t"
    " AND meter_key = 'invoices_issued' ORDER BY source_id"
)


@pytest.fixture
def desk(stage: Any, world: Any, sign_in_as: Any) -> Any:
    set_up(stage, world.a, world.operator_a)
    make_customer(stage, world.a, world.operator_a, 1)
    made = make_request(
        stage, world.a, state="in_progress", item="issue_invoices", operator=world.operator_a,
        title="Subscriptions", values=VALUES,
    )  # fmt: skip
    return stage, world.a, made, sign_in_as(world.operator_a)


def _subscribe(stage: Any, company: Any) -> None:
    stage.run(
        "INSERT INTO subscriptions (tenant_id, stripe_subscription_id, plan_key, status, started_at,"
        " sync_version) VALUES (:t, 'sub_1', 'standard', 'active', now() - interval '2 days', 1)",
        t=company.id,
    )  # fmt: skip
    stage.run(
        "INSERT INTO subscription_items (tenant_id, stripe_subscription_id, stripe_item_id,"
        " lookup_key, period_start, period_end, sync_version) VALUES (:t, 'sub_1', 'si_1',"
        " 'standard_v1_invoices_issued', now() - interval '2 days', now() + interval '28 days', 1)",
        t=company.id,
    )  # fmt: skip


def here(answer: Any) -> str:
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"]).replace("http://localhost", "")


def test_the_clients_sheet_is_issued_from_its_request_and_its_list_is_the_result(
    desk: Any, world: Any, sign_in_as: Any
) -> None:
    stage, a, made, browser = desk
    assert "Invoices of this request" in browser.get(made.url).text
    page = a.url(f"sales-invoices/requests/{made.number}")
    assert "No invoices yet" in browser.get(page).text
    new = a.url(f"sales-invoices/batches/new?request={made.number}")
    assert f'name="request" value="{made.number}"' in browser.get(new).text
    content = f"{HEAD}\nA;K1;;Abo;1;mois;95,00;20\nB;K1;;Abo;2;mois;95,00;20".encode()
    sheet = here(browser.post(
        a.url("sales-invoices/batches/new"),
        data={"client": a.slug, "request": str(made.number), "file": (io.BytesIO(content), "s.csv")},
    ))  # fmt: skip
    run_jobs(stage, a.id, name="sales_invoices.read_batch")
    here(browser.post(f"{sheet}/issue", data={"client": a.slug, "aim": "validate"}))
    refused = browser.post(f"{page}/list", data={"client": a.slug})
    assert refused.status_code == 409
    make_draft(stage, a, world.operator_a, request_id=made.id)
    with acting(stage, world.operator_a.scope(a)):
        assert figures_of_invoices(made.id) == {"issued": False, "sent": False}
    stage.run(
        "DELETE FROM sales_invoice_standings WHERE tenant_id = :t AND state = 'draft'", t=a.id
    )
    stage.run("DELETE FROM sales_invoices WHERE tenant_id = :t AND number = ''", t=a.id)
    run_jobs(stage, a.id)
    shown = browser.get(page).text
    assert "s.csv" in shown
    assert len(set(re.findall(r"F-\d{4}-\d{4}", shown))) == 2
    assert "2 invoices are issued." in browser.get(made.url).text
    with acting(stage, world.operator_a.scope(a)):
        assert figures_of_invoices(made.id) == {"issued": True, "sent": False}
    assert here(browser.post(f"{page}/list", data={"client": a.slug})) == made.url
    kinds = "SELECT kind FROM deliverables WHERE tenant_id = :t AND request_id = :r"
    assert stage.rows(kinds, t=a.id, r=made.id) == [("invoice_list",)]
    # Each is billed once, and the usage names it.
    used = stage.rows(USED, t=a.id)
    assert [row.quantity for row in used] == [1, 1]
    with acting(stage, a.scope):
        source = find_sources([("sales_invoice", used[0].source_id)])[used[0].source_id]
        proven = db.session.scalars(proven_ids()["sales_invoice"]).all()
    assert (source.number, source.line, source.proven) == (made.number, "finance", True)
    assert source.title.startswith("F-")
    assert set(proven) == {row.source_id for row in used}
    _subscribe(stage, a)
    listed = sign_in_as(a.admin).get(a.url("subscription/usage?meter=invoices_issued")).text
    assert f"sales-invoices/{used[0].source_id}" in listed
    assert "Complete" in listed


def test_the_list_says_the_companys_day(desk: Any, world: Any, monkeypatch: Any) -> None:
    stage, a, made, _ = desk
    make_invoice(stage, a, world.operator_a, request_id=made.id)
    stage.run(
        "UPDATE sales_invoice_standings SET sent_at = '2026-11-30 23:30Z' WHERE tenant_id = :t",
        t=a.id,
    )
    sheets = []

    def write(sheet: Any, kind: str) -> bytes:
        sheets.append(sheet)
        return writing.write(sheet, kind)

    monkeypatch.setattr(handing_over, "write", write)
    with acting(stage, world.operator_a.scope(a)):
        actor = world.operator_a.actor(a)
        request = get_request(actor=actor, number=made.number)
        handing_over.attach_list(
            request=request, words=str, kinds=dict(TYPES), actor=actor, now=now()
        )
    [[row]] = [one.rows for one in sheets]
    assert row[10] == date(2026, 12, 1)


def test_the_file_that_the_client_sent_is_taken_as_it_is(desk: Any, world: Any) -> None:
    stage, a, made, browser = desk
    content = f"{HEAD}\nA;K1;;Abo;1;mois;95,00;20".encode()
    with acting(stage, a.user.scope()):
        actor = a.user.actor()
        request = get_request(actor=actor, number=made.number)
        stored = take_file(
            name="client.csv", content_type="text/csv", content=content, actor=actor, now=now()
        )
        attach(request, file_id=stored.id, slot="sheet", actor=actor, now=now())
        file_id = str(stored.id)
    page = a.url(f"sales-invoices/batches/new?request={made.number}")
    assert "client.csv" in browser.get(page).text
    data = {"client": a.slug, "request": str(made.number), "chosen": file_id}
    sheet = here(browser.post(a.url("sales-invoices/batches/new"), data=data))
    run_jobs(stage, a.id, name="sales_invoices.read_batch")
    assert "1 ready, 0 rejected of 1 invoices" in browser.get(sheet).text
    # A file of another request, or of none, is no choice.
    data["chosen"] = str(made.id)
    other = browser.post(a.url("sales-invoices/batches/new"), data=data)
    assert other.status_code in (404, 422)
    data["chosen"] = "abc"
    assert browser.post(a.url("sales-invoices/batches/new"), data=data).status_code == 422


def test_a_draft_is_written_for_a_request(desk: Any, world: Any) -> None:
    _, a, made, browser = desk
    chosen = browser.get(a.url(f"sales-invoices/new?request={made.number}")).text
    assert f"request={made.number}" in chosen
    assert browser.get(a.url("sales-invoices/new?request=999999")).status_code == 404
    other = world.b.url(f"sales-invoices/requests/{made.number}")
    assert browser.get(other).status_code == 404


def test_what_has_no_sound_file_is_not_billed_and_a_credit_note_never(
    desk: Any, world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, a, _, _ = desk
    operator = world.operator_a
    written = making.write_xml  # type: ignore[attr-defined]
    with monkeypatch.context() as broken:
        broken.setattr(
            making, "write_xml", lambda *x, **k: written(*x, **k).replace(b"360.00", b"361.00")
        )
        made = make_invoice(stage, a, operator)
        run_jobs(stage, a.id)
    assert not stage.rows(USED, t=a.id)
    with acting(stage, operator.scope(a)):
        making.make_again(invoice_id=made, actor=operator.actor(a), now=now())
    run_jobs(stage, a.id)
    assert stage.rows(USED, t=a.id) == [(made, 1)]
    with acting(stage, operator.scope(a)):
        actor = operator.actor(a)
        note = correcting.credit(
            invoice_id=made, share=None, reason="Erreur", actor=actor, now=now()
        ).id
        validating.validate_draft(invoice_id=note, expected_version=None, actor=actor, now=now())
    run_jobs(stage, a.id)
    assert stage.rows(USED, t=a.id) == [(made, 1)]
