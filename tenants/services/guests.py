"""External accountants and auditors: who looks at a client's lines, at what level, until when."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from tenants import audit, queries
from tenants.core.db import db
from tenants.core.errors import Invalid
from tenants.core.text import _m
from tenants.models import GUEST_LEVELS, SERVICE_LINES, Member
from tenants.permissions import GUEST, Actor
from tenants.services.checks import one_at_a_time, one_of, require_people
from tenants.services.invitations import end_invitations, ensure_user
from tenants.services.members import take_place

LONGEST_STAY = timedelta(days=366)


def add_guest(
    *,
    email: str,
    display_name: str,
    level: str,
    lines: Sequence[str],
    reason: str,
    until: date,
    actor: Actor,
    now: datetime,
    real_now: datetime,
    language: str | None = None,
) -> Member:
    """The actor's second factor has to be fresh by `real_now`, the machine's time. Somebody who was
    a member or a guest before comes back as one."""
    actor.require("people.manage")
    actor.require_second_factor(real_now)
    tenant = queries.get_tenant()
    expires_at = _checked(level, lines, reason, until, zone=tenant.time_zone, now=now)
    one_at_a_time("members")
    user_id = ensure_user(email, display_name, language or tenant.language)
    member = take_place(user_id=user_id, now=now)
    member.display_name = display_name
    member.email = email
    member.role = GUEST
    member.approver = False
    member.removed_at = None
    member.invited_by_name = actor.name
    member.invited_at = now
    _fill(member, level, lines, reason, expires_at)
    db.session.add(member)
    db.session.flush()
    _record("invited", member, actor, now)
    return member


def change_guest(
    *,
    member_id: UUID,
    level: str,
    lines: Sequence[str],
    reason: str,
    until: date,
    actor: Actor,
    now: datetime,
    real_now: datetime,
) -> Member:
    """Also renews one whose time is over. More than before needs the actor's fresh second factor;
    taking away doesn't."""
    actor.require("people.manage")
    member = queries.get_guest_for_change(member_id=member_id)
    zone = queries.get_tenant().time_zone
    expires_at = _checked(level, lines, reason, until, zone=zone, now=now)
    if _is_more(member, level, lines, expires_at):
        actor.require_second_factor(real_now)
    _fill(member, level, lines, reason, expires_at)
    db.session.flush()
    _record("changed", member, actor, now)
    return member


def end_guest(*, member_id: UUID, actor: Actor, now: datetime) -> Member:
    """At once, for good: what they may still hold is the caller's to end."""
    require_people(actor)
    return _end(queries.get_guest_for_change(member_id=member_id), "ended", actor, now)


def end_expired_guests(*, actor: Actor, now: datetime) -> Sequence[Member]:
    """Nothing was open to them any more; what is left is to say so."""
    actor.require("people.manage")
    return [
        _end(queries.get_guest_for_change(member_id=one.id), "expired", actor, now)
        for one in queries.list_guests()
        if one.removed_at is None and not one.is_here(now)
    ]


def _end(member: Member, verb: str, actor: Actor, now: datetime) -> Member:
    member.removed_at = now
    db.session.flush()
    end_invitations(user_id=member.user_id)
    _record(verb, member, actor, now)
    return member


def _checked(
    level: str, lines: Sequence[str], reason: str, until: date, *, zone: str, now: datetime
) -> datetime:
    """When the access ends: with the last moment of its last day."""
    one_of("level", level, GUEST_LEVELS)
    for line in lines:
        one_of("lines", line, SERVICE_LINES)
    if not lines:
        raise Invalid(field_errors={"lines": [_m("Choose at least one service line.")]})
    if not reason.strip():
        raise Invalid(field_errors={"reason": [_m("Say why this access is needed.")]})
    today = now.astimezone(ZoneInfo(zone)).date()
    if not today <= until <= today + LONGEST_STAY - timedelta(days=1):
        raise Invalid(field_errors={"until": [_m("Choose a day within the next 12 months.")]})
    return datetime.combine(until + timedelta(days=1), time(), ZoneInfo(zone))


def _is_more(member: Member, level: str, lines: Sequence[str], expires_at: datetime) -> bool:
    assert member.expires_at is not None
    higher = GUEST_LEVELS.index(level) > GUEST_LEVELS.index(member.guest_level or "read")
    return higher or not set(lines) <= set(member.lines) or expires_at > member.expires_at


def _fill(
    member: Member, level: str, lines: Sequence[str], reason: str, expires_at: datetime
) -> None:
    member.guest_level = level
    member.lines = sorted(set(lines))
    member.guest_reason = reason.strip()
    member.expires_at = expires_at


def _record(verb: str, member: Member, actor: Actor, now: datetime) -> None:
    assert member.expires_at is not None
    audit.record(
        f"tenants.guest.{verb}", actor=actor, now=now, object_type="member", object_id=member.id,
        level=member.guest_level, lines=member.lines, expires_at=member.expires_at.isoformat(),
    )  # fmt: skip
