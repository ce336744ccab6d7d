"""What the provider's administrators see of their clients and colleagues: figures and people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, text, tuple_

from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.core.pagination import PAGE_SIZE, Page, decode_cursor, encode_cursor
from tenants.models import (
    PROVIDER_TENANT,
    TENANT_STATES,
    AuditEvent,
    Departure,
    StaffMember,
    Tenant,
)
from tenants.scoping import scoped_tenant_id

_COMPANY = (Tenant.id, Tenant.slug, Tenant.name, Tenant.code, Tenant.colour, Tenant.country,
            Tenant.state, Tenant.created_at)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CompanyFigures:
    members: int = 0
    staff: int = 0
    expiring: int = 0
    last_activity_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CompanyRow:
    company: Any
    figures: CompanyFigures


@dataclass(frozen=True, slots=True)
class StaffFacts:
    email: str = ""
    language: str = "en"
    invited: bool = False
    has_second_factor: bool = False
    last_sign_in_at: datetime | None = None
    open_sessions: int = 0
    clients: int = 0


@dataclass(frozen=True, slots=True)
class Reach:
    """What one person of the provider holds at one client. `expired` grants were never ended."""

    tenant_id: UUID
    slug: str
    name: str
    code: str
    live: int
    expired: int
    ended: int
    assignments: int

    @property
    def unended(self) -> int:
        return self.live + self.expired

    @property
    def open(self) -> bool:
        return bool(self.unended or self.assignments)


def list_companies(
    *, search: str = "", state: str = "", cursor: str | None = None
) -> Page[CompanyRow]:
    """By name, in the provider's scope."""
    by = (func.lower(Tenant.name), Tenant.id)
    query = select(*_COMPANY, by[0].label("sorted")).where(Tenant.kind == "client")
    if state in TENANT_STATES:
        query = query.where(Tenant.state == state)
    if search:
        query = query.where(
            or_(
                Tenant.name.icontains(search, autoescape=True),
                Tenant.slug.icontains(search, autoescape=True),
                Tenant.registration_number.icontains(search, autoescape=True),
                Tenant.code == search.upper(),
            )
        )
    if cursor:
        query = query.where(tuple_(*by) > tuple_(*decode_cursor(cursor, str, UUID)))
    rows = db.session.execute(query.order_by(*by).limit(PAGE_SIZE + 1)).all()
    shown = rows[:PAGE_SIZE]
    figures = company_figures([row.id for row in shown])
    following = encode_cursor(shown[-1].sorted, shown[-1].id) if len(rows) > PAGE_SIZE else None
    return Page(
        [CompanyRow(row, figures.get(row.id, CompanyFigures())) for row in shown], following
    )


def count_companies() -> Mapping[str, int]:
    rows = db.session.execute(
        select(Tenant.state, func.count()).where(Tenant.kind == "client").group_by(Tenant.state)
    )
    return {state: number for state, number in rows}


def company_figures(tenant_ids: Sequence[UUID]) -> Mapping[UUID, CompanyFigures]:
    rows = db.session.execute(
        text("SELECT * FROM company_figures(:ids)"), {"ids": list(tenant_ids)}
    ).mappings()
    return {
        row["tenant_id"]: CompanyFigures(**{k: v for k, v in row.items() if k != "tenant_id"})
        for row in rows
    }


def list_brands() -> list[tuple[str, str]]:
    rows = db.session.execute(select(Tenant.code, Tenant.colour).where(Tenant.kind == "client"))
    return [(code, colour) for code, colour in rows]


def list_taken() -> tuple[set[str], set[str]]:
    """Codes and short names that no further company can have; the provider's scope."""
    rows = db.session.execute(select(Tenant.code, Tenant.slug)).all()
    return {row.code for row in rows}, {row.slug for row in rows}


def list_company_events(*, limit: int = 12) -> Sequence[AuditEvent]:
    """What became of the company in scope, its people and who may see it; newest first."""
    return (
        db.session.execute(
            select(AuditEvent)
            .where(AuditEvent.tenant_id == scoped_tenant_id(), AuditEvent.name.like("tenants.%"))
            .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
            .limit(limit)
        )
        .scalars()
        .all()
    )


def list_all_staff() -> Sequence[StaffMember]:
    """Former ones too, after the others."""
    return (
        db.session.execute(
            select(StaffMember).order_by(StaffMember.active.desc(), StaffMember.display_name)
        )
        .scalars()
        .all()
    )


def get_staff(*, user_id: UUID, lock: bool = False) -> StaffMember:
    query = select(StaffMember).where(StaffMember.user_id == user_id)
    row = db.session.execute(query.with_for_update() if lock else query).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def staff_facts() -> Mapping[UUID, StaffFacts]:
    rows = db.session.execute(text("SELECT * FROM staff_facts()")).mappings()
    return {
        row["user_id"]: StaffFacts(**{k: v for k, v in row.items() if k != "user_id"})
        for row in rows
    }


def list_reach(*, user_id: UUID) -> list[Reach]:
    """By client, in the provider's scope; clients where the person never was are left out."""
    rows = db.session.execute(text("SELECT * FROM staff_reach(:id)"), {"id": user_id}).mappings()
    return [Reach(**row) for row in rows]


def find_departure(*, user_id: UUID) -> Departure | None:
    """The latest one."""
    return db.session.execute(
        select(Departure)
        .where(Departure.tenant_id == PROVIDER_TENANT, Departure.user_id == user_id)
        .order_by(Departure.id.desc())
        .limit(1)
    ).scalar_one_or_none()


def departure_states(*, departure_id: UUID) -> Mapping[UUID, str]:
    """How far each client's job is."""
    rows = db.session.execute(
        text("SELECT * FROM departure_states(:id)"), {"id": departure_id}
    ).mappings()
    return {row["tenant_id"]: row["state"] for row in rows}


def catalogue_use(since: datetime) -> Mapping[str, int]:
    """How many requests were raised by each item of the catalogue, at all clients together."""
    rows = db.session.execute(
        text("SELECT item, requests FROM catalogue_use(:since)"), {"since": since}
    ).all()
    return {row.item: row.requests for row in rows}


def list_credits(*, state: str = "", company: str = "") -> Sequence[Any]:
    """Of all clients, newest first, in the provider's own scope."""
    return db.session.execute(
        text("SELECT * FROM listed_credits(:state, :company)"), {"state": state, "company": company}
    ).all()  # fmt: skip


def list_contests(*, state: str = "", company: str = "") -> Sequence[Any]:
    """As `list_credits`."""
    return db.session.execute(
        text("SELECT * FROM listed_contests(:state, :company)"),
        {"state": state, "company": company},
    ).all()
