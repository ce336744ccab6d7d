"""Credits that form: what the months that are not signed off would give back, over several clients.
Counted by the same rules as a client's own page of the month."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.contracts.terms import HALF_DAY_MINUTES, ContractTerms
from app.service_levels.agreed import Agreements
from app.service_levels.counting import severities
from app.service_levels.credits import CURRENCY, Credit, credit_of
from app.service_levels.forming_queries import list_ledgers
from app.service_levels.judging import BREACHED, Case, Outcome, Run, judge
from app.service_levels.models import SlaMonth
from app.service_levels.months import Month, previous_first
from app.service_levels.overview import agreements_of, versions_of
from app.service_requests.sla.queries import event_of
from tenants.models import Tenant

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
        for row in session.execute(_clients(list(lines_of))).all()
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
    firsts = [agreements.month_of(now)]
    while len(firsts) <= BACK:
        firsts.append(previous_first(firsts[-1]))
    months = [agreements.month(one) for one in firsts if row.last is None or one > row.last]
    paid = [one for one in months if any(one[1].credit_base(line) for line in lines)]
    return _Asked(row.id, agreements, paid, lines)


def _clients(ids: Sequence[UUID]) -> Select[*tuple[Any, ...]]:
    last = (
        select(func.max(SlaMonth.month))
        .where(SlaMonth.tenant_id == Tenant.id, SlaMonth.tenant_id.in_(ids))
        .scalar_subquery()
    )
    return select(
        Tenant.id, Tenant.country, Tenant.time_zone, last.label("last"),
        versions_of(ids).label("versions"),
    ).where(Tenant.id.in_(ids))  # fmt: skip


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
    ids = [client.tenant_id for client in asked]
    start = min(month.start for client in asked for month, _ in client.months)
    rows = list_ledgers(session, ids=ids, start=start, shortest=_shortest(asked))
    found: dict[UUID, list[_Told]] = {}
    for (tenant_id, _), group in groupby(rows, key=lambda row: (row.tenant_id, row.number)):
        found.setdefault(tenant_id, []).append(_case(list(group)))
    return found


def _shortest(asked: Sequence[_Asked]) -> timedelta:
    """No first answer that came sooner is late, whatever the calendar."""
    agreed = [
        one["first_response"]
        for client in asked
        for version in client.agreements.versions
        for one in version.document["targets"]
        if one["first_response"] is not None
    ]
    return timedelta(minutes=min([HALF_DAY_MINUTES, *agreed]))


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
        for month, clock, run in first.runs or ()
    ]
    return _Told(case, first.title, counted)
