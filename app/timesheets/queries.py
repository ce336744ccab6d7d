from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, select

from app.timesheets.models import LockedMonth, TimeComment, TimeEntry, Timer
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.scoping import current_scope

# Before it nobody recorded time with us.
FIRST_DAY = date(2020, 1, 1)


def first_open_day() -> date:
    """The first day whose month is not settled."""
    last: date | None = db.session.execute(select(func.max(LockedMonth.month))).scalar_one()
    return next_month(last) if last else FIRST_DAY


def next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def find_timer(*, user_id: UUID, for_update: bool = False) -> Timer | None:
    query = select(Timer).where(Timer.user_id == user_id)
    if for_update:
        query = query.with_for_update()
    return db.session.execute(query).scalar_one_or_none()


def get_entry(*, request_id: UUID, entry_id: UUID) -> TimeEntry:
    row = db.session.execute(
        select(TimeEntry).where(
            TimeEntry.tenant_id == current_scope().tenant_id,
            TimeEntry.request_id == request_id,
            TimeEntry.id == entry_id,
        )
    ).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def select_entries(*, request_ids: Select[Any] | Sequence[UUID]) -> Select[Any]:
    """Oldest first; comments for the provider's side only, by their table's policy."""
    columns: tuple[Any, ...] = (*TimeEntry.__table__.c, TimeComment.body.label("comment"))
    own = and_(TimeComment.tenant_id == TimeEntry.tenant_id, TimeComment.entry_id == TimeEntry.id)
    return (
        select(*columns)
        .outerjoin(TimeComment, own)
        .where(
            TimeEntry.tenant_id == current_scope().tenant_id,
            TimeEntry.request_id.in_(request_ids),
        )
        .order_by(TimeEntry.at, TimeEntry.id)
    )


def find_comment(*, entry_id: UUID) -> str:
    row = db.session.execute(
        select(TimeComment.body).where(
            TimeComment.tenant_id == current_scope().tenant_id, TimeComment.entry_id == entry_id
        )
    ).first()
    return row.body if row else ""


def is_reversed(*, entry: TimeEntry) -> bool:
    return (
        db.session.execute(
            select(TimeEntry.id).where(
                TimeEntry.tenant_id == entry.tenant_id, TimeEntry.reverses_id == entry.id
            )
        ).first()
        is not None
    )


def list_locked_months() -> list[LockedMonth]:
    query = select(LockedMonth).order_by(LockedMonth.month.desc()).limit(24)
    return list(db.session.execute(query).scalars())
