"""What a company's administrator does with external accountants and auditors, and who hears of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from app.auth.lost_factor import reset_by_administrator
from app.auth.services import verify_second_factor
from app.catalogue.lines import LINES
from app.notifications.audiences import administrators
from app.notifications.services import SEVERAL, tell
from app.tokens.services import end_tokens_of
from tenants import queries
from tenants.core.errors import Conflict, Forbidden
from tenants.core.text import _m
from tenants.models import Member
from tenants.permissions import Actor
from tenants.services import guests
from tenants.services.invitations import WriteMail, invite

WARNED_BEFORE = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Terms:
    """Of which lines a guest sees what, why and until which day."""

    level: str
    lines: Sequence[str]
    reason: str
    until: date


def invite_guest(
    *,
    email: str,
    display_name: str,
    language: str,
    terms: Terms,
    code: str,
    write: WriteMail,
    base_url: str,
    actor: Actor,
    now: datetime,
    real_now: datetime,
) -> Member:
    """`code` is the actor's own, for this one act."""
    actor.require("people.manage")
    member = guests.add_guest(
        email=email, display_name=display_name, language=language, level=terms.level,
        lines=terms.lines, reason=terms.reason, until=terms.until,
        actor=_confirmed(actor, code, real_now), now=now, real_now=real_now,
    )  # fmt: skip
    # Programs that somebody set up here in another role don't look on for them.
    end_tokens_of(user_id=member.user_id, actor=actor, now=now)
    invite(
        email=email, display_name=display_name, language=language, write=write, base_url=base_url,
        actor=actor, now=now, user_id=member.user_id,
    )  # fmt: skip
    tell(
        "guest.invited", audience=administrators(), link=f"people/guests/{member.id}",
        key=f"{member.id}:{now.isoformat()}", actor=actor, person=member.display_name,
        line=SEVERAL.join(LINES[line] for line in member.lines), until=member.expires_at,
    )  # fmt: skip
    return member


def change_guest(
    *, member_id: UUID, terms: Terms, code: str, actor: Actor, now: datetime, real_now: datetime
) -> Member:
    """`code` may be left out where nothing is given."""
    actor.require("people.manage")
    if code:
        actor = _confirmed(actor, code, real_now)
    return guests.change_guest(
        member_id=member_id, level=terms.level, lines=terms.lines, reason=terms.reason,
        until=terms.until, actor=actor, now=now, real_now=real_now,
    )  # fmt: skip


def invite_guest_again(
    *, member_id: UUID, write: WriteMail, base_url: str, actor: Actor, now: datetime
) -> Member:
    actor.require("people.manage")
    member = queries.get_guest(member_id=member_id)
    facts = queries.list_member_facts(user_ids=[member.user_id]).get(member.user_id)
    if not member.is_here(now) or facts is None or facts.can_sign_in:
        raise Conflict(_m("This guest needs no invitation any more."), code="not_invited")
    invite(
        email=member.email, display_name=member.display_name,
        language=queries.get_tenant().language, write=write, base_url=base_url, actor=actor,
        now=now, user_id=member.user_id,
    )  # fmt: skip
    return member


def end_guest(*, member_id: UUID, actor: Actor, now: datetime) -> None:
    """Twice is once."""
    actor.require("people.manage")
    if queries.get_guest(member_id=member_id).removed_at is not None:
        return
    member = guests.end_guest(member_id=member_id, actor=actor, now=now)
    end_tokens_of(user_id=member.user_id, actor=actor, now=now)


def reset_guest_factor(
    *, member_id: UUID, code: str, actor: Actor, now: datetime, real_now: datetime
) -> None:
    actor.require("people.manage")
    member = queries.get_guest(member_id=member_id)
    reset_by_administrator(
        user_id=member.user_id, code=code, actor=actor, now=now, real_now=real_now
    )


def tend_guests(*, actor: Actor, now: datetime) -> tuple[int, int]:
    """Says goodbye to those whose time is over, and of the others that it soon is, once for each
    last day; how many of both."""
    actor.require("people.manage")
    ended = guests.end_expired_guests(actor=actor, now=now)
    for member in ended:
        end_tokens_of(user_id=member.user_id, actor=actor, now=now)
        _tell("guest.ended", member, actor)
    leaving = [
        one
        for one in queries.list_members(with_guests=True)
        if one.expires_at is not None and one.expires_at - WARNED_BEFORE <= now
    ]
    for member in leaving:
        _tell("guest.ends_soon", member, actor)
    return len(ended), len(leaving)


def _tell(event: str, member: Member, actor: Actor) -> None:
    assert member.expires_at is not None
    tell(
        event, audience=administrators(), link=f"people/guests/{member.id}",
        key=f"{member.id}:{member.expires_at.isoformat()}", actor=actor,
        person=member.display_name, until=member.expires_at,
    )  # fmt: skip


def _confirmed(actor: Actor, code: str, real_now: datetime) -> Actor:
    if actor.user_id is None:
        raise Forbidden
    verify_second_factor(user_id=actor.user_id, code=code, now=real_now)
    return replace(actor, second_factor_at=real_now)
