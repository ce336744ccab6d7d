from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text

from app.staffing.models import Absence, StaffSkill
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.models import StaffMember
from tenants.scoping import current_scope

A, K = Absence, StaffSkill


@dataclass(frozen=True, slots=True)
class Standing:
    """What one of our active people holds over all clients and can do; `absence_id` and `away_until`
    while they are away."""

    user_id: UUID
    open_requests: int
    skills: tuple[str, ...]
    absence_id: UUID | None
    away_until: datetime | None


def standings(*, user_ids: Collection[UUID], at: datetime) -> Mapping[UUID, Standing]:
    """From the provider's side of any client; who is no longer with us is left out."""
    rows = db.session.execute(
        text("SELECT * FROM staff_standing(:ids, :at)"), {"ids": list(user_ids), "at": at}
    ).mappings()
    return {
        row["user_id"]: Standing(**{**row, "skills": tuple(row["skills"])}) for row in rows
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Away:
    """An absence that counts, and the place of the office by whose business days we reckon."""

    user_id: UUID
    absence_id: UUID
    starts_at: datetime
    ends_at: datetime
    country: str
    region: str
    time_zone: str


def list_away(*, user_ids: Collection[UUID], since: datetime, until: datetime) -> list[Away]:
    """Who of these is away at some time between the two, from the provider's side of any client;
    the earliest first."""
    rows = db.session.execute(
        text("SELECT * FROM staff_away(:ids, :since, :until)"),
        {"ids": list(user_ids), "since": since, "until": until},
    ).mappings()
    return [Away(**row) for row in rows]


def list_team() -> Sequence[StaffMember]:
    """Who is with us, by name."""
    return (
        db.session.execute(
            select(StaffMember)
            .where(StaffMember.active)
            .order_by(StaffMember.display_name, StaffMember.user_id)
        )
        .scalars()
        .all()
    )


def get_member_of_team(*, user_id: UUID, lock: bool = False) -> StaffMember:
    query = select(StaffMember).where(StaffMember.user_id == user_id, StaffMember.active)
    row = db.session.execute(query.with_for_update() if lock else query).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def list_absences(*, since: datetime, user_id: UUID | None = None) -> Sequence[Absence]:
    """In the provider's own scope: those that end after `since`, the earliest first."""
    query = select(A).where(
        A.tenant_id == current_scope().tenant_id, A.cancelled_at.is_(None), A.ends_at > since
    )
    if user_id is not None:
        query = query.where(A.user_id == user_id)
    return db.session.execute(query.order_by(A.starts_at, A.id).limit(500)).scalars().all()


def get_absence(*, absence_id: UUID) -> Absence:
    row = db.session.get(A, (current_scope().tenant_id, absence_id))
    if row is None:
        raise NotFound
    return row


def find_overlapping(*, user_id: UUID, starts_at: datetime, ends_at: datetime) -> Absence | None:
    return (
        db.session.execute(
            select(A)
            .where(
                A.tenant_id == current_scope().tenant_id, A.user_id == user_id,
                A.cancelled_at.is_(None), A.starts_at < ends_at, A.ends_at > starts_at,
            )
            .order_by(A.starts_at)
            .limit(1)
        )
        .scalars()
        .first()
    )  # fmt: skip


def list_skills(*, user_id: UUID | None = None) -> Sequence[StaffSkill]:
    query = select(K).where(K.tenant_id == current_scope().tenant_id)
    if user_id is not None:
        query = query.where(K.user_id == user_id)
    return db.session.execute(query.order_by(K.skill, K.user_id)).scalars().all()
