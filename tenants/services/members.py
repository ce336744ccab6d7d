"""A client company's own people."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tenants import audit, queries
from tenants.core.db import db
from tenants.core.errors import Conflict
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.models import MEMBER_ROLES, SERVICE_LINES, Member
from tenants.permissions import Actor
from tenants.services.checks import one_of, require_people
from tenants.services.invitations import ensure_user


def add_member(
    *,
    email: str,
    display_name: str,
    role: str,
    lines: Sequence[str],
    actor: Actor,
    now: datetime,
    approver: bool = False,
    language: str | None = None,
) -> Member:
    """A person who was removed comes back with the new role; one who is here is a Conflict."""
    require_people(actor)
    _check_member(role, lines)
    tenant = queries.get_tenant()
    user_id = ensure_user(email, display_name, language or tenant.language)
    member = queries.find_member_of_user(user_id=user_id)
    if member is not None and member.removed_at is None:
        raise Conflict(_m("This person is already here."), code="already_member")
    if member is None:
        member = Member(id=uuid7(), user_id=user_id)
        db.session.add(member)
    member.display_name = display_name
    member.email = email
    member.role = role
    member.approver = approver
    member.lines = sorted(set(lines))
    member.removed_at = None
    db.session.flush()
    _audit_member("added", member, actor, now)
    return member


def change_member(
    *,
    member_id: UUID,
    role: str,
    approver: bool,
    lines: Sequence[str],
    actor: Actor,
    now: datetime,
) -> Member:
    require_people(actor)
    _check_member(role, lines)
    member = queries.get_member(member_id=member_id)
    if member.role == "client_admin" and role != "client_admin":
        _keep_an_administrator(member_id)
    member.role = role
    member.approver = approver
    member.lines = sorted(set(lines))
    db.session.flush()
    _audit_member("changed", member, actor, now)
    return member


def remove_member(*, member_id: UUID, actor: Actor, now: datetime) -> None:
    require_people(actor)
    member = queries.get_member(member_id=member_id)
    if member.role == "client_admin":
        _keep_an_administrator(member_id)
    member.removed_at = now
    db.session.flush()
    _audit_member("removed", member, actor, now)


def _check_member(role: str, lines: Sequence[str]) -> None:
    one_of("role", role, MEMBER_ROLES)
    for line in lines:
        one_of("lines", line, SERVICE_LINES)


def _keep_an_administrator(member_id: UUID) -> None:
    if not queries.count_other_administrators(member_id=member_id):
        raise Conflict(
            _m("This is the last administrator. Name another one first."), code="last_administrator"
        )


def _audit_member(verb: str, member: Member, actor: Actor, now: datetime) -> None:
    audit.record(
        f"tenants.member.{verb}", actor=actor, now=now, object_type="member", object_id=member.id,
        role=member.role, approver=member.approver, lines=member.lines,
    )  # fmt: skip
