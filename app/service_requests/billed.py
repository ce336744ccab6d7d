"""What a delivery bills: measured results and recorded minutes, each once."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from app.service_requests.links.queries import with_merged
from app.service_requests.models import Deliverable, ServiceRequest
from app.timesheets.models import TimeEntry
from app.timesheets.rounding import billed
from billing.usage import bring_usage_to, record_usage
from tenants.core.db import db
from tenants.permissions import Actor

D = Deliverable


def bill_delivery(
    request: ServiceRequest, results: Sequence[Deliverable], *, actor: Actor, now: datetime
) -> None:  # fmt: skip
    """Same transaction, unique by source. After reopening, a corrected result counts instead of
    the one that it replaced."""
    bill_minutes(request, actor=actor, now=now)
    for row in results:
        for meter, quantity in row.measures.items():
            record_usage(
                meter=meter, quantity=quantity, source_type="deliverable", source_id=row.id,
                occurred_at=now, actor=actor,
            )  # fmt: skip
    if request.delivered_at is None:
        return
    replaced = _replaced_since(request, request.delivered_at)
    counted, taken = _totals(results), _totals(replaced)
    for row in replaced:
        for meter, quantity in row.measures.items():
            # An hour can't give back more than it holds: this one, or else the one that was billed.
            enough = counted[meter] >= taken[meter]
            record_usage(
                meter=meter, quantity=-quantity, source_type="deliverable", source_id=row.id,
                source_rev=2, occurred_at=now if enough else request.delivered_at, actor=actor,
            )  # fmt: skip


def _totals(results: Sequence[Deliverable]) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in results:
        found.update(row.measures)
    return found


def recorded_minutes(request: ServiceRequest, *, billable: bool | None = None) -> int:
    """With what was recorded on requests that were merged into it."""
    query = select(func.coalesce(func.sum(TimeEntry.minutes), 0)).where(
        TimeEntry.tenant_id == request.tenant_id, TimeEntry.request_id.in_(with_merged(request))
    )
    if billable is not None:
        query = query.where(TimeEntry.billable == billable)
    return int(db.session.execute(query).scalar_one())


def bill_minutes(request: ServiceRequest, *, actor: Actor, now: datetime) -> None:
    """Exactly the billable minutes are billed, rounded up as it was agreed, however often they were
    corrected or delivered."""
    quantity = billed(recorded_minutes(request, billable=True), request.time_step)
    bring_usage_to(
        meter="operator_minutes", quantity=quantity, source_type="request", source_id=request.id, occurred_at=now, actor=actor,
    )  # fmt: skip


def _replaced_since(request: ServiceRequest, delivered_at: datetime) -> Sequence[Deliverable]:
    """Results of the last delivery that no longer count."""
    return (
        db.session.execute(
            select(D).where(
                D.tenant_id == request.tenant_id,
                D.request_id == request.id,
                D.at <= delivered_at,
                D.superseded_at > delivered_at,
            )
        )
        .scalars()
        .all()
    )
