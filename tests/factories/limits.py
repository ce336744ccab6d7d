"""More seats or storage than the plan has, past the screens that agree on it."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from billing.limits.models import EntitlementOverride
from tenants.core.ids import uuid7
from tests.factories.people import Company, now
from tests.factories.stage import Stage

# The administrators' own word, no content of a client.
REASON = "They hire for the harvest"


def make_override(
    stage: Stage,
    company: Company,
    *,
    feature: str = "seats",
    value: int = 30,
    expires_at: datetime | None = None,
    asked_by: UUID | None = None,
    approved: bool = False,
) -> UUID:
    override_id = uuid7()
    decided = {
        "verdict": "approved", "decided_by": uuid7(), "decided_by_name": "Checker",
        "decided_at": now(),
    }  # fmt: skip
    stage.add(
        EntitlementOverride,
        {
            "tenant_id": company.id, "id": override_id, "feature": feature, "value": value,
            "expires_at": expires_at or now() + timedelta(days=300), "reason": REASON,
            "asked_by": asked_by or uuid7(), "asked_by_name": "Maker", "asked_at": now(),
            **(decided if approved else {}),
        },
    )  # fmt: skip
    return override_id
