"""A company's people come in by invitation."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tenants import queries
from tenants.core.errors import Conflict
from tenants.core.text import _m
from tenants.models import Member
from tenants.permissions import Actor
from tenants.services.invitations import WriteMail, invite
from tenants.services.members import add_member


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
    member = add_member(
        email=email, display_name=display_name, role=role, approver=approver, lines=lines,
        language=language, actor=actor, now=now,
    )  # fmt: skip
    invite(
        email=email, display_name=display_name, language=language, write=write, base_url=base_url,
        actor=actor, now=now,
    )  # fmt: skip
    return member


def invite_again(
    *, member_id: UUID, write: WriteMail, base_url: str, actor: Actor, now: datetime
) -> Member:
    """A new link; the earlier ones stay good until one of them is used."""
    member = queries.get_member(member_id=member_id)
    facts = queries.list_member_facts(user_ids=[member.user_id]).get(member.user_id)
    if facts is None or facts.can_sign_in:
        raise Conflict(
            _m("This person has a password already and needs no invitation."), code="not_invited"
        )
    invite(
        email=member.email, display_name=member.display_name,
        language=queries.get_tenant().language, write=write, base_url=base_url, actor=actor,
        now=now,
    )  # fmt: skip
    return member
