from collections.abc import Collection, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select

from app.contracts.models import ContractVersion
from app.service_levels.agreed import Agreements, Version
from app.service_levels.judging import BREACHED, Case, Run
from app.service_levels.models import MonthContest, PreparedMonth, SlaCredit, SlaMonth, SlaOutcome
from app.service_requests.models import RequestMove, ServiceRequest
from app.service_requests.sla.models import SlaEvent, SlaExclusion
from app.service_requests.sla.queries import event_of
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.models import Tenant
from tenants.scoping import scoped_tenant_id

E, R, V, O, X = SlaEvent, ServiceRequest, ContractVersion, SlaOutcome, SlaExclusion
# Spam counts at once, force majeure once somebody else confirmed it.
_EXCLUDES = or_(X.kind == "spam", X.confirmed_at.is_not(None))


def get_agreements() -> Agreements:
    rows = db.session.execute(
        select(Tenant.country, Tenant.time_zone, V.number, V.valid_from, V.document)
        .outerjoin(V, V.tenant_id == Tenant.id)
        .where(Tenant.id == scoped_tenant_id())
        .order_by(V.number)
    ).all()
    if not rows:
        raise NotFound
    versions = [Version(one.number, one.valid_from, one.document) for one in rows if one.document]
    return Agreements(rows[0].country, rows[0].time_zone, versions)


def list_cases(*, start: datetime, end: datetime) -> list[Case]:
    """Requests of which a clock stopped or began anew in this time, with their whole ledgers."""
    touched = select(E.request_id).where(
        E.tenant_id == scoped_tenant_id(),
        E.at >= start,
        E.at < end,
        E.event.in_(("stopped", "started")),
    )
    return _cases(_ledgers().where(E.request_id.in_(touched)))


def list_corrected_cases() -> list[Case]:
    """Requests of signed months with a pause that was taken back, or that are left out, whenever
    that was: somebody may decide it while somebody else signs."""
    signed = select(O.request_id).where(O.tenant_id == scoped_tenant_id())
    voided = select(E.request_id).where(
        E.tenant_id == scoped_tenant_id(), E.event == "voided", E.request_id.in_(signed)
    )
    left_out = select(X.request_id).where(
        X.tenant_id == scoped_tenant_id(), _EXCLUDES, X.request_id.in_(signed)
    )
    return _cases(_ledgers().where(or_(E.request_id.in_(voided), E.request_id.in_(left_out))))


def _ledgers() -> Select[Any, Any, Any, Any]:
    cancelled_by = (
        select(RequestMove.actor_side)
        .where(
            RequestMove.tenant_id == R.tenant_id,
            RequestMove.request_id == R.id,
            RequestMove.target == "cancelled",
        )
        .order_by(RequestMove.at.desc())
        .limit(1)
        .correlate(R)
        .scalar_subquery()
    )
    excluded = (
        select(func.max(X.kind))
        .where(X.tenant_id == R.tenant_id, X.request_id == R.id, _EXCLUDES)
        .correlate(R)
        .scalar_subquery()
    )
    return (
        select(
            R,
            func.coalesce(cancelled_by, "").label("cancelled_by"),
            E,
            func.coalesce(excluded, "").label("excluded"),
        )
        .join(E, and_(E.tenant_id == R.tenant_id, E.request_id == R.id))
        .where(E.tenant_id == scoped_tenant_id())
        .order_by(R.number, E.seq)
    )


def _cases(query: Select[Any, Any, Any, Any]) -> list[Case]:
    found = []
    for _, group in groupby(db.session.execute(query).all(), key=lambda row: row[0].number):
        rows = list(group)
        request, cancelled_by, _, excluded = rows[0]
        found.append(
            Case(
                request_id=request.id, number=request.number, line=request.line,
                item=request.item, priority=request.priority, cancelled_by=cancelled_by,
                events=[event_of(row[2]) for row in rows], excluded=excluded,
                version=request.item_version,
            )
        )  # fmt: skip
    return found


