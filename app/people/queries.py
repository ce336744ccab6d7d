"""Lists of a company's people and of the provider's people who can see it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, or_, select, tuple_

from tenants.core.db import db
from tenants.core.pagination import PAGE_SIZE, Page, decode_cursor, encode_cursor
from tenants.models import Grant, Member, StaffMember
from tenants.permissions import GUEST
from tenants.scoping import scoped_tenant_id

ROLE_FILTERS = ("all", "client_admin", "approver", "client_user")
ENDED_SHOWN = timedelta(days=365)


def list_members_page(*, role: str, search: str, cursor: str | None) -> Page[Member]:
    """By name; `role` is one of ROLE_FILTERS."""
    name = func.lower(Member.display_name)
    query = select(Member).where(
        Member.tenant_id == scoped_tenant_id(),
        Member.removed_at.is_(None),
        Member.role != GUEST,
    )
    if role == "approver":
        query = query.where(Member.approver)
    elif role != "all":
        query = query.where(Member.role == role)
    if search:
        query = query.where(
            or_(
                Member.display_name.icontains(search, autoescape=True),
                Member.email.icontains(search, autoescape=True),
            )
        )
    if cursor:
        query = query.where(tuple_(name, Member.id) > tuple_(*decode_cursor(cursor, str, UUID)))
    query = query.order_by(name, Member.id).limit(PAGE_SIZE + 1)
    found = db.session.execute(query.add_columns(name)).all()
    shown = found[:PAGE_SIZE]
    more = len(found) > PAGE_SIZE
    last = shown[-1] if more else None
    return Page([row[0] for row in shown], encode_cursor(last[1], last[0].id) if last else None)


def is_last_administrator(member: Member) -> bool:
    if member.role != "client_admin":
        return False
    others = db.session.execute(
        select(func.count())
        .select_from(Member)
        .where(
            Member.tenant_id == scoped_tenant_id(),
            Member.role == "client_admin",
            Member.removed_at.is_(None),
            Member.id != member.id,
        )
    ).scalar_one()
    return others == 0


def list_recent_grants(*, now: datetime) -> Sequence[Grant]:
    """Those that open the company, and those that ended within a year; newest first."""
    return (
        db.session.execute(
            select(Grant)
            .where(
                Grant.tenant_id == scoped_tenant_id(),
                func.least(Grant.ended_at, Grant.expires_at) > now - ENDED_SHOWN,
            )
            .order_by(Grant.display_name, Grant.line, Grant.id.desc())
        )
        .scalars()
        .all()
    )


def names_of_staff(*, user_ids: Sequence[UUID]) -> Mapping[UUID, str]:
    rows = db.session.execute(
        select(StaffMember.user_id, StaffMember.display_name).where(
            StaffMember.user_id.in_(user_ids)
        )
    )
    return {row.user_id: row.display_name for row in rows}
