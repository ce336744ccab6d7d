"""When invoices are due by their customer's terms, on every way to an invoice."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.finance.sales_invoices.schedules import making as scheduled
from app.finance.sales_invoices.terms import due_day, in_words
from tenants.permissions import system_actor
from tests.factories import acting, invoice_batches
from tests.factories.sales_invoices import make_schedule, set_up, validate, wish
from tests.finance.sales_invoices.test_api import SCOPES, URL, draft
from tests.finance.sales_invoices.test_pages import HEAD, base, lines
from tests.finance.sales_invoices.test_schedules import at


@pytest.mark.parametrize(
    ("issued", "days", "due"),
    [("2026-11-23", 30, "2026-12-31"), ("2026-11-30", 30, "2026-12-31"), ("2026-12-01", 30, "2026-12-31"),
     ("2026-12-02", 30, "2027-01-31"), ("2027-01-31", 28, "2027-02-28"), ("2028-01-31", 29, "2028-02-29"),
     ("2026-11-23", 45, "2027-01-31"), ("2026-11-23", 0, "2026-11-30")],
)  # fmt: skip
def test_the_days_come_first_and_then_the_end_of_that_month(
    issued: str, days: int, due: str
) -> None:
    assert due_day(date.fromisoformat(issued), days, end_of_month=True) == date.fromisoformat(due)


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.integers(0, 365))
def test_it_is_never_earlier_and_less_than_a_month_later(issued: date, days: int) -> None:
    plain = due_day(issued, days, end_of_month=False)
    ended = due_day(issued, days, end_of_month=True)
    assert (plain - issued).days == days
    assert 0 <= (ended - plain).days <= 30
    assert (ended.year, ended.month) == (plain.year, plain.month)


def test_they_are_said_in_the_invoices_language() -> None:
    assert in_words(45, "fr") == "45 jours fin de mois"
    assert in_words(30, "de") == "30 Tage, dann zum Monatsende"
    assert [in_words(n, "en")[:5] for n in (0, 1, 2)] == ["At th", "1 day", "2 day"]


@pytest.fixture
def desk(stage: Any, world: Any) -> Any:
    """Its customer pays after 30 days, at the end of the month."""
    set_up(stage, world.a, world.operator_a)
    customer = invoice_batches.make_customer(
        stage, world.a, world.operator_a, 1, payment_days=30, end_of_month=True
    )
    return stage, world.a, world.operator_a, str(customer.id)


def by_page(desk: Any, sign_in_as: Any) -> None:
    _, company, operator, customer = desk
    sent = {
        **HEAD, **lines(("Conseil", "1", "100")), "customer": customer, "client": company.slug,
        "issued_on": "2026-11-23",
    }  # fmt: skip
    answer = sign_in_as(operator).post(f"{base(company)}/new", data=sent)
    assert answer.status_code == 303, answer.text


def by_program(desk: Any, api_as: Any, **more: Any) -> Any:
    _, company, operator, customer = desk
    program = api_as(operator, company, scopes=SCOPES)
    answer = program.post(URL, json=draft(customer, issued_on="2026-11-23", **more))
    assert answer.status_code == 201, answer.text
    return answer.json["id"]


def by_sheet(desk: Any) -> None:
    stage, company, operator, _ = desk
    head = invoice_batches.HEAD + ";Date"
    sent = f"{head}\n1;K1;;Conseil;1;h;100,00;20;2026-11-23\n"
    made = invoice_batches.send(stage, company, operator, sent)
    invoice_batches.issue(stage, company, operator, made, "draft")


def by_schedule(desk: Any) -> None:
    stage, company, operator, customer = desk
    asked = wish(company, customer_id=customer, buyer=None)
    made = make_schedule(stage, company, operator, asked=asked, day=23, at=at("2026-11-23"))
    with acting(stage, company.scope):
        scheduled.make_due(schedule_id=made, actor=system_actor(company.id), now=at("2026-11-23"))


@pytest.mark.parametrize("way", ["page", "program", "sheet", "schedule"])
def test_every_way_keeps_them(desk: Any, way: str, sign_in_as: Any, api_as: Any) -> None:
    stage, company, operator, _ = desk
    if way == "page":
        by_page(desk, sign_in_as)
    elif way == "program":
        by_program(desk, api_as)
    elif way == "sheet":
        by_sheet(desk)
    else:
        by_schedule(desk)
    made = stage.value("SELECT id FROM sales_invoices WHERE tenant_id = :t", t=company.id)
    stage.run("UPDATE sales_invoices SET issued_on = '2026-11-23' WHERE id = :i", i=made)
    validate(stage, company, operator, made, at=at("2026-11-30"))
    [row] = stage.rows("SELECT due_on::text, document FROM sales_invoices WHERE id = :i", i=made)
    assert row.due_on == "2026-12-31"
    assert row.document["payment_terms"] == "30 jours fin de mois"


def test_a_day_that_somebody_wrote_is_that_day(desk: Any, api_as: Any) -> None:
    stage, company, operator, _ = desk
    made = by_program(desk, api_as, due_on="2026-12-05")
    validate(stage, company, operator, made, at=at("2026-11-30"))
    [row] = stage.rows("SELECT due_on::text, document FROM sales_invoices WHERE id = :i", i=made)
    assert (row.due_on, row.document.get("payment_terms", "")) == ("2026-12-05", "")


def test_without_days_of_its_own_the_companys_count(desk: Any, api_as: Any) -> None:
    stage, company, operator, customer = desk
    stage.run("UPDATE parties SET payment_days = NULL WHERE id = :i", i=customer)
    stage.run("UPDATE invoicing_settings SET payment_days = 10 WHERE tenant_id = :t", t=company.id)
    made = by_program(desk, api_as, language="de")
    validate(stage, company, operator, made, at=at("2026-11-30"))
    [row] = stage.rows("SELECT due_on::text, document FROM sales_invoices WHERE id = :i", i=made)
    assert (row.due_on, row.document["payment_terms"]) == (
        "2026-12-31", "10 Tage, dann zum Monatsende",
    )  # fmt: skip
