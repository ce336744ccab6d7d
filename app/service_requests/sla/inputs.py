"""What the client has to give for a request, against the cut-off that the contract names."""

from datetime import datetime, timedelta

from app.contracts.queries import get_terms
from app.service_requests.models import ServiceRequest
from app.service_requests.sla import ledger
from tenants.permissions import Actor


def came(
    request: ServiceRequest, *, actor: Actor, now: datetime, asked_at: datetime | None = None,
    reason: str = "inputs",
) -> None:  # fmt: skip
    """An input came now: after the cut-off it moves the due date. What was asked for later than
    that has no cut-off to keep."""
    if request.inputs_due_on is None:
        return
    calendar = get_terms(now).calendar
    cut_off = calendar.midnight(request.inputs_due_on + timedelta(days=1))
    if asked_at is None or asked_at < cut_off:
        ledger.late_input(request, cut_off=cut_off, actor=actor, now=now, reason=reason)
