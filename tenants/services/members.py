"""A client company's own people."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from tenants import audit, queries
from tenants.core.db import db
from tenants.core.errors import Conflict, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.models import PEOPLE_ROLES, SERVICE_LINES, Member
from tenants.permissions import Actor
from tenants.services.checks import one_at_a_time, one_of, require_people
from tenants.services.invitations import end_invitations, ensure_user


@dataclass(frozen=True, slots=True)
class MemberState:
    """What an administrator decides about a member."""

    role: str
    approver: bool
    lines: tuple[str, ...]


class MemberChanged(Conflict):
    code = "member_changed"
    message = _m(
        "Somebody changed this person in the meantime. Look at what stands there now, and save "
        "again if yours is right."
    )

    def __init__(self, found: MemberState) -> None:
        super().__init__()
        self.found = found


def state_of(member: Member) -> MemberState:
    return MemberState(member.role, member.approver, tuple(sorted(member.lines)))


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
    _check_member(role, approver, lines)
    tenant = queries.get_tenant()
    one_at_a_time("members")
    user_id = ensure_user(email, display_name, language or tenant.language)
    member = take_place(user_id=user_id, now=now)
    member.display_name = display_name
    member.email = email
    member.role = role
    member.approver = approver
    member.lines = sorted(set(lines))
    member.guest_level = member.expires_at = None
    member.guest_reason = ""
    member.removed_at = None
    db.session.add(member)
    db.session.flush()
    _audit_member("added", member, actor, now)
    return member


def take_place(*, user_id: UUID, now: datetime) -> Member:
    """The row of somebody who comes (back), not yet filled in. Conflict for one who is here."""
    member = queries.find_member_of_user(user_id=user_id)
    if member is None:
        return Member(id=uuid7(), user_id=user_id)
    if member.is_here(now):
        said = (
            _m("This person is a guest of this company. End that access first.")
            if member.is_guest
            else _m("This person is already a member of this company.")
        )
        raise Conflict(code="already_member", field_errors={"email": [said]})
    return member


def change_member(
    *,
    member_id: UUID,
    role: str,
    approver: bool,
    lines: Sequence[str],
    actor: Actor,
    now: datetime,
    expected: MemberState | None = None,
    sure: bool = False,
) -> Member:
    """`expected` is what the writer saw: MemberChanged when it is not so any more. Giving up one's
    own administration needs `sure`."""
    require_people(actor)
    _check_member(role, approver, lines)
    member = queries.get_member_for_change(member_id=member_id)
    if expected is not None and expected != state_of(member):
        raise MemberChanged(state_of(member))
    if member.role == "client_admin" and role != "client_admin":
        _keep_an_administrator(member_id)
        if member.user_id == actor.user_id and not sure:
            raise Invalid(field_errors={"sure": [_m("Please confirm that you want this.")]})
    before = state_of(member)
    member.role = role
    member.approver = approver
    member.lines = sorted(set(lines))
    db.session.flush()
    _audit_member("changed", member, actor, now, before=before)
    return member


def remove_member(*, member_id: UUID, actor: Actor, now: datetime) -> None:
    require_people(actor)
    member = queries.get_member_for_change(member_id=member_id)
    if member.role == "client_admin":
        _keep_an_administrator(member_id)
    member.removed_at = now
    db.session.flush()
    end_invitations(user_id=member.user_id)
    _audit_member("removed", member, actor, now)


def _check_member(role: str, approver: bool, lines: Sequence[str]) -> None:
    one_of("role", role, PEOPLE_ROLES)
    for line in lines:
        one_of("lines", line, SERVICE_LINES)
    if approver and not lines:
        raise Invalid(
            field_errors={"lines": [_m("Choose the lines in which this person approves.")]}
        )


def _keep_an_administrator(member_id: UUID) -> None:
    if not queries.count_other_administrators(member_id=member_id):
        raise Conflict(
            _m("This is the last administrator. Name another one first."), code="last_administrator"
        )


def _audit_member(
    verb: str, member: Member, actor: Actor, now: datetime, before: MemberState | None = None
) -> None:
    facts = {"before": asdict(before)} if before else {}
    audit.record(
        f"tenants.member.{verb}", actor=actor, now=now, object_type="member", object_id=member.id,
        role=member.role, approver=member.approver, lines=member.lines, **facts,
    )  # fmt: skip
