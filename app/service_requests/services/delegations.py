"""Approvers name colleagues who decide for them while they are away."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from app.service_requests.approvals.models import Delegation
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Forbidden, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.models import Member
from tenants.permissions import Actor
from tenants.queries import find_member_of_user, find_staff

LONGEST = timedelta(days=184)
FARTHEST = timedelta(days=5 * 365)


class DelegationOver(Conflict):
    code = "delegation_over"
    message = _m("This delegation is over already.")


def delegate(
    *,
    actor: Actor,
    now: datetime,
    delegate_id: UUID,
    lines: Sequence[str],
    starts_on: date,
    ends_on: date,
    time_zone: str,
) -> Delegation:
    """Whole days of the company's zone. Invalid at the field that is wrong."""
    # Not the rights that somebody lent: no chain.
    if actor.side != "client" or actor.user_id is None or not actor.can("request.approve"):
        raise Forbidden
    _check_dates(now, starts_on, ends_on, time_zone)
    member = _colleague(actor, delegate_id)
    wanted = sorted(set(lines))
    _check_lines(actor, member, wanted)
    row = Delegation(
        id=uuid7(), principal_id=actor.user_id, principal_name=actor.name,
        delegate_id=member.user_id, delegate_name=member.display_name, lines=wanted,
        starts_at=_midnight(starts_on, time_zone),
        ends_at=_midnight(ends_on + timedelta(days=1), time_zone), created_at=now,
    )  # fmt: skip
    db.session.add(row)
    audit.record(
        "service_requests.approval.delegated", actor=actor, now=now, object_type="delegation",
        object_id=row.id, delegate=member.user_id, lines=wanted, starts_on=starts_on,
        ends_on=ends_on,
    )  # fmt: skip
    db.session.flush()
    return row


def end_delegation(*, delegation: Delegation, actor: Actor, now: datetime) -> None:
    """By who gave it, or the company's administrator."""
    if actor.user_id != delegation.principal_id:
        actor.require("people.manage")
    if delegation.is_over(now):
        raise DelegationOver
    delegation.ended_at, delegation.ended_by_name = now, actor.name
    audit.record(
        "service_requests.approval.delegation_ended", actor=actor, now=now,
        object_type="delegation", object_id=delegation.id, delegate=delegation.delegate_id,
    )  # fmt: skip
    db.session.flush()


def _midnight(day: date, time_zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(time_zone)).astimezone(UTC)


def _check_dates(now: datetime, starts_on: date, ends_on: date, time_zone: str) -> None:
    today = now.astimezone(ZoneInfo(time_zone)).date()
    if ends_on < starts_on:
        raise Invalid(field_errors={"ends_on": [_m("The last day is before the first one.")]})
    if ends_on < today:
        raise Invalid(field_errors={"ends_on": [_m("This day is over: choose a later one.")]})
    if starts_on - today > FARTHEST:
        raise Invalid(field_errors={"starts_on": [_m("Choose a day in the next five years.")]})
    if ends_on - starts_on > LONGEST:
        raise Invalid(field_errors={"ends_on": [
            _m("Half a year at most. For longer, an administrator can make your colleague an approver.")
        ]})  # fmt: skip


def _colleague(actor: Actor, user_id: UUID) -> Member:
    member = find_member_of_user(user_id=user_id)
    if member is None or not member.is_colleague or user_id == actor.user_id:
        raise Invalid(field_errors={"delegate_id": [_m("Choose a colleague of your company.")]})
    if find_staff(user_id=user_id) is not None:
        raise Invalid(field_errors={"delegate_id": [
            _m("The provider's people never approve for you. Choose a colleague of your company.")
        ]})  # fmt: skip
    return member


def _check_lines(actor: Actor, member: Member, wanted: Sequence[str]) -> None:
    if not wanted:
        raise Invalid(field_errors={"lines": [_m("Choose at least one service line.")]})
    if any(not actor.can("request.approve", line) for line in wanted):
        raise Invalid(field_errors={"lines": [_m("Only lines on which you approve yourself.")]})
    if any(line not in member.lines for line in wanted):
        raise Invalid(field_errors={"lines": [
            _m("Your colleague doesn't take part in all of these lines. An administrator can change that under People.")
        ]})  # fmt: skip
    if member.approver:
        raise Invalid(field_errors={"delegate_id": [
            _m("This colleague is an approver already and decides in their own name.")
        ]})  # fmt: skip
