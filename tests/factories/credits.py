"""Contested usage and credits, past the screens that make them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from billing.contests.models import UsageContest
from billing.credits.models import Credit
from billing.models import UsageEvent
from billing.usage import hour_of
from tenants.core.ids import uuid7
from tests.factories.people import Company, now
from tests.factories.stage import Stage

# What the provider's administrators are told; nothing of a request.
WORDS = "We count fewer lines than that"


def make_usage(stage: Stage, company: Company, quantity: int = 12) -> UUID:
    usage_id = uuid7()
    stage.add(
        UsageEvent,
        {
            "tenant_id": company.id, "id": usage_id, "meter_key": "statement_lines",
            "quantity": quantity, "occurred_at": now(), "hour": hour_of(now()),
            "source_type": "test", "source_id": uuid7(), "source_rev": 1,
        },
    )  # fmt: skip
    return usage_id


def make_contest(stage: Stage, company: Company, **columns: Any) -> UUID:
    contest_id = uuid7()
    stage.add(
        UsageContest,
        {
            "tenant_id": company.id, "id": contest_id, "meter_key": "statement_lines",
            "source_type": "test", "source_id": uuid7(), "occurred_at": now(),
            "hour": hour_of(now()), "quantity": 12, "unit_amount": Decimal("32.5"),
            "currency": "EUR", "reason": WORDS, "evidence": {}, "raised_by": company.admin.id,
            "raised_by_name": "Client", "raised_at": now(), **columns,
        },
    )  # fmt: skip
    return contest_id


def make_credit(stage: Stage, company: Company, **columns: Any) -> UUID:
    credit_id = uuid7()
    stage.add(
        Credit,
        {
            "tenant_id": company.id, "id": credit_id, "kind": "goodwill", "amount": 5_000,
            "currency": "EUR", "method": "credit_grant", "source": f"goodwill:{credit_id}",
            "reason": "A slow week", "state": "draft", "asked_by": uuid7(),
            "asked_by_name": "Maker", "asked_at": now(), **columns,
        },
    )  # fmt: skip
    return credit_id
