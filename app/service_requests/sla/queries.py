from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from app.service_requests.sla.clock import Event
from app.service_requests.sla.models import SlaEvent
from tenants.core.db import db
from tenants.scoping import current_scope


def list_rows(*, request_id: UUID) -> Sequence[SlaEvent]:
    """The ledger of a request, in the order in which it was written."""
    return (
        db.session.execute(
            select(SlaEvent)
            .where(
                SlaEvent.tenant_id == current_scope().tenant_id, SlaEvent.request_id == request_id
            )
            .order_by(SlaEvent.seq)
        )
        .scalars()
        .all()
    )


def event_of(row: SlaEvent) -> Event:
    return Event(
        id=row.id, clock=row.clock, event=row.event, at=row.at, reason=row.reason,
        question_id=row.question_id, voids=row.voids, moment=row.moment,
    )  # fmt: skip
