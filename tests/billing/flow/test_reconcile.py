"""The nightly look finds what differs, says where, and lets go of what is right again."""

from __future__ import annotations

import pytest

from tests.billing.flow.house import Flow
from tests.factories import Company

pytestmark = pytest.mark.parametrize("usage_sink", ["totals", "deltas"])

HOUR = 3600


def findings(flow: Flow, company: Company) -> list[tuple[str, str, str, str]]:
    """The open ones, after a night."""
    flow.enqueue(company, "reconcile")
    flow.work(company)
    rows = flow.stage.rows(
        "SELECT kind, subject, expected, actual FROM reconcile_findings"
        " WHERE tenant_id = :t AND resolved_at IS NULL ORDER BY kind, subject",
        t=company.id,
    )
    return [tuple(row) for row in rows]


@pytest.fixture
def used(flow: Flow, company: Company) -> Company:
    """With a final invoice over usage, and some in the running period."""
    flow.use(company, "operator_minutes", 90)
    flow.into_next_period(company)
    flow.use(company, "operator_minutes", 40)
    flow.flush(company)
    flow.advance(company, days=1)
    return company


def test_what_agrees_has_no_findings(flow: Flow, used: Company) -> None:
    assert findings(flow, used) == []


def test_a_total_that_is_not_its_records(flow: Flow, used: Company) -> None:
    total = "UPDATE usage_buckets SET total = total + :n WHERE tenant_id = :t AND total = :w"
    flow.stage.run(total, n=1, t=used.id, w=40)
    [(kind, subject, expected, actual)] = findings(flow, used)
    assert (kind, expected, actual) == ("ledger", "40", "41")
    assert subject.startswith("operator_minutes 20")
    flow.stage.run(total, n=-1, t=used.id, w=41)
    assert findings(flow, used) == []
    assert flow.stage.value(
        "SELECT count(*) FROM reconcile_findings WHERE tenant_id = :t AND resolved_at IS NOT NULL",
        t=used.id,
    ) == 1  # fmt: skip


def test_usage_at_stripe_that_nobody_recorded(flow: Flow, used: Company) -> None:
    hour = int(flow.now.timestamp()) // HOUR * HOUR - HOUR
    flow.gateway.send_meter_event(
        "operator_minutes", flow.customer(used), 7, "by-hand", hour + 1, "by-hand"
    )
    [(kind, _, expected, actual)] = findings(flow, used)
    assert (kind, expected, actual) == ("usage_at_stripe", "0", "7")
    # Seen again is the same finding.
    assert len(findings(flow, used)) == 1


def test_an_invoice_that_counts_something_else(flow: Flow, used: Company) -> None:
    flow.stage.run(
        "UPDATE stripe_invoice_lines SET quantity = 91 WHERE tenant_id = :t AND quantity = 90",
        t=used.id,
    )
    [(kind, subject, expected, actual)] = findings(flow, used)
    assert (kind, expected, actual) == ("usage_invoiced", "90", "91")
    assert "operator_minutes" in subject


def test_two_subscriptions_of_one_company(flow: Flow, used: Company) -> None:
    with flow.acting(used):
        from billing import queries

        price = queries.list_catalogue()["coulisse_v1_base"].stripe_price_id
    second = flow.gateway.create_subscription(
        flow.customer(used), [{"price": price, "quantity": 1}], {"tenant_id": str(used.id)},
        "second", start=flow.sim.now // HOUR * HOUR,
    )  # fmt: skip
    flow.deliver(used)
    # The later one is ended meanwhile: the night closes what was found while both ran.
    assert findings(flow, used) == []
    [noted] = flow.stage.rows(
        "SELECT subject, expected, actual, resolved_at IS NOT NULL AS closed"
        " FROM reconcile_findings WHERE tenant_id = :t AND kind = 'subscriptions'",
        t=used.id,
    )
    assert tuple(noted) == (second["id"], "1", "2", True)


def test_usage_without_a_price(flow: Flow, used: Company) -> None:
    """The plan by agreement has none for payslips: Stripe has no meter for them either."""
    flow.use(used, "payslips", 3)
    found = {kind: (subject, actual) for kind, subject, _, actual in findings(flow, used)}
    assert found["unpriced"] == (f"payslips {flow.now:%Y-%m}", "3")
    assert set(found) <= {"unpriced", "rejected"}


def test_what_stripe_refused_stays_visible(flow: Flow, used: Company) -> None:
    flow.stage.run(
        "UPDATE usage_buckets SET state = 'rejected', error = 'meter_event_customer_not_found'"
        " WHERE tenant_id = :t AND total = 40",
        t=used.id,
    )
    [(kind, _, expected, actual)] = findings(flow, used)
    assert (kind, expected, actual) == ("rejected", "40", "meter_event_customer_not_found")
