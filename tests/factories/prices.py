"""Negotiated prices, past the screens that make them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from billing.prices.models import PriceDecision, PriceOverride
from tenants.core.ids import uuid7
from tests.factories.people import Company, now
from tests.factories.plans import STATEMENT_LINES
from tests.factories.stage import Stage

# The administrators' own word, no content of a client.
REASON = "More than 20,000 lines a year"


def next_month(at: datetime, ahead: int = 1) -> date:
    day = at.astimezone(UTC).date()
    for _ in range(ahead):
        day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return day


def make_price(
    stage: Stage,
    company: Company,
    *,
    lookup_key: str = STATEMENT_LINES.lookup_key,
    unit_amount: Decimal = Decimal(30),
    starts_on: date | None = None,
    ends_on: date | None = None,
    proposed_by: UUID | None = None,
    approved: bool = False,
    decided_at: datetime | None = None,
) -> UUID:
    """`starts_on` is next month's first day unless given."""
    price_id, maker = uuid7(), proposed_by or uuid7()
    stage.add(
        PriceOverride,
        {
            "tenant_id": company.id, "id": price_id, "lookup_key": lookup_key,
            "unit_amount": unit_amount, "currency": "EUR",
            "starts_on": starts_on or next_month(now()), "ends_on": ends_on,
            "reason": REASON, "proposed_by": maker,
            "proposed_by_name": "Maker", "proposed_at": now(),
        },
    )  # fmt: skip
    if approved:
        stage.add(
            PriceDecision,
            {
                "tenant_id": company.id, "override_id": price_id, "proposed_by": maker,
                "verdict": "approved", "decided_by": uuid7(), "decided_by_name": "Checker",
                "decided_at": decided_at or now(),
            },
        )  # fmt: skip
    return price_id


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
