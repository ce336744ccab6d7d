from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from app.service_requests.sla.clock import Event
from app.service_requests.sla.models import SlaContest, SlaEvent, SlaExclusion
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.scoping import current_scope


def select_rows(*, request_id: UUID) -> Select[Any]:
    """The ledger of a request, in the order in which it was written."""
    return (
        select(SlaEvent)
        .where(SlaEvent.tenant_id == current_scope().tenant_id, SlaEvent.request_id == request_id)
        .order_by(SlaEvent.seq)
    )


def list_rows(*, request_id: UUID) -> Sequence[SlaEvent]:
    return db.session.execute(select_rows(request_id=request_id)).scalars().all()


def last_row(*, request_id: UUID) -> int:
    """Its place in the ledger; 0 before there is one."""
    return db.session.execute(
        select(func.coalesce(func.max(SlaEvent.seq), 0)).where(
            SlaEvent.tenant_id == current_scope().tenant_id, SlaEvent.request_id == request_id
        )
    ).scalar_one()


def event_of(row: SlaEvent) -> Event:
    return Event(
        id=row.id, clock=row.clock, event=row.event, at=row.at, reason=row.reason,
        question_id=row.question_id, voids=row.voids, moment=row.moment,
        line=row.line, item=row.item, priority=row.priority,
    )  # fmt: skip


def get_event(*, request_id: UUID, event_id: UUID) -> SlaEvent:
    row = db.session.get(SlaEvent, (current_scope().tenant_id, event_id))
    if row is None or row.request_id != request_id:
        raise NotFound
    return row


def find_contest(*, pause_id: UUID) -> SlaContest | None:
    return db.session.execute(
        select(SlaContest).where(
            SlaContest.tenant_id == current_scope().tenant_id, SlaContest.pause_id == pause_id
        )
    ).scalar_one_or_none()


def get_contest(*, request_id: UUID, contest_id: UUID) -> SlaContest:
    row = db.session.get(SlaContest, (current_scope().tenant_id, contest_id))
    if row is None or row.request_id != request_id:
        raise NotFound
    return row


def list_contests(*, request_id: UUID) -> Sequence[SlaContest]:
    return (
        db.session.execute(
            select(SlaContest)
            .where(
                SlaContest.tenant_id == current_scope().tenant_id,
                SlaContest.request_id == request_id,
            )
            .order_by(SlaContest.at, SlaContest.id)
        )
        .scalars()
        .all()
    )


def list_exclusions(*, request_id: UUID) -> Sequence[SlaExclusion]:
    return (
        db.session.execute(
            select(SlaExclusion)
            .where(
                SlaExclusion.tenant_id == current_scope().tenant_id,
                SlaExclusion.request_id == request_id,
            )
            .order_by(SlaExclusion.at, SlaExclusion.id)
        )
        .scalars()
        .all()
    )


def get_exclusion(*, request_id: UUID, exclusion_id: UUID) -> SlaExclusion:
    row = db.session.get(SlaExclusion, (current_scope().tenant_id, exclusion_id))
    if row is None or row.request_id != request_id:
        raise NotFound
    return row