def first_moment() -> datetime | None:
    """When the first clock began."""
    return db.session.execute(
        select(func.min(E.at)).where(E.tenant_id == scoped_tenant_id())
    ).scalar_one()


def list_signed() -> Sequence[SlaMonth]:
    """All lines of all months, newest first."""
    return (
        db.session.execute(
            select(SlaMonth)
            .where(SlaMonth.tenant_id == scoped_tenant_id())
            .order_by(SlaMonth.month.desc(), SlaMonth.line)
        )
        .scalars()
        .all()
    )


def list_prepared() -> Sequence[PreparedMonth]:
    return (
        db.session.execute(
            select(PreparedMonth).where(PreparedMonth.tenant_id == scoped_tenant_id())
        )
        .scalars()
        .all()
    )


def list_outcomes(*, month: date, lines: Collection[str]) -> Sequence[SlaOutcome]:
    """What a month counted, and what was booked in it about an earlier one; all revisions."""
    return (
        db.session.execute(
            select(O)
            .where(
                O.tenant_id == scoped_tenant_id(),
                or_(O.month == month, O.booked_in == month),
                O.line.in_(lines),
            )
            .order_by(O.month, O.number, O.clock, O.run, O.revision)
        )
        .scalars()
        .all()
    )


def counted_before(*, month: date) -> frozenset[Run]:
    """Runs that an earlier month counts as missed."""
    rows = db.session.execute(
        select(O.request_id, O.clock, O.run).where(
            O.tenant_id == scoped_tenant_id(), O.month < month, O.outcome == BREACHED
        )
    )
    return frozenset((row.request_id, row.clock, row.run) for row in rows)


def list_credits(*, month: date, lines: Collection[str]) -> Sequence[SlaCredit]:
    """Of the month, and corrections of earlier ones that were booked in it; all revisions."""
    return (
        db.session.execute(
            select(SlaCredit)
            .where(
                SlaCredit.tenant_id == scoped_tenant_id(),
                or_(SlaCredit.month == month, SlaCredit.booked_in == month),
                SlaCredit.line.in_(lines),
            )
            .order_by(SlaCredit.month, SlaCredit.line, SlaCredit.revision)
        )
        .scalars()
        .all()
    )


def list_all_credits() -> Sequence[SlaCredit]:
    """Of all months, the revision that holds last."""
    return (
        db.session.execute(
            select(SlaCredit)
            .where(SlaCredit.tenant_id == scoped_tenant_id())
            .order_by(SlaCredit.month, SlaCredit.line, SlaCredit.revision)
        )
        .scalars()
        .all()
    )


def list_contests(*, month: date | None = None) -> Sequence[MonthContest]:
    query = select(MonthContest).where(MonthContest.tenant_id == scoped_tenant_id())
    if month is not None:
        query = query.where(MonthContest.month == month)
    return db.session.execute(query.order_by(MonthContest.at)).scalars().all()


def find_contest(*, month: date, line: str, for_change: bool = False) -> MonthContest | None:
    query = select(MonthContest).where(
        MonthContest.tenant_id == scoped_tenant_id(),
        MonthContest.month == month,
        MonthContest.line == line,
    )
    if for_change:
        query = query.with_for_update()
    return db.session.execute(query).scalar_one_or_none()


def find_signed(*, month: date, line: str) -> SlaMonth | None:
    return db.session.execute(
        select(SlaMonth).where(
            SlaMonth.tenant_id == scoped_tenant_id(),
            SlaMonth.month == month,
            SlaMonth.line == line,
        )
    ).scalar_one_or_none()


def list_outcomes_of(*, requests: Collection[UUID]) -> Sequence[SlaOutcome]:
    return (
        db.session.execute(
            select(O).where(O.tenant_id == scoped_tenant_id(), O.request_id.in_(requests))
        )
        .scalars()
        .all()
    )
