"""Time over all clients that a live grant opens, read across tenants."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, column, func, select, table, tuple_

from app.timesheets.models import TimeEntry
from tenants import scoping
from tenants.core.db import db
from tenants.models import StaffMember, Tenant
from tenants.queries import list_workspaces

# Requests live above this layer.
R = table("requests", column("tenant_id"), column("id"), column("number"), column("line"),
          column("item"), column("title"))  # fmt: skip


def days_of_mine(*, first: date, last: date) -> dict[date, int]:
    """Minutes by day, of every client that there ever was."""
    found = func.my_time(first, last).table_valued("worked_on", "minutes")
    rows = db.session.execute(select(found.c.worked_on, found.c.minutes))
    return {row.worked_on: int(row.minutes) for row in rows}


def granted_pairs() -> list[tuple[UUID, str]]:
    return [(one.tenant_id, line) for one in list_workspaces() for line in one.grant_lines or ()]


def list_time(
    *, pairs: Sequence[tuple[UUID, str]], user_id: UUID, first: date, last: date, whose: UUID | None
) -> Sequence[Row[Any]]:
    """Entries of these days with their client and request; `whose` None is everybody."""
    with _open(pairs, user_id, "time sheet") as session:
        query = _entries(pairs, first, last)
        if whose is not None:
            query = query.where(TimeEntry.user_id == whose)
        found: Sequence[Row[Any]] = session.execute(query).all()
    return found


def sum_by_person(
    *, pairs: Sequence[tuple[UUID, str]], user_id: UUID, first: date, last: date
) -> tuple[Sequence[Row[Any]], Sequence[Row[Any]]]:
    """Minutes by person and day at the granted clients, and the provider's people, also those who
    left."""
    with _open(pairs, user_id, "time of the team") as session:
        entries = _entries(pairs, first, last).subquery()
        sums = session.execute(
            select(
                entries.c.user_id, entries.c.worked_on, func.sum(entries.c.minutes).label("minutes")
            ).group_by(entries.c.user_id, entries.c.worked_on)
        ).all()
        people = session.execute(
            select(StaffMember.user_id, StaffMember.display_name, StaffMember.active).order_by(
                StaffMember.display_name
            )
        ).all()
    return sums, people


def _open(pairs: Sequence[tuple[UUID, str]], user_id: UUID, reason: str) -> Any:
    scoping.leave()
    ids = sorted({tenant_id for tenant_id, _ in pairs})
    return scoping.across_tenants(reason=reason, tenant_ids=ids, user_id=user_id)


def _entries(pairs: Sequence[tuple[UUID, str]], first: date, last: date) -> Any:
    return (
        select(
            *TimeEntry.__table__.c,
            R.c.number, R.c.title, R.c.item, R.c.line,
            Tenant.slug, Tenant.name.label("client_name"), Tenant.code.label("client_code"),
        )
        .join(R, and_(R.c.tenant_id == TimeEntry.tenant_id, R.c.id == TimeEntry.request_id))
        .join(Tenant, Tenant.id == TimeEntry.tenant_id)
        .where(
            TimeEntry.tenant_id.in_({tenant_id for tenant_id, _ in pairs}),
            tuple_(R.c.tenant_id, R.c.line).in_(list(pairs)),
            TimeEntry.worked_on.between(first, last),
        )
        .order_by(TimeEntry.worked_on, TimeEntry.at, TimeEntry.id)
    )  # fmt: skip
