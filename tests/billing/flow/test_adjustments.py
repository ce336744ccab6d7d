"""Usage that no meter takes any more is charged once, under its own month."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.billing.flow.house import Flow
from tests.billing.flow.test_reconcile import findings
from tests.billing.flow.test_sending import MINUTES
from tests.factories import Company

pytestmark = pytest.mark.parametrize("usage_sink", ["totals", "deltas"])


def adjustments(flow: Flow, company: Company) -> list[Any]:
    return flow.stage.rows(
        "SELECT meter_key, quantity, charged, amount, reason, period_start FROM usage_adjustments"
        " WHERE tenant_id = :t ORDER BY id", t=company.id,
    )  # fmt: skip


def items(flow: Flow) -> list[dict[str, Any]]:
    return list(flow.sim.store.table("invoiceitems").values())


def month(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def charged(flow: Flow, company: Company) -> list[tuple[Any, ...]]:
    """Lines of items on final invoices: amount, and when their month begins."""
    rows = flow.stage.rows(
        "SELECT l.amount, l.period_start FROM stripe_invoice_lines l JOIN stripe_invoices i"
        " USING (tenant_id, stripe_invoice_id)"
        " WHERE tenant_id = :t AND l.stripe_item_id <> '' AND i.status <> 'draft'"
        " ORDER BY l.place", t=company.id,
    )  # fmt: skip
    return [tuple(row) for row in rows]


def test_usage_of_36_days_ago_is_an_item_of_the_next_invoice_under_its_month(
    flow: Flow, company: Company
) -> None:
    at = flow.now
    flow.into_next_period(company)
    while flow.now < at + timedelta(days=36):
        flow.advance(company, days=1)
    flow.use(company, "operator_minutes", 40, occurred_at=at)
    flow.use(company, "operator_minutes", 7)
    for _ in range(2):
        flow.flush(company)
    [row] = adjustments(flow, company)
    assert tuple(row) == ("operator_minutes", 40, 40, 40 * 95, "too_old", month(at))
    [item] = items(flow)
    assert item["period"]["start"] == int(month(at).timestamp())
    assert f"{at:%B %Y}" in item["description"]
    flow.into_next_period(company)
    assert charged(flow, company) == [(40 * 95, month(at))]
    assert flow.invoiced(company, MINUTES) == 7
    assert findings(flow, company) == []


def test_an_hour_that_never_reached_stripe_and_is_too_old(
    flow: Flow, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Part of it did; its invoice is still a draft."""
    at = flow.now
    flow.use(company, "operator_minutes", 30, occurred_at=at)
    flow.flush(company)
    flow.use(company, "operator_minutes", 12, occurred_at=at)
    flow.stage.run(
        "UPDATE usage_buckets SET state = 'rejected', error = 'timestamp_too_far_in_past'"
        " WHERE tenant_id = :t", t=company.id,
    )  # fmt: skip
    for _ in range(2):
        flow.enqueue(company, "send_usage")
        flow.work(company)
    [row] = adjustments(flow, company)
    assert (row.quantity, row.reason) == (12, "too_old")
    [bucket] = flow.buckets(company)
    assert (bucket.total, bucket.sent_total, bucket.state) == (30, 30, "sent")
    flow.into_next_period(company)
    assert flow.invoiced(company, MINUTES) == 30
    assert charged(flow, company) == [(12 * 95, month(at))]
    assert findings(flow, company) == []


def end(flow: Flow, company: Company, *, at_once: bool) -> None:
    subscription = flow.stage.value(
        "SELECT stripe_subscription_id FROM subscriptions WHERE tenant_id = :t", t=company.id
    )
    verb = flow.gateway.cancel_now if at_once else flow.gateway.end_subscription
    verb(subscription, "the-end")
    flow.deliver(company)


def test_the_last_hours_of_a_subscription_reach_its_last_invoice(
    flow: Flow, company: Company
) -> None:
    """It has ended when its draft asks for them."""
    flow.use(company, "operator_minutes", 30)
    end(flow, company, at_once=False)
    reached = False
    while not reached:
        # nobody flushes before the draft is there
        reached = flow.sim.control("advance", days=33, stop_at_draft=True)["reached"]
        flow.follow()
        flow.deliver(company)
    assert flow.stage.rows(
        "SELECT status FROM subscriptions WHERE tenant_id = :t", t=company.id
    ) == [("canceled",)]
    assert flow.invoiced(company, MINUTES) == 30
    assert adjustments(flow, company) == []


def test_what_is_used_after_the_end_has_an_invoice_of_its_own(flow: Flow, company: Company) -> None:
    flow.use(company, "operator_minutes", 10)
    flow.flush(company)
    end(flow, company, at_once=True)
    flow.use(company, "operator_minutes", 25)
    for _ in range(3):
        flow.enqueue(company, "send_usage")
        flow.work(company)
        flow.deliver(company)
    [row] = adjustments(flow, company)
    assert (row.quantity, row.amount, row.reason) == (25, 25 * 95, "ended")
    flow.advance(company, days=1)
    assert charged(flow, company) == [(25 * 95, month(flow.now - timedelta(days=1)))]
    [invoice] = flow.stage.rows(
        "SELECT status, total_tax, subtotal FROM stripe_invoices"
        " WHERE tenant_id = :t AND billing_reason = 'manual'", t=company.id,
    )  # fmt: skip
    assert (invoice.status, invoice.subtotal) == ("paid", 25 * 95)
    assert invoice.total_tax == 25 * 95 // 5
    assert [one.state for one in flow.buckets(company)] == ["sent"]
