"""Days of invoices lie between 2000 and 2099; another one is said at its field."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.factories import invoice_batches
from tests.factories.sales_invoices import set_up
from tests.finance.sales_invoices.test_api import SCOPES, URL, draft
from tests.finance.sales_invoices.test_pages import HEAD, base, lines
from tests.finance.sales_invoices.test_schedule_pages import HEAD as SCHEDULE

SENTENCE = "Choose a day between 2000 and 2099."
DAYS = ["0001-01-01", "1999-12-31", "2100-01-01", "9999-12-31"]
FIELDS = {
    "issued_on": "Date", "due_on": "Échéance", "delivered_on": "Livré ou réalisé le",
    "period_start": "Période du", "period_end": "Période au",
}  # fmt: skip


@pytest.fixture
def desk(stage: Any, world: Any, sign_in_as: Any, api_as: Any) -> Any:
    set_up(stage, world.a, world.operator_a)
    customer = invoice_batches.make_customer(stage, world.a, world.operator_a, 1)
    program = api_as(world.operator_a, world.a, scopes=SCOPES)
    return stage, world.a, sign_in_as(world.operator_a), program, str(customer.id)


def _marked(page: str) -> list[str]:
    """The fields that are said to be wrong."""
    return re.findall(r'name="(\w+)"[^>]* aria-invalid="true"', page)


@pytest.mark.parametrize("field", FIELDS)
def test_forms_programs_and_sheets_say_so(desk: Any, world: Any, field: str) -> None:
    stage, a, browser, program, customer = desk
    form = {**HEAD, **lines(("Conseil", "1", "100")), "customer": customer, "client": a.slug}
    for day in DAYS:
        answer = browser.post(f"{base(a)}/new", data={**form, field: day})
        assert (answer.status_code, _marked(answer.text)) == (422, [field]), day
        assert SENTENCE in answer.text
        answer = program.post(URL, json=draft(customer, **{field: day}))
        assert answer.status_code == 422
        assert answer.json["errors"] == {field: [SENTENCE]}
    head = f"{invoice_batches.HEAD};{FIELDS[field]}"
    rows = [f"{day};K1;;Conseil;1;h;100,00;20;{day}" for day in DAYS]
    sent = invoice_batches.send(stage, a, world.operator_a, "\n".join([head, *rows]))
    kept = stage.rows(
        "SELECT state, reasons FROM invoice_batch_rows WHERE batch_id = :i", i=sent
    )  # fmt: skip
    assert [row.state for row in kept] == ["rejected"] * len(DAYS)
    for row in kept:
        [(_, title, reason)] = row.reasons
        assert (title, reason["message"]) == (FIELDS[field], SENTENCE)
    assert stage.value("SELECT count(*) FROM sales_invoices WHERE tenant_id = :t", t=a.id) == 0


@pytest.mark.parametrize("field", ["starts_on", "ends_on"])
def test_recurring_invoices_say_so(desk: Any, field: str) -> None:
    _, a, browser, _, customer = desk
    sent = {**SCHEDULE, **lines(("Loyer", "1", "900")), "customer": customer, "client": a.slug}
    for day in DAYS:
        answer = browser.post(f"{base(a)}/recurring/new", data={**sent, field: day})
        assert (answer.status_code, _marked(answer.text)) == (422, [field]), day
        assert SENTENCE in answer.text


def test_the_edges_are_taken_and_their_pages_shown(desk: Any) -> None:
    _, a, browser, program, customer = desk
    form = {**HEAD, **lines(("Conseil", "1", "100")), "customer": customer, "client": a.slug}
    for day in ("2000-01-01", "2099-12-31"):
        made = browser.post(f"{base(a)}/new", data={**form, "issued_on": day})
        assert made.status_code == 303
        assert browser.get(made.location).status_code == 200
        assert program.get(f"{URL}/{made.location.rsplit('/', 1)[1]}").status_code == 200
