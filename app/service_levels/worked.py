"""Time recorded in a month, as far as the contract shows it to the reader."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import aliased

from app.contracts.terms import DETAIL, NOTHING
from app.service_levels.months import next_first
from app.service_requests.models import ServiceRequest
from app.timesheets.models import TimeEntry
from app.timesheets.rounding import billed
from tenants.core.db import db
from tenants.scoping import scoped_tenant_id

R, T = ServiceRequest, TimeEntry


@dataclass(frozen=True, slots=True)
class Worked:
    """Minutes of a month. `billed` is the month's part of the request's rounded total: the parts of
    all months add up to what is billed."""

    billed: int
    rest: int

    @property
    def all(self) -> int:
        return self.billed + self.rest


@dataclass(frozen=True, slots=True)
class WorkedOn:
    number: int
    item: str
    title: str
    line: str
    worked: Worked


@dataclass(frozen=True, slots=True)
class MonthOfWork:
    """`requests` is None where only totals are shown."""

    lines: Mapping[str, Worked]
    requests: Sequence[WorkedOn] | None


NO_WORK = MonthOfWork({}, None)


def read_worked(*, month: date, lines: Collection[str], shown: str) -> MonthOfWork:
    """`shown` as the contract says it to this reader; what isn't shown isn't read."""
    if shown == NOTHING:
        return NO_WORK
    rows = _list_worked(month, lines)
    sums = {line: _sum(one.worked for one in rows if one.line == line) for line in lines}
    return MonthOfWork(
        {line: one for line, one in sums.items() if one.billed or one.rest},
        rows if shown == DETAIL else None,
    )


def _sum(parts: Iterable[Worked]) -> Worked:
    found = list(parts)
    return Worked(sum(one.billed for one in found), sum(one.rest for one in found))


def _list_worked(month: date, lines: Collection[str]) -> list[WorkedOn]:
    """What was recorded on a request that was merged counts with the one that goes on."""
    whole, last = aliased(R), next_first(month) - timedelta(days=1)
    rows = db.session.execute(
        select(
            whole.number, whole.item, whole.title, whole.line, whole.time_step,
            _minutes(T.billable.is_(True), T.worked_on < month).label("before"),
            _minutes(T.billable.is_(True)).label("after"),
            _minutes(T.billable.is_(False), T.worked_on >= month).label("rest"),
        )
        .select_from(T)
        .join(R, and_(R.tenant_id == T.tenant_id, R.id == T.request_id))
        .join(
            whole,
            and_(whole.tenant_id == R.tenant_id, whole.id == func.coalesce(R.merged_into, R.id)),
        )
        .where(T.tenant_id == scoped_tenant_id(), T.worked_on <= last, whole.line.in_(lines))
        .group_by(whole.id, whole.number, whole.item, whole.title, whole.line, whole.time_step)
        .having(func.count().filter(T.worked_on >= month) > 0)
        .order_by(whole.number)
    )  # fmt: skip
    return [
        WorkedOn(
            row.number, row.item, row.title, row.line,
            Worked(billed(row.after, row.time_step) - billed(row.before, row.time_step), row.rest),
        )
        for row in rows
    ]  # fmt: skip


def _minutes(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(T.minutes).filter(and_(*conditions)), 0)
