"""A company as it stands, in words that don't name it: to be held against another one that lived the
same life."""

from __future__ import annotations

from typing import Any

from tests.factories import Stage
from tests.factories.people import Company

# Moments by their day: lives are minutes apart.
PARTS = {
    "access": "SELECT access_state, new_work FROM tenants WHERE id = :t",
    "account": "SELECT plan_key, interval, access_reason, attention, grace_since::date,"
    " export_until::date, invoiced_until, has_payment_method FROM billing_accounts"
    " WHERE tenant_id = :t",
    "subscriptions": "SELECT plan_key, status, started_at::date, cancel_at::date, ended_at::date,"
    " trial_end, by_invoice FROM subscriptions WHERE tenant_id = :t ORDER BY started_at",
    "items": "SELECT lookup_key, quantity, period_start::date, period_end::date"
    " FROM subscription_items WHERE tenant_id = :t ORDER BY 1, 3",
    "invoices": "SELECT status, billing_reason, subtotal, total_tax, total, amount_paid,"
    " amount_remaining, finalized_at::date, paid_at::date, due_at::date FROM stripe_invoices"
    " WHERE tenant_id = :t ORDER BY invoiced_at, total",
    "lines": "SELECT lookup_key, quantity, amount, period_start::date, period_end::date"
    " FROM stripe_invoice_lines WHERE tenant_id = :t ORDER BY 1, 4, 2, 3",
    "usage": "SELECT meter_key, sum(total), sum(sent_total), array_agg(DISTINCT state)"
    " FROM usage_buckets WHERE tenant_id = :t GROUP BY 1 ORDER BY 1",
    "findings": "SELECT kind, expected, actual FROM reconcile_findings WHERE tenant_id = :t"
    " AND resolved_at IS NULL ORDER BY 1, 2",
    "attempts": "SELECT plan_key, state FROM checkout_attempts WHERE tenant_id = :t ORDER BY 1, 2",
}
# What was done because of it: each of them once. That nobody was heard for long is no effect.
EFFECTS = {
    "transitions": "SELECT at::date, kind, before, after, reason FROM billing_transitions"
    " WHERE tenant_id = :t AND kind <> 'attention' ORDER BY at, kind, after",
    "outbox": "SELECT kind, verb, count(*) FROM outbox WHERE tenant_id = :t AND kind <> 'webhook'"
    " GROUP BY 1, 2 ORDER BY 1, 2",
    "mails": "SELECT split_part(idempotency_key, ':', 2), count(*) FROM jobs WHERE tenant_id = :t"
    " AND name = 'notifications.tell' GROUP BY 1 ORDER BY 1",
    "audit": "SELECT name, count(*) FROM audit_events WHERE tenant_id = :t"
    " AND name LIKE 'billing.%' GROUP BY 1 ORDER BY 1",
}
Rows = dict[str, list[tuple[Any, ...]]]


def state_of(stage: Stage, company: Company) -> Rows:
    return _read(stage, company, PARTS)


def effects_of(stage: Stage, company: Company) -> Rows:
    return _read(stage, company, EFFECTS)


def _read(stage: Stage, company: Company, parts: dict[str, str]) -> Rows:
    return {
        name: [tuple(row) for row in stage.rows(sql, t=company.id)] for name, sql in parts.items()
    }
