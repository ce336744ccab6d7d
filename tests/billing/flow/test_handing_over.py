"""Final invoices leave through a port, each once; without a taker they wait."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from billing.invoices import handing_over
from billing.invoices import record as records
from billing.invoices.models import InvoiceRecord
from tests.billing.flow.house import Flow
from tests.factories import Company


def take(numbers: list[str]) -> handing_over.Take:
    def one(row: InvoiceRecord) -> bool:
        numbers.append(row.number)
        return True

    return one


@pytest.fixture
def taken() -> Iterator[list[str]]:
    numbers: list[str] = []
    yield numbers
    handing_over._takers.clear()


def waiting(flow: Flow, company: Company) -> int:
    return int(
        flow.stage.value(
            "SELECT count(*) FROM invoice_records WHERE tenant_id = :t AND taken_at IS NULL",
            t=company.id,
        )
    )


def test_every_final_invoice_is_kept_once_and_adds_up(flow: Flow, company: Company) -> None:
    """Usage over included units, credit for usage, credit on account, and a credit note."""
    customer = flow.customer(company)
    expiry = flow.sim.now + 90 * 86_400
    flow.gateway.give_credit(customer, 500, "EUR", "Goodwill", {}, "grant", expires_at=expiry)
    flow.use(company, "operator_minutes", 333)
    flow.into_next_period(company)
    paid = flow.gateway.fetch_customer_state(customer)["invoices"][0]
    line = {"invoice_line_item": paid["lines"][0]["id"], "amount": 123}
    back = flow.gateway.preview_credit_note(paid["id"], [line])["post_payment_amount"]
    flow.gateway.create_credit_note(
        paid["id"], [line], "note", memo="Late", metadata={}, to_balance=back
    )
    flow.deliver(company)
    flow.into_next_period(company)
    rows = flow.stage.rows(
        "SELECT r.*, i.total, i.total_tax, i.amount_paid FROM invoice_records r"
        " LEFT JOIN stripe_invoices i ON i.tenant_id = r.tenant_id"
        " AND i.stripe_invoice_id = r.stripe_id WHERE r.tenant_id = :t ORDER BY r.made_at, r.id",
        t=company.id,
    )
    final = flow.stage.value(
        "SELECT count(*) FROM stripe_invoices WHERE tenant_id = :t AND status <> 'draft'",
        t=company.id,
    )
    invoices = [row for row in rows if row.kind == "invoice"]
    assert len(invoices) == final >= 3
    for row in invoices:
        totals = row.record["totals"]
        assert (totals["gross"], totals["vat"]) == (row.total, row.total_tax)
        assert totals["due"] == row.amount_paid
        assert sum(one["amount"] for one in row.record["payments"]) == row.amount_paid
        assert row.sha256 == handing_over.digest(row.record)
        assert row.record["vat"][0]["category"] == "S"
    assert sum(row.record["totals"]["allowances"] for row in invoices) == 500
    assert any(row.record["totals"]["prepaid"] > 0 for row in invoices)
    [note] = [row for row in rows if row.kind == "credit_note"]
    assert note.record["preceding_invoice"]["number"] == paid["number"]
    assert note.record["totals"]["net"] == 123
    assert waiting(flow, company) == len(rows)


def test_who_registers_gets_what_waited(flow: Flow, company: Company, taken: list[str]) -> None:
    flow.into_next_period(company)
    kept = waiting(flow, company)
    assert kept
    handing_over.register(take(taken))
    for _ in range(2):
        flow.enqueue(company, "sync_customer", key=f"again-{len(taken)}-{_}")
        flow.work(company)
    assert len(taken) == len(set(taken)) == kept
    assert waiting(flow, company) == 0


def test_one_that_is_cancelled_is_taken_back_once(
    flow: Flow, company: Company, taken: list[str]
) -> None:
    flow.sim.control("fail_next_charge", count=50)
    flow.into_next_period(company)
    handing_over.register(take(taken))
    flow.enqueue(company, "sync_customer", key="take")
    flow.work(company)
    [open_one] = flow.stage.rows(
        "SELECT stripe_invoice_id, number FROM stripe_invoices WHERE tenant_id = :t"
        " AND status = 'open'", t=company.id,
    )  # fmt: skip
    before = len(taken)
    flow.gateway.void_invoice(open_one.stripe_invoice_id, "by-hand")
    for again in range(2):
        flow.deliver(company)
        flow.enqueue(company, "sync_customer", key=f"void-{again}")
        flow.work(company)
    assert taken[before:] == [open_one.number]
    first, void = flow.stage.rows(
        "SELECT kind, record, sha256 FROM invoice_records WHERE tenant_id = :t AND stripe_id = :i"
        " ORDER BY made_at, id", t=company.id, i=open_one.stripe_invoice_id,
    )  # fmt: skip
    assert (first.kind, void.kind) == ("invoice", "void")
    assert void.record["withdraws"] == first.sha256


def test_one_that_does_not_add_up_is_a_finding(
    flow: Flow, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def differing(*_: object, **__: object) -> None:
        raise records.SumsDiffer(1)

    monkeypatch.setattr(records, "of_invoice", differing)
    flow.into_next_period(company)
    found = flow.stage.rows(
        "SELECT f.subject, f.expected, i.total FROM reconcile_findings f JOIN stripe_invoices i"
        " ON i.tenant_id = f.tenant_id AND i.number = f.subject"
        " WHERE f.tenant_id = :t AND f.kind = 'invoice_record'", t=company.id,
    )  # fmt: skip
    assert found
    assert all(row.expected == str(row.total) for row in found)
    monkeypatch.undo()
    flow.enqueue(company, "sync_customer", key="again")
    flow.work(company)
    left = "SELECT count(*) FROM reconcile_findings WHERE tenant_id = :t AND resolved_at IS NULL"
    assert flow.stage.value(left, t=company.id) == 0, "closed once it could be written"
