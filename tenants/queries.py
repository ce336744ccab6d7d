from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select, text

from tenants.company import find_tenant
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.models import PROVIDER_TENANT, Grant, Member, StaffMember, Tenant, User
from tenants.permissions import GUEST
from tenants.scoping import current_scope, scoped_tenant_id


@dataclass(frozen=True, slots=True)
class Workspace:
    """A client that the person in scope may enter, and as what."""

    tenant_id: UUID
    slug: str
    name: str
    code: str
    colour: str
    member_role: str | None
    approver: bool
    grant_lines: dict[str, str]


@dataclass(frozen=True, slots=True)
class MailRecipient:
    """Somebody of this client, or of the provider who has or had a grant here; the country is their
    own company's, the region for the provider's people alone."""

    user_id: UUID
    name: str
    email: str
    language: str
    time_zone: str | None
    muted: tuple[str, ...]
    office_country: str
    office_region: str


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """What a company's administrator may know of a member's account.

    `last_sign_in_at` is None for somebody who is elsewhere too: that is not this company's affair.
    """

    user_id: UUID
    can_sign_in: bool
    has_second_factor: bool
    last_sign_in_at: datetime | None
    invited_until: datetime | None
    only_here: bool


_PRESENT_GUEST = or_(Member.role != GUEST, Member.expires_at > func.now())


def get_tenant() -> Tenant:
    """The tenant in scope."""
    tenant = find_tenant()
    if tenant is None:
        raise NotFound
    return tenant


def get_tenant_for_change() -> Tenant:
    """As it is now, and locked; rows that belong to it can be added meanwhile."""
    return db.session.execute(
        select(Tenant)
        .where(Tenant.id == scoped_tenant_id())
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).scalar_one()


def get_access() -> tuple[str, bool]:
    """The state, and whether work that isn't begun yet may begin; as it is now."""
    found = db.session.execute(
        select(Tenant.access_state, Tenant.new_work).where(Tenant.id == scoped_tenant_id())
    ).one()
    return found.access_state, found.new_work


def get_access_state() -> str:
    """As it is now, whatever was read of the tenant before."""
    found: str = db.session.execute(
        select(Tenant.access_state).where(Tenant.id == scoped_tenant_id())
    ).scalar_one()
    return found


def select_members(*, with_removed: bool = False, with_guests: bool = False) -> Select[Any]:
    query = select(Member).where(Member.tenant_id == scoped_tenant_id())
    if not with_removed:
        query = query.where(Member.removed_at.is_(None))
    # As sign-in has it: a guest whose time is over is gone, whether or not a job has seen to it.
    query = query.where(_PRESENT_GUEST if with_guests else Member.role != GUEST)
    return query.order_by(Member.display_name, Member.id)


def list_members(*, with_removed: bool = False, with_guests: bool = False) -> Sequence[Member]:
    """The company's own people, unless guests are asked for."""
    query = select_members(with_removed=with_removed, with_guests=with_guests)
    return db.session.execute(query).scalars().all()


def get_member(*, member_id: UUID, with_guests: bool = False) -> Member:
    """NotFound for a removed one too, and for a guest unless they are asked for."""
    kind = _PRESENT_GUEST if with_guests else Member.role != GUEST
    return _one_member(Member.id == member_id, kind, Member.removed_at.is_(None))


def get_guest(*, member_id: UUID) -> Member:
    """Those whose access ended too: `removed_at` and `expires_at` tell."""
    return _one_member(Member.id == member_id, Member.role == GUEST)


def get_own_guest(*, user_id: UUID) -> Member:
    """The guest who acts."""
    return _one_member(Member.user_id == user_id, Member.role == GUEST, Member.removed_at.is_(None))


def _one_member(*which: ColumnElement[bool]) -> Member:
    row = db.session.execute(
        select(Member).where(Member.tenant_id == scoped_tenant_id(), *which)
    ).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def list_guests() -> Sequence[Member]:
    """All that ever were and are nothing else since, whose access ends last first."""
    return (
        db.session.execute(
            select(Member)
            .where(Member.tenant_id == scoped_tenant_id(), Member.role == GUEST)
            .order_by(Member.expires_at.desc(), Member.id)
        )
        .scalars()
        .all()
    )


def get_member_for_change(*, member_id: UUID) -> Member:
    """As it is now, and locked. The administrators are locked first, in one order for everybody,
    so that two of them who change each other wait instead of blocking each other."""
    lock_administrators()
    return _locked_member(Member.id == member_id, Member.role != GUEST)


