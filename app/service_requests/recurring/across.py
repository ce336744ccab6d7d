"""Recurring work over several clients, for those who hold grants there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, cast, or_, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session
from sqlalchemy.types import Text

from app.calendars.business_time import BusinessCalendar
from app.calendars.deadlines import Deadline
from app.contracts.calendar_of import stored_calendar
from app.contracts.models import ContractVersion
from app.service_requests.models import ServiceRequest
from app.service_requests.recurring.models import Recurrence, RecurrenceInstance
from app.service_requests.recurring.rules import Plan, Refused, rule_of
from app.service_requests.statutory.queries import deadlines_as_they_count
from tenants.models import Tenant

R, I, S, V = Recurrence, RecurrenceInstance, ServiceRequest, ContractVersion
MOST = 2000
Lines = Mapping[UUID, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One day of one work: what became of it, 'coming', or 'paused'."""

    tenant_id: UUID
    number: int
    title: str
    line: str
    due_on: date
    raise_on: date | None
    state: str
    request_number: int | None = None


@dataclass(frozen=True, slots=True)
class _Client:
    calendar: BusinessCalendar
    region: str


def list_starting(session: Session, *, lines_of: Lines, until: date) -> Sequence[Recurrence]:
    """Raised until that day, the next one first."""
    if not lines_of:
        return []
    return session.scalars(
        select(R)
        .where(_mine(lines_of), R.state == "active", R.next_raise_on <= until)
        .order_by(R.next_raise_on, R.next_on, R.tenant_id, R.number)
        .limit(MOST)
    ).all()


def list_blocked(session: Session, *, lines_of: Lines) -> Sequence[Row[Any]]:
    """What waits for somebody's decision; the oldest first."""
    if not lines_of:
        return []
    columns: tuple[Any, ...] = (I.tenant_id, I.due_on, I.about, I.reason, R.number, R.title, R.line)
    return session.execute(
        select(*columns)
        .join(R, and_(R.tenant_id == I.tenant_id, R.id == I.recurrence_id))
        .where(_mine(lines_of), I.state == "blocked")
        .order_by(I.due_on, I.id)
        .limit(MOST)
    ).all()


def list_month(
    session: Session, *, lines_of: Lines, first: date, last: date, now: datetime
) -> list[Entry]:
    """What fell due or comes on these days, in order; each client by its own calendar."""
    if not lines_of:
        return []
    found = [_settled(row) for row in _instances(session, lines_of, first, last)]
    rows = session.scalars(
        select(R).where(_mine(lines_of), R.state == "active", R.starts_on <= last).limit(MOST)
    ).all()
    clients = _clients(session, list(lines_of), now)
    deadlines = deadlines_as_they_count(session)
    known = _known(session, rows, first)
    for row in rows:
        found += _coming(row, clients[row.tenant_id], deadlines, known, first, last)
    return sorted(found, key=lambda one: (one.due_on, one.tenant_id, one.number))


def _mine(lines_of: Lines) -> Any:
    return or_(*(and_(R.tenant_id == one, R.line.in_(lines)) for one, lines in lines_of.items()))


def _instances(session: Session, lines_of: Lines, first: date, last: date) -> Sequence[Row[Any]]:
    columns: tuple[Any, ...] = (
        I.tenant_id, I.due_on, I.raise_on, I.state, R.number, R.title, R.line,
        S.number.label("request_number"),
    )  # fmt: skip
    return session.execute(
        select(*columns)
        .join(R, and_(R.tenant_id == I.tenant_id, R.id == I.recurrence_id))
        .outerjoin(S, and_(S.tenant_id == I.tenant_id, S.id == I.request_id))
        .where(_mine(lines_of), I.tenant_id.in_(list(lines_of)), I.due_on.between(first, last))
        .limit(MOST)
    ).all()


def _settled(row: Row[Any]) -> Entry:
    return Entry(
        row.tenant_id, row.number, row.title, row.line, row.due_on, None, row.state,
        row.request_number,
    )  # fmt: skip


def _known(session: Session, rows: Sequence[Recurrence], first: date) -> set[tuple[UUID, str]]:
    """Periods that are settled, of days that may have moved since."""
    if not rows:
        return set()
    found = session.execute(
        select(I.recurrence_id, I.period).where(
            tuple_(I.tenant_id, I.recurrence_id).in_([(row.tenant_id, row.id) for row in rows]),
            I.due_on >= first.replace(year=first.year - 1, day=1),
        )
    )
    return {(row.recurrence_id, row.period) for row in found}


def _clients(session: Session, ids: Sequence[UUID], now: datetime) -> Mapping[UUID, _Client]:
    tenants = session.execute(
        select(Tenant.id, Tenant.country, Tenant.time_zone).where(Tenant.id.in_(ids))
    ).all()
    # Whose day it is already has the version of that day.
    calendars = session.execute(
        select(
            V.tenant_id, cast(V.document["calendar"], Text).label("calendar"),
            V.document["calendar"]["region"].astext.label("region"),
        )
        .ext(distinct_on(V.tenant_id))
        .where(V.tenant_id.in_(ids), V.valid_from <= now.date())
        .order_by(V.tenant_id, V.number.desc())
    )  # fmt: skip
    stored = {row.tenant_id: row for row in calendars}
    return {
        one.id: _Client(
            stored_calendar(
                stored[one.id].calendar if one.id in stored else None, country=one.country,
                zone=one.time_zone, on=now,
            ),
            stored[one.id].region or "" if one.id in stored else "",
        )
        for one in tenants
    }  # fmt: skip


def _coming(
    row: Recurrence, client: _Client, deadlines: Mapping[str, Deadline],
    known: set[tuple[UUID, str]], first: date, last: date,
) -> list[Entry]:  # fmt: skip
    try:
        rule = rule_of(row.rule, start=row.starts_on, deadlines=deadlines, region=client.region)
    except Refused:
        return []
    plan = Plan(rule, row.about, row.lead_days, client.calendar)
    begin, end = max(first, row.starts_on, row.counts_from), min(last, row.ends_on or last)
    return [
        Entry(row.tenant_id, row.number, row.title, row.line, one.due_on, one.raise_on,
              "paused" if row.is_paused(one.due_on) else "coming")
        for one in plan.between(begin, end)
        if (row.id, one.period.name) not in known
    ]  # fmt: skip
