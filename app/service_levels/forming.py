"""Credits that form: what the months that are not signed off would give back, over several clients.
Counted by the same rules as a client's own page of the month."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from app.contracts.terms import ContractTerms
from app.service_levels.agreed import Agreements
from app.service_levels.counting import severities
from app.service_levels.credits import CURRENCY, Credit, credit_of
from app.service_levels.judging import BREACHED, Case, Outcome, Run, judge
from app.service_levels.models import SlaOutcome
from app.service_levels.months import Month
from app.service_levels.overview import agreements_of, months_of, open_months
from app.service_requests.models import RequestMove, ServiceRequest
from app.service_requests.sla.models import SlaEvent, SlaExclusion
from app.service_requests.sla.queries import event_of

E, R, V, O, X = SlaEvent, ServiceRequest, RequestMove, SlaOutcome, SlaExclusion
# Months before the present one; older ones wait on the page of months to sign.
BACK = 2


@dataclass(frozen=True, slots=True)
class Forming:
    """`breaches` are what `credit` is made of, `rates` basis points by their severity; `titles` are
    the items and titles of requests by number."""

    tenant_id: UUID
    month: date
    line: str
    credit: Credit
    currency: str
    breaches: Sequence[Outcome]
    rates: Mapping[str, int]
    titles: Mapping[int, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A client's open months in which a line of the reader's has an amount."""

    tenant_id: UUID
    agreements: Agreements
    months: Sequence[tuple[Month, ContractTerms]]
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Told:
    case: Case
    title: str
    counted: Sequence[tuple[date, Run]]


def list_forming(
    session: Session, *, lines_of: Mapping[UUID, Sequence[str]], now: datetime
) -> list[Forming]:
    """Those with something missed, the latest month first; two statements."""
    if not lines_of:
        return []
    asked = [
        found
        for row in session.execute(months_of(list(lines_of))).all()
        if (found := _asked(row, lines_of[row.id], now)).months
    ]
    if not asked:
        return []
    told = _told(session, asked)
    forming = [
        one for client in asked for one in _of_client(client, told.get(client.tenant_id, ()))
    ]
    return sorted(forming, key=lambda one: (one.month, one.credit.amount), reverse=True)


def _asked(row: Any, lines: Sequence[str], now: datetime) -> _Asked:
    agreements = agreements_of(row)
    this = agreements.month_of(now)
    firsts = [*open_months(agreements, row.last, row.began, now)[-BACK:], this]
    months = [agreements.month(first) for first in firsts if row.last is None or first > row.last]
    paid = [one for one in months if any(one[1].credit_base(line) for line in lines)]
    return _Asked(row.id, agreements, paid, lines)


def _of_client(client: _Asked, told: Iterable[_Told]) -> Iterable[Forming]:
    told = list(told)
    for month, terms in client.months:
        found = _judged(month, client.agreements, told)
        for line in client.lines:
            base, missed = terms.credit_base(line), [one for one in found if one.line == line]
            if base and missed:
                yield Forming(
                    client.tenant_id, month.first, line,
                    credit_of(severities(missed), base=base, rules=terms.credit_rules), CURRENCY,
                    missed, terms.credit_rules.rates, {one.case.number: (one.case.item, one.title) for one in told},
                )  # fmt: skip


def _judged(month: Month, agreements: Agreements, told: Iterable[_Told]) -> list[Outcome]:
    found = []
    for one in told:
        before = frozenset(run for first, run in one.counted if first < month.first)
        found += [
            outcome
            for outcome in judge(one.case, month, agreements.at, before)
            if outcome.outcome == BREACHED
        ]
    return sorted(found, key=lambda one: (one.number, one.clock, one.run))


def _told(session: Session, asked: Sequence[_Asked]) -> dict[UUID, list[_Told]]:
    """Requests of which a clock stopped or began anew since then, with their whole ledgers."""
    ids = [client.tenant_id for client in asked]
    start = min(month.start for client in asked for month, _ in client.months)
    touched = (
        select(E.tenant_id, E.request_id)
        .where(E.tenant_id.in_(ids), E.at >= start, E.event.in_(("stopped", "started")))
        .distinct()
        .subquery()
    )
    rows = session.execute(
        select(*_columns())
        .select_from(touched)
        .join(R, and_(R.tenant_id == touched.c.tenant_id, R.id == touched.c.request_id))
        .join(E, and_(E.tenant_id == R.tenant_id, E.request_id == R.id))
        .where(R.tenant_id.in_(ids), E.tenant_id.in_(ids))
        .order_by(R.tenant_id, R.number, E.seq)
    ).all()
    found: dict[UUID, list[_Told]] = {}
    for (tenant_id, _), group in groupby(rows, key=lambda row: (row.tenant_id, row.number)):
        found.setdefault(tenant_id, []).append(_case(list(group)))
    return found


def _columns() -> tuple[Any, ...]:
    of_request = {
        one: and_(one.tenant_id == R.tenant_id, one.request_id == R.id) for one in (V, X, O)
    }
    cancelled_by = (
        select(V.actor_side)
        .where(of_request[V], V.target == "cancelled")
        .order_by(V.at.desc())
        .limit(1)
        .correlate(R)
        .scalar_subquery()
    )
    excluded = (
        select(func.max(X.kind))
        .where(of_request[X], or_(X.kind == "spam", X.confirmed_at.is_not(None)))
        .correlate(R)
        .scalar_subquery()
    )
    counted = (
        select(func.jsonb_agg(func.jsonb_build_array(O.month, O.clock, O.run)))
        .where(of_request[O], O.outcome == BREACHED)
        .correlate(R)
        .scalar_subquery()
    )
    own = (
        R.tenant_id, R.number, R.line.label("now_line"), R.item.label("now_item"), R.title,
        R.priority.label("now_priority"), R.item_version,
    )  # fmt: skip
    events = (
        E.id, E.request_id, E.clock, E.event, E.at, E.reason, E.question_id, E.voids, E.moment,
        E.line, E.item, E.priority,
    )  # fmt: skip
    return (
        *own, *events, func.coalesce(cancelled_by, "").label("cancelled_by"),
        func.coalesce(excluded, "").label("excluded"), counted.label("counted"),
    )  # fmt: skip


def _case(rows: Sequence[Any]) -> _Told:
    first = rows[0]
    case = Case(
        request_id=first.request_id, number=first.number, line=first.now_line, item=first.now_item,
        priority=first.now_priority, cancelled_by=first.cancelled_by,
        events=[event_of(row) for row in rows], excluded=first.excluded,
        version=first.item_version,
    )  # fmt: skip
    counted = [
        (date.fromisoformat(month), (first.request_id, clock, run))
        for month, clock, run in first.counted or ()
    ]
    return _Told(case, first.title, counted)
