"""A subscription's fate and what it does to the company, through webhooks, jobs and time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.billing.flow.house import Flow
from tests.factories import Company


def access(flow: Flow, company: Company) -> tuple[str, bool]:
    [row] = flow.stage.rows(
        "SELECT access_state, new_work FROM tenants WHERE id = :t", t=company.id
    )
    return row.access_state, row.new_work


def mails(flow: Flow, company: Company) -> list[str]:
    """What was promised, in its order."""
    rows = flow.stage.rows(
        "SELECT after FROM billing_transitions WHERE tenant_id = :t AND kind = 'mail'"
        " ORDER BY at, id",
        t=company.id,
    )
    return [row.after for row in rows]


def anchor(flow: Flow, company: Company) -> Any:
    return flow.stage.value(
        "SELECT grace_since FROM billing_accounts WHERE tenant_id = :t", t=company.id
    )


def pass_days(flow: Flow, company: Company, days: int) -> None:
    """Day by day, looked at as the schedule does it, and twice each."""
    for _ in range(days):
        flow.advance(company, days=1)
        flow.enqueue(company, "sync_customer", key=f"{flow.now}")
        for number in range(2):
            flow.enqueue(company, "look_at_access", key=f"{flow.now}:{number}")
            flow.work(company)


def test_a_paid_subscription_is_active(flow: Flow, company: Company) -> None:
    assert access(flow, company) == ("active", True)
    assert mails(flow, company) == []


def test_a_failed_charge_from_its_first_day_to_the_payment(flow: Flow, company: Company) -> None:
    flow.sim.control("fail_next_charge", count=50)
    flow.into_next_period(company)
    assert access(flow, company) == ("grace", True)
    since = anchor(flow, company)
    pass_days(flow, company, 6)
    assert access(flow, company) == ("grace", False)
    pass_days(flow, company, 7)
    assert access(flow, company) == ("suspended", False)
    assert anchor(flow, company) == since
    assert mails(flow, company) == [
        "payment_late_0", "payment_late_3", "payment_late_7", "payment_late_12", "suspended",
    ]  # fmt: skip
    invoice = flow.stage.value(
        "SELECT stripe_invoice_id FROM stripe_invoices WHERE tenant_id = :t AND status = 'open'",
        t=company.id,
    )
    flow.sim.control("mark_paid", invoice=invoice)
    flow.deliver(company)
    assert access(flow, company) == ("active", True)
    assert mails(flow, company)[-1] == "resumed"
    assert anchor(flow, company) is None


def test_time_alone_suspends_when_no_event_comes(flow: Flow, company: Company) -> None:
    """The days that our own clock has seen, with what Stripe said within two of them."""
    flow.sim.control("fail_next_charge", count=50)
    flow.into_next_period(company)
    since = anchor(flow, company)
    flow.stage.run(
        "UPDATE billing_accounts SET grace_since = :s, synced_at = :n WHERE tenant_id = :t",
        s=flow.now - timedelta(days=14), n=flow.now - timedelta(hours=47), t=company.id,
    )  # fmt: skip
    flow.enqueue(company, "look_at_access")
    flow.work(company)
    assert since is not None
    assert access(flow, company) == ("suspended", False)


def test_what_we_have_not_heard_for_long_suspends_nobody(flow: Flow, company: Company) -> None:
    flow.sim.control("fail_next_charge", count=50)
    flow.into_next_period(company)
    flow.stage.run(
        "UPDATE billing_accounts SET grace_since = :s, synced_at = :n WHERE tenant_id = :t",
        s=flow.now - timedelta(days=30), n=flow.now - timedelta(hours=49), t=company.id,
    )  # fmt: skip
    flow.enqueue(company, "look_at_access")
    flow.work(company)
    assert access(flow, company) == ("grace", True)
    [row] = flow.stage.rows(
        "SELECT attention FROM billing_accounts WHERE tenant_id = :t", t=company.id
    )
    assert row.attention == "stale"
