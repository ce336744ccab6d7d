from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select

from app.calendars.business_time import BusinessCalendar
from app.calendars.deadlines import Deadline
from app.contracts.queries import get_terms, version_in_force
from app.contracts.terms import ContractTerms
from app.service_requests.models import ServiceRequest
from app.service_requests.recurring.models import (
    Recurrence,
    RecurrenceInstance,
    RecurrenceVersion,
)
from app.service_requests.recurring.rules import Plan, rule_of
from app.service_requests.scope import NOT_COUNTED
from app.service_requests.statutory.queries import deadlines_as_they_count
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.permissions import Actor
from tenants.queries import get_tenant
from tenants.scoping import current_scope

R, I, S = Recurrence, RecurrenceInstance, ServiceRequest


@dataclass(frozen=True, slots=True)
class ClientFacts:
    """What plans are made by, of the client in scope."""

    terms: ContractTerms
    today: date
    country: str
    region: str
    language: str
    deadlines: Mapping[str, Deadline]

    @property
    def calendar(self) -> BusinessCalendar:
        return self.terms.calendar

    def plan(self, row: Recurrence) -> Plan:
        """Refused where its rule says no day (any more)."""
        return self.plan_of(row.rule, start=row.starts_on, about=row.about, lead_days=row.lead_days)

    def plan_of(self, rule: Mapping[str, Any], *, start: date, about: int, lead_days: int) -> Plan:
        made = rule_of(rule, start=start, deadlines=self.deadlines, region=self.region)
        return Plan(made, about, lead_days, self.calendar)


def get_facts(now: datetime) -> ClientFacts:
    tenant, terms = get_tenant(), get_terms(now)
    today = terms.calendar.local_day(now)
    version = version_in_force(today)
    calendar = version.document["calendar"] if version else {}
    return ClientFacts(
        terms=terms, today=today, country=tenant.country,
        region=calendar.get("region", ""), language=tenant.document_language,
        deadlines=deadlines_as_they_count(),
    )  # fmt: skip


def get_recurrence(*, actor: Actor, number: int, for_change: bool = False) -> Recurrence:
    """NotFound for one of a line that the actor can't see, too."""
    query = select(R).where(
        R.tenant_id == current_scope().tenant_id,
        R.number == min(number, 2**31 - 1),
        R.line.in_(actor.visible_lines),
    )
    return _one(query, for_change)


def get_recurrence_by_id(*, recurrence_id: UUID, for_change: bool = False) -> Recurrence:
    query = select(R).where(R.tenant_id == current_scope().tenant_id, R.id == recurrence_id)
    return _one(query, for_change)


def _one(query: Any, for_change: bool) -> Recurrence:
    if for_change:
        query = query.with_for_update().execution_options(populate_existing=True)
    row: Recurrence | None = db.session.execute(query).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def list_recurrences(*, lines: Collection[str], ended: bool = False) -> Sequence[Recurrence]:
    """The next one first."""
    return db.session.scalars(
        select(R)
        .where(
            R.tenant_id == current_scope().tenant_id,
            R.line.in_(lines),
            R.state == ("ended" if ended else "active"),
        )
        .order_by(R.next_on.asc().nulls_last(), R.number)
        .limit(500)
    ).all()


def count_standing() -> int:
    """Of the company: all that did not end."""
    return db.session.execute(
        select(func.count()).where(R.tenant_id == current_scope().tenant_id, R.state != "ended")
    ).scalar_one()


def list_active() -> Sequence[Recurrence]:
    return db.session.scalars(
        select(R)
        .where(R.tenant_id == current_scope().tenant_id, R.state == "active")
        .order_by(R.number)
    ).all()


def list_instances(
    *, recurrence_id: UUID, since: date | None = None, limit: int = 100
) -> Sequence[Row[Any]]:
    """Each with the number and state of its request, the latest first."""
    query: Any = (
        select(I, S.number.label("request_number"), S.state.label("request_state"))
        .outerjoin(S, (S.tenant_id == I.tenant_id) & (S.id == I.request_id))
        .where(I.tenant_id == current_scope().tenant_id, I.recurrence_id == recurrence_id)
    )
    if since is not None:
        query = query.where(I.due_on >= since)
    query = query.order_by(I.due_on.desc(), I.period.desc()).limit(limit)
    found: Sequence[Row[Any]] = db.session.execute(query).all()
    return found


def known_periods(*, recurrence_id: UUID, periods: Collection[str]) -> dict[str, str]:
    """Of these the ones that something became of, with what."""
    rows = db.session.execute(
        select(I.period, I.state).where(
            I.tenant_id == current_scope().tenant_id, I.recurrence_id == recurrence_id,
            I.period.in_(periods),
        )
    )  # fmt: skip
    return {row.period: row.state for row in rows}


def get_instance(*, recurrence_id: UUID, period: str) -> RecurrenceInstance | None:
    return db.session.execute(
        select(I).where(
            I.tenant_id == current_scope().tenant_id, I.recurrence_id == recurrence_id,
            I.period == period,
        )
    ).scalar_one_or_none()  # fmt: skip


def find_same_work(*, item: str, title: str) -> int | None:
    """The number of a request of this item and title that counts, raised by whomever."""
    return db.session.execute(
        select(S.number)
        .where(
            S.tenant_id == current_scope().tenant_id, S.item == item, S.title == title,
            S.state.not_in(NOT_COUNTED),
        )
        .order_by(S.number)
        .limit(1)
    ).scalar_one_or_none()  # fmt: skip


def count_blocked(*, lines: Collection[str]) -> dict[UUID, int]:
    """By recurrence, what waits for somebody's decision."""
    rows = db.session.execute(
        select(I.recurrence_id, func.count().label("blocked"))
        .join(R, (R.tenant_id == I.tenant_id) & (R.id == I.recurrence_id))
        .where(I.tenant_id == current_scope().tenant_id, I.state == "blocked", R.line.in_(lines))
        .group_by(I.recurrence_id)
    )
    return {row.recurrence_id: row.blocked for row in rows}


def list_versions(*, recurrence_id: UUID) -> Sequence[RecurrenceVersion]:
    """Newest first."""
    return db.session.scalars(
        select(RecurrenceVersion)
        .where(
            RecurrenceVersion.tenant_id == current_scope().tenant_id,
            RecurrenceVersion.recurrence_id == recurrence_id,
        )
        .order_by(RecurrenceVersion.revision.desc())
        .limit(50)
    ).all()
