"""Whatever a draft holds comes back from the forms that people change it with: a field that was added to
a draft and not to its forms fails here."""

from __future__ import annotations

from dataclasses import MISSING, Field, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from lxml import html

from app.finance.einvoicing.document import Address, Allowance
from app.finance.sales_invoices import queries
from app.finance.sales_invoices.api_schemas import InvoiceLineIn
from app.finance.sales_invoices.content import Draft, DraftLine
from app.finance.sales_invoices.schedules import keeping
from app.finance.sales_invoices.schedules import queries as schedules
from app.finance.sales_invoices.services import drafting, series
from app.finance.sales_invoices.services.drafting import Wish
from tests.factories import acting
from tests.factories.people import now
from tests.factories.sales_invoices import BUYER, make_draft, make_schedule, set_up

LINE = DraftLine(
    name="Cours d’été", quantity=Decimal("2.5"), unit="HUR", unit_price=Decimal("12.3456"),
    category="E", rate=Decimal(0), description="Première séance\nDeuxième séance", item="ART-77",
    discount=Decimal("10.5"), exemption_code="VATEX-FR-FRANCHISE", exemption_reason="Art. 293 B du CGI",
)  # fmt: skip
# With its customer come deposits, and what is chosen of the file: see test_choosing.
OF_CUSTOMER = {"delivery_choice", "contact_choice", "deposits"}
CONTENT = Draft(
    lines=(LINE, replace(LINE, exemption_code="", category="S", rate=Decimal("5.5"), exemption_reason="")),
    buyer=BUYER, nature="mixed", vat_point="delivery", audience="B2BINT", terms_days=12, end_of_month=True,
    payment_terms="Par virement", note="Merci\nbeaucoup", buyer_reference="SERVICE-1", order="B-1",
    contract="C-1", project="P-1", delivered_on=date(2026, 11, 3), delivery_name="Dépôt",
    delivery_address=Address(lines=("1 quai",), city="Lyon", country="FR"), contact="Anne",
    contact_phone="1", contact_email="a@vert.example", period_start=date(2026, 11, 1),
    period_end=date(2026, 11, 30), allowances=(Allowance(amount=100, category="S", rate=Decimal("5.5")),),
    reason="Erreur",
)  # fmt: skip
WISH = Wish(
    content=CONTENT, type="386", language="de", currency="USD", rate=Decimal("0.91"),
    issued_on=date(2026, 11, 4), due_on=date(2026, 12, 4), form="ubl-en16931",
)  # fmt: skip


def _unlike_its_default(one: Field[Any], value: Any) -> bool:
    usual = one.default_factory() if one.default_factory is not MISSING else one.default
    return bool(value != usual)


def test_the_examples_fill_every_field() -> None:
    kept: set[str] = {
        one.name for of in (LINE, CONTENT, WISH) for one in fields(of)
        if not _unlike_its_default(one, getattr(of, one.name))
    }  # fmt: skip
    assert kept == OF_CUSTOMER | {"customer_id", "series_id"}
    assert {one.name for one in fields(DraftLine)} == set(InvoiceLineIn().fields)


@pytest.fixture
def desk(stage: Any, world: Any, sign_in_as: Any) -> Any:
    set_up(stage, world.a, world.operator_a)
    return stage, world.a, sign_in_as(world.operator_a)


def form_at(browser: Any, address: str) -> Any:
    page: Any = html.fromstring(browser.get(address).text)
    [form] = [one for one in page.forms if one.action == address]
    for one in form.xpath(".//input[@value]"):
        # As browsers do.
        one.set("value", one.get("value").replace("\n", ""))
    return form


def send_back(browser: Any, address: str) -> None:
    """The form as it stands, as a browser sends it."""
    form = form_at(browser, address)
    answer = browser.post(
        address, data={name: _values(form, name) for name, _ in form.form_values()}
    )
    assert answer.status_code == 303, answer.text


def _values(form: Any, name: str) -> list[str]:
    return [value for other, value in form.form_values() if other == name]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_draft_that_is_opened_and_kept_stays_as_it_was(
    desk: Any, world: Any, language: str
) -> None:
    stage, a, browser = desk
    made = make_draft(stage, a, world.operator_a, WISH)
    stage.run("UPDATE users SET language = :l WHERE id = :i", l=language, i=world.operator_a.id)
    send_back(browser, a.url(f"sales-invoices/{made}/edit"))
    with acting(stage, world.operator_a.scope(a)):
        assert drafting.wish_of(queries.get_invoice(invoice_id=made).invoice) == WISH


def test_a_schedule_that_is_opened_and_kept_stays_as_it_was(desk: Any, world: Any) -> None:
    stage, a, browser = desk
    asked = replace(WISH, type="380", rate=None, issued_on=None, due_on=None)
    made = make_schedule(stage, a, world.operator_a, asked=asked)
    send_back(browser, a.url(f"sales-invoices/recurring/{made}/edit"))
    with acting(stage, world.operator_a.scope(a)):
        assert keeping.wish_of(schedules.get_schedule(schedule_id=made)) == asked


def test_a_reason_that_is_a_code_is_read_as_one(desk: Any, world: Any) -> None:
    stage, a, browser = desk
    made = make_draft(stage, a, world.operator_a, WISH)
    address = a.url(f"sales-invoices/{made}/edit")
    form = form_at(browser, address)

    def sent(**first: str) -> Any:
        data = {name: _values(form, name) for name, _ in form.form_values()}
        for name, value in first.items():
            data[f"line_{name}"][0] = value
        return browser.post(address, data=data)

    assert "another kind of VAT" in sent(vat="K:0").text
    assert "This isn&#39;t a code" in sent(code="Art. 293").text
    assert sent(code="", reason="vatex-fr-franchise").status_code == 303
    with acting(stage, world.operator_a.scope(a)):
        line = drafting.content_of(queries.get_invoice(invoice_id=made).invoice).lines[0]
    assert (line.exemption_code, line.exemption_reason) == ("VATEX-FR-FRANCHISE", "")


def test_a_series_that_is_no_longer_in_use_is_not_changed_for_another(
    desk: Any, world: Any
) -> None:
    stage, a, browser = desk
    operator = world.operator_a
    who: dict[str, Any] = {"actor": operator.actor(a, level="review"), "now": now()}
    with acting(stage, operator.scope(a)):
        own = series.add_series(name="Export", prefix="X-", digits=4, types=["380"], **who).id
    asked = replace(WISH, type="380", series_id=own)
    made = make_draft(stage, a, operator, asked)
    again = make_schedule(stage, a, operator, asked=replace(asked, issued_on=None, due_on=None, rate=None))  # fmt: skip
    with acting(stage, operator.scope(a)):
        series.switch_series(series_id=own, active=False, **who)
    send_back(browser, a.url(f"sales-invoices/{made}/edit"))
    send_back(browser, a.url(f"sales-invoices/recurring/{again}/edit"))
    with acting(stage, operator.scope(a)):
        assert queries.get_invoice(invoice_id=made).invoice.series_id == own
        assert keeping.wish_of(schedules.get_schedule(schedule_id=again)).series_id == own