def get_guest_for_change(*, member_id: UUID) -> Member:
    """As it is now, and locked; NotFound for one whose access was ended."""
    return _locked_member(Member.id == member_id, Member.role == GUEST)


def _locked_member(*which: ColumnElement[bool]) -> Member:
    row = db.session.execute(
        select(Member)
        .where(Member.tenant_id == scoped_tenant_id(), Member.removed_at.is_(None), *which)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def list_member_facts(*, user_ids: Sequence[UUID]) -> dict[UUID, MemberFacts]:
    """By user, for this company's administrator only; the database leaves everybody else out."""
    rows = db.session.execute(
        text("SELECT * FROM member_facts(:ids)"), {"ids": list(user_ids)}
    ).mappings()
    return {row["user_id"]: MemberFacts(**row) for row in rows}


def find_member_of_user(*, user_id: UUID) -> Member | None:
    """Removed ones included: `removed_at` tells."""
    return db.session.execute(
        select(Member).where(Member.tenant_id == scoped_tenant_id(), Member.user_id == user_id)
    ).scalar_one_or_none()


def list_grants(*, live_at: datetime | None = None, user_id: UUID | None = None) -> Sequence[Grant]:
    """Newest first; with `live_at` only those that open the client at that time, with `user_id`
    only this person's."""
    query = select(Grant).where(Grant.tenant_id == scoped_tenant_id())
    if user_id is not None:
        query = query.where(Grant.user_id == user_id)
    if live_at is not None:
        query = query.where(Grant.ended_at.is_(None), Grant.expires_at > live_at)
    return db.session.execute(query.order_by(Grant.id.desc())).scalars().all()


def get_grant(*, grant_id: UUID) -> Grant:
    row = db.session.execute(
        select(Grant).where(Grant.tenant_id == scoped_tenant_id(), Grant.id == grant_id)
    ).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def get_user(*, user_id: UUID) -> User:
    """Only ever the person in scope: the database shows nobody else."""
    row = db.session.execute(select(User).where(User.id == user_id)).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def find_staff(*, user_id: UUID) -> StaffMember | None:
    return db.session.execute(
        select(StaffMember).where(StaffMember.user_id == user_id)
    ).scalar_one_or_none()


def list_staff() -> Sequence[StaffMember]:
    return (
        db.session.execute(
            select(StaffMember).where(StaffMember.active).order_by(StaffMember.display_name)
        )
        .scalars()
        .all()
    )


def list_workspaces() -> Sequence[Workspace]:
    """The clients of the person in scope, by name."""
    rows = db.session.execute(text("SELECT * FROM my_workspaces()")).mappings()
    return [
        Workspace(
            **{**row, "approver": bool(row["approver"]), "grant_lines": row["grant_lines"] or {}}
        )
        for row in rows
    ]


def list_mail_recipients(*, user_ids: Sequence[UUID]) -> Sequence[MailRecipient]:
    """Others are left out without a word: strangers to this client, ended accounts."""
    rows = db.session.execute(
        text("SELECT * FROM mail_recipients(:ids)"), {"ids": list(user_ids)}
    ).mappings()
    return [MailRecipient(**{**row, "muted": tuple(row["muted"])}) for row in rows]


def has_password(*, email: str) -> bool:
    """Whether this address belongs to an account that can sign in already."""
    found = db.session.execute(
        text("SELECT password_hash IS NOT NULL FROM sign_in_lookup(:email)"), {"email": email}
    ).scalar_one_or_none()
    return bool(found)


def count_other_administrators(*, member_id: UUID) -> int:
    return sum(1 for one in lock_administrators() if one != member_id)


def lock_administrators() -> Sequence[UUID]:
    """The client's, as they are now; two of them can't remove each other at once."""
    return (
        db.session.execute(
            select(Member.id)
            .where(
                Member.tenant_id == scoped_tenant_id(),
                Member.role == "client_admin",
                Member.removed_at.is_(None),
            )
            .order_by(Member.id)
            .with_for_update()
        )
        .scalars()
        .all()
    )


def count_other_provider_administrators(*, user_id: UUID) -> int:
    return sum(1 for one in lock_provider_administrators() if one != user_id)


def lock_provider_administrators() -> Sequence[UUID]:
    """Who they are now; two of them can't end each other at once. In the provider's scope."""
    return (
        db.session.execute(
            select(StaffMember.user_id)
            .where(StaffMember.role == "provider_admin", StaffMember.active)
            .order_by(StaffMember.user_id)
            .with_for_update()
        )
        .scalars()
        .all()
    )


def is_provider_scope() -> bool:
    scope = current_scope()
    return scope.tenant_id == PROVIDER_TENANT and scope.side == "provider"
