"""What a company's administrator does with its people, and who hears of it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from app.auth.lost_factor import reset_by_administrator
from app.catalogue.lines import LINES
from app.notifications.audiences import account, administrators
from app.notifications.services import tell
from app.tokens.services import end_tokens_of, end_tokens_without_access
from billing.limits.services import require_seat
from tenants import queries
from tenants.core.errors import Conflict
from tenants.core.text import _m
from tenants.models import Member
from tenants.permissions import Actor
from tenants.services.checks import require_people
from tenants.services.grants import end_grant
from tenants.services.invitations import WriteMail, invite
from tenants.services.members import MemberState, add_member, change_member, remove_member


def invite_member(
    *,
    email: str,
    display_name: str,
    language: str,
    role: str,
    approver: bool,
    lines: Sequence[str],
    write: WriteMail,
    base_url: str,
    actor: Actor,
    now: datetime,
) -> Member:
    require_people(actor)
    require_seat(now=now)
    member = add_member(
        email=email, display_name=display_name, role=role, approver=approver, lines=lines,
        language=language, actor=actor, now=now,
    )  # fmt: skip
    _tell_of_administrator(member, actor, now)
    invite(
        email=email, display_name=display_name, language=language, write=write, base_url=base_url,
        actor=actor, now=now, user_id=member.user_id,
    )  # fmt: skip
    return member


def invite_again(
    *, member_id: UUID, write: WriteMail, base_url: str, actor: Actor, now: datetime
) -> Member:
    """A new link; the earlier ones stay good until one of them is used."""
    require_people(actor)
    member = queries.get_member(member_id=member_id)
    facts = queries.list_member_facts(user_ids=[member.user_id]).get(member.user_id)
    if facts is None or facts.can_sign_in:
        raise Conflict(
            _m("This person has a password already and needs no invitation."), code="not_invited"
        )
    invite(
        email=member.email, display_name=member.display_name,
        language=queries.get_tenant().language, write=write, base_url=base_url, actor=actor,
        now=now, user_id=member.user_id,
    )  # fmt: skip
    return member


def change_rights(
    *,
    member_id: UUID,
    role: str,
    approver: bool,
    lines: Sequence[str],
    expected: MemberState,
    sure: bool,
    actor: Actor,
    now: datetime,
) -> Member:
    member = change_member(
        member_id=member_id, role=role, approver=approver, lines=lines, expected=expected,
        sure=sure, actor=actor, now=now,
    )  # fmt: skip
    if expected.role != "client_admin":
        _tell_of_administrator(member, actor, now)
    return member


def end_access(*, grant_id: UUID, actor: Actor, now: datetime) -> None:
    require_people(actor)
    grant = queries.get_grant(grant_id=grant_id)
    if not end_grant(grant_id=grant_id, actor=actor, now=now):
        return
    end_tokens_without_access(user_id=grant.user_id, actor=actor, now=now)
    tell(
        "grant.ended", audience=account(grant.user_id), link="/", key=str(grant.id), actor=actor,
        line=LINES[grant.line],
    )  # fmt: skip


def reset_factor(
    *, member_id: UUID, code: str, actor: Actor, now: datetime, real_now: datetime
) -> None:
    require_people(actor)
    member = queries.get_member(member_id=member_id)
    reset_by_administrator(
        user_id=member.user_id, code=code, actor=actor, now=now, real_now=real_now
    )


def _tell_of_administrator(member: Member, actor: Actor, now: datetime) -> None:
    if member.role == "client_admin":
        tell(
            "company.new_administrator", audience=administrators(), link="people",
            key=f"{member.id}:{now.isoformat()}", actor=actor, person=member.display_name,
        )  # fmt: skip


def remove_person(*, member: Member, actor: Actor, now: datetime) -> None:
    """Their tokens end for good: whoever comes back makes new ones."""
    remove_member(member_id=member.id, actor=actor, now=now)
    end_tokens_of(user_id=member.user_id, actor=actor, now=now)
