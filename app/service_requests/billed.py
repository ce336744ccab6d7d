"""What a delivery bills: measured results and recorded minutes, each once."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from app.service_requests.models import Deliverable, RequestMove, ServiceRequest
from billing.usage import record_usage
from tenants.core.db import db
from tenants.permissions import Actor

D, M = Deliverable, RequestMove


def first_delivery(request: ServiceRequest) -> datetime:
    """A reopened request was delivered before it was delivered again."""
    found: datetime | None = db.session.execute(
        select(func.min(M.at)).where(
            M.tenant_id == request.tenant_id, M.request_id == request.id, M.target == "delivered"
        )
    ).scalar_one()
    return found or request.delivered_at or request.raised_at


def bill_delivery(
    request: ServiceRequest, results: Sequence[Deliverable], *, minutes: int, actor: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """Same transaction, unique by source. After reopening, a corrected result counts instead of
    the one that it replaced, and minutes were billed as they were recorded."""
    for row in results:
        for meter, quantity in row.measures.items():
            record_usage(
                meter=meter, quantity=quantity, source_type="deliverable", source_id=row.id,
                occurred_at=now, actor=actor,
            )  # fmt: skip
    if request.delivered_at is None:
        bill_minutes(request, minutes, actor=actor, now=now)
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


def bill_minutes(request: ServiceRequest, minutes: int, *, actor: Actor, now: datetime) -> None:
    record_usage(
        meter="operator_minutes", quantity=minutes, source_type="request", source_id=request.id,
        occurred_at=now, actor=actor,
    )  # fmt: skip


def bill_minutes_late(
    request: ServiceRequest, minutes: int, *, entries: int, at: datetime, actor: Actor
) -> None:
    """After the delivery, which was revision 1. Entries are only ever added: their number rises."""
    record_usage(
        meter="operator_minutes", quantity=minutes, source_type="request", source_id=request.id,
        source_rev=entries, occurred_at=at, actor=actor,
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
