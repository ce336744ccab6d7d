"""Usage reaches Stripe exactly once, whatever breaks on the way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from billing.gateway import StripeGateway, StripeUnavailable
from tests.billing.flow.house import Flow
from tests.factories import Company, World

pytestmark = pytest.mark.parametrize("usage_sink", ["totals", "deltas"])

BASE, LINES, MINUTES = (
    "coulisse_v1_base", "coulisse_v1_statement_lines", "coulisse_v1_operator_minutes",
)  # fmt: skip


def break_once(
    monkeypatch: pytest.MonkeyPatch, *, after: bool, error: type[BaseException] = StripeUnavailable
) -> Callable[[], None]:
    """The next call is lost on the way there (`after` False), or on the way back."""
    real: Any = StripeGateway.send_meter_event

    def broken(self: StripeGateway, *given: Any) -> None:
        monkeypatch.setattr(StripeGateway, "send_meter_event", real)
        if after:
            real(self, *given)
        raise error("the line broke")

    def arm() -> None:
        monkeypatch.setattr(StripeGateway, "send_meter_event", broken)

    return arm


@pytest.mark.parametrize("after", [False, True])
def test_a_call_that_breaks_is_repeated_and_counts_once(
    flow: Flow, company: Company, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    flow.use(company, "operator_minutes", 30)
    break_once(monkeypatch, after=after)()
    flow.enqueue(company, "send_usage", flush=True)
    flow.work(company, fails=True)
    assert [b.state for b in flow.buckets(company)] == ["sending"]
    flow.work(company)
    flow.into_next_period(company)
    assert flow.invoiced(company, MINUTES) == 30


def test_killed_between_the_call_and_its_note_while_more_is_used(
    flow: Flow, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = flow.now
    flow.use(company, "operator_minutes", 30, occurred_at=at)
    break_once(monkeypatch, after=True, error=KeyboardInterrupt)()
    flow.enqueue(company, "send_usage", flush=True)
    flow.work(company, fails=True)
    flow.use(company, "operator_minutes", 12, occurred_at=at)
    flow.flush(company)
    [bucket] = flow.buckets(company)
    assert (bucket.total, bucket.sent_total, bucket.sent_revision, bucket.state) == (
        42, 42, 2, "sent",
    )  # fmt: skip
    flow.into_next_period(company)
    assert flow.invoiced(company, MINUTES) == 42


def test_a_young_hour_waits_unless_it_is_flushed(flow: Flow, company: Company) -> None:
    flow.use(company, "statement_lines", 3, occurred_at=flow.now + timedelta(hours=1))
    flow.enqueue(company, "send_usage")
    flow.work(company)
    assert [b.state for b in flow.buckets(company)] == ["dirty"]


def test_usage_from_before_the_subscription_is_nobodys(flow: Flow, world: World) -> None:
    flow.use(world.a, "statement_lines", 900, occurred_at=flow.now - timedelta(hours=30))
    flow.subscribe(world.a)
    flow.use(world.a, "statement_lines", 7)
    flow.into_next_period(world.a)
    assert flow.invoiced(world.a, LINES) == 7


def test_what_the_invoice_missed_stands_on_the_next_one(
    flow: Flow, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stripe couldn't be reached from the last hours of the period until the invoice was final."""
    flow.use(company, "operator_minutes", 30)
    flow.flush(company)
    flow.use(company, "operator_minutes", 11, occurred_at=flow.now + timedelta(minutes=1))
    flow.use(company, "statement_lines", 5)
    assert flow.sim.control("advance", days=40)["reached"]
    flow.follow()
    flow.deliver(company)
    assert flow.invoiced(company, MINUTES) == 30
    [row] = flow.stage.rows(
        "SELECT sum(quantity) FILTER (WHERE hour < invoiced_until)::int AS before,"
        " sum(quantity)::int AS whole FROM usage_events JOIN billing_accounts USING (tenant_id)"
        " WHERE tenant_id = :t AND meter_key = 'operator_minutes'",
        t=company.id,
    )
    assert tuple(row) == (30, 41)
    flow.advance(company, days=31)
    assert (flow.invoiced(company, MINUTES), flow.invoiced(company, LINES)) == (41, 5)


def test_two_senders_leave_the_later_total(flow: Flow, company: Company) -> None:
    """A claim that was overtaken by a later revision is not sent any more."""
    from billing import services

    at = flow.now
    flow.use(company, "operator_minutes", 10, occurred_at=at)
    with flow.acting(company):
        [old] = services.claim_usage(now=flow.now, flush=True)
    flow.use(company, "operator_minutes", 10, occurred_at=at)
    flow.flush(company)
    with flow.acting(company):
        services.call_send_usage(claimed=old, now=flow.now)
    [bucket] = flow.buckets(company)
    assert (bucket.sent_total, bucket.sent_revision, bucket.state) == (20, 2, "sent")


def test_a_difference_at_stripe_is_found_before_the_invoice(flow: Flow, company: Company) -> None:
    """We note it as sent, Stripe lost it after a 200."""
    flow.use(company, "operator_minutes", 30)
    flow.flush(company)
    with flow.sim.store.lock:
        flow.sim.store.data["usage"].clear()
    flow.into_next_period(company)
    assert flow.invoiced(company, MINUTES) == 30
