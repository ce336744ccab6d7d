"""Which events are the provider's own matter: they name no customer, and say what they are about only
when they are asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from billing.models import METERS

Json = Mapping[str, Any]
REPORT, DISPUTE = "billing.read_meter_report", "billing.read_dispute"
# What is sent once more would be refused once more; other reasons are somebody's to mend meanwhile.
FINAL_REASONS = (
    "meter_event_customer_not_found", "meter_event_invalid_value",
    "meter_event_value_too_many_digits", "meter_event_value_not_found",
    "meter_event_dimension_count_too_high", "timestamp_too_far_in_past", "timestamp_in_future",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Whose hour a meter event was about."""

    tenant_id: UUID
    meter: str
    hour: datetime
    revision: int


def provider_job(event: Json) -> str:
    """The job that looks at it; '' for an event of a customer's."""
    kind = str(event.get("type") or "")
    if kind.startswith("v1.billing.meter."):
        return REPORT
    return DISPUTE if kind.startswith("charge.dispute.") else ""


def rejected_in(report: Json) -> Mapping[str, str]:
    """Stripe's samples of what it rejected: identifiers and the reason of each."""
    reason = (report.get("data") or {}).get("reason") or {}
    return {
        str(sample["request"]["identifier"]): str(kind.get("code") or "")
        for kind in reason.get("error_types") or ()
        for sample in kind.get("sample_errors") or ()
        if (sample.get("request") or {}).get("identifier")
    }


def place_of(identifier: str) -> Place | None:
    """None for one that isn't ours."""
    parts = identifier.split(":")
    if len(parts) != 5 or parts[0] not in ("u1", "d1") or parts[2] not in METERS:
        return None
    try:
        hour = datetime.fromtimestamp(int(parts[3]), UTC)
        return Place(UUID(parts[1]), parts[2], hour, int(parts[4]))
    except ValueError:
        return None
