"""From the delivery of a request to the invoice that the client sees."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient

from tests.billing.flow.delivery import deliver_request
from tests.billing.flow.house import Flow
from tests.factories import Company, Person, World

SignIn = Callable[[Person], FlaskClient]


def test_delivered_work_stands_on_the_invoice_and_on_the_page(
    flow: Flow, company: Company, world: World, sign_in_as: SignIn
) -> None:
    number_of_request = deliver_request(flow.stage, world, company, at=flow.now)
    flow.use(company, "statement_lines", 120)
    [bucket] = [b for b in flow.buckets(company) if b.meter_key == "operator_minutes"]
    assert (bucket.total, bucket.state) == (45, "dirty")

    browser = sign_in_as(company.admin)
    page = browser.get(company.url("subscription"))
    assert page.status_code == 200, page.text
    assert "45" in page.text

    flow.into_next_period(company)
    assert flow.invoiced(company, "coulisse_v1_operator_minutes") == 45
    assert flow.invoiced(company, "coulisse_v1_statement_lines") == 120

    page = browser.get(company.url("subscription"))
    assert page.status_code == 200, page.text
    [number] = [
        row.number
        for row in flow.stage.rows(
            "SELECT number FROM stripe_invoices WHERE tenant_id = :t"
            " AND billing_reason = 'subscription_cycle'",
            t=company.id,
        )
    ]
    assert number in page.text
    records = browser.get(
        company.url(f"subscription/usage?meter=operator_minutes&invoice={number}")
    )
    assert f"/requests/{number_of_request}" in records.text
    lines = flow.stage.rows(
        "SELECT l.lookup_key, l.quantity, l.amount FROM stripe_invoice_lines l"
        " JOIN stripe_invoices i USING (tenant_id, stripe_invoice_id)"
        " WHERE i.tenant_id = :t AND i.number = :n",
        t=company.id, n=number,
    )  # fmt: skip
    assert {(line.lookup_key, int(line.quantity), line.amount) for line in lines} == {
        ("coulisse_v1_base", 1, 49000),
        ("coulisse_v1_operator_minutes", 45, 45 * 95),
        ("coulisse_v1_statement_lines", 120, 3900),
    }
