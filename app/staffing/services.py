"""Absences and skills of our people, in the provider's own scope."""

from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from app.staffing import queries
from app.staffing.models import Absence, StaffSkill
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Forbidden, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor
from tenants.queries import get_tenant

NOON = time(13)
LONGEST = timedelta(days=400)
MOST_SKILLS, LONGEST_SKILL = 20, 40


class OverlappingAbsence(Conflict):
    code = "overlapping_absence"
    message = _m("There is an absence already from %(first)s to %(last)s. Cancel it first.")


def enter_absence(
    *, user_id: UUID, kind: str, first: date, from_noon: bool, last: date | None, until_noon: bool,
    actor: Actor, now: datetime,
) -> Absence:  # fmt: skip
    """One's own, or anybody's by a supervisor; of one day without a last."""
    require_of(actor, user_id)
    last = last or first
    zone = ZoneInfo(get_tenant().time_zone)
    starts_at = datetime.combine(first, NOON if from_noon else time(), zone)
    ends_at = (
        datetime.combine(last, NOON, zone) if until_noon
        else datetime.combine(last + timedelta(days=1), time(), zone)
    )  # fmt: skip
    _check_span(starts_at, ends_at, now)
    # Two at once wait for each other here.
    queries.get_member_of_team(user_id=user_id, lock=True)
    other = queries.find_overlapping(user_id=user_id, starts_at=starts_at, ends_at=ends_at)
    if other is not None:
        raise OverlappingAbsence(first=other.first.isoformat(), last=other.last.isoformat())
    row = Absence(
        id=uuid7(), user_id=user_id, kind=kind, first=first, from_noon=from_noon, last=last,
        until_noon=until_noon, starts_at=starts_at, ends_at=ends_at, made_at=now,
        made_by_name=actor.name,
    )  # fmt: skip
    db.session.add(row)
    _record("absence.entered", user_id, actor=actor, now=now, absence=row.id)
    return row


def cancel_absence(*, absence: Absence, actor: Actor, now: datetime) -> None:
    """Again is nothing; what was given to others meanwhile stays with them."""
    require_of(actor, absence.user_id)
    db.session.refresh(absence, with_for_update=True)
    if absence.cancelled_at is None:
        absence.cancelled_at, absence.cancelled_by_name = now, actor.name
        _record("absence.cancelled", absence.user_id, actor=actor, now=now, absence=absence.id)


def set_skills(*, user_id: UUID, skills: list[str], actor: Actor, now: datetime) -> None:
    """A supervisor's to say; written small, each once."""
    actor.require("desk.supervise")
    wanted = {" ".join(one.lower().split()) for one in skills} - {""}
    if len(wanted) > MOST_SKILLS or any(len(one) > LONGEST_SKILL for one in wanted):
        raise Invalid(
            field_errors={"skills": [_m("At most 20 skills of 40 characters each.")]}
        )  # fmt: skip
    queries.get_member_of_team(user_id=user_id, lock=True)
    there = {row.skill: row for row in queries.list_skills(user_id=user_id)}
    for skill, row in there.items():
        if skill not in wanted:
            db.session.delete(row)
    for skill in sorted(wanted - set(there)):
        db.session.add(StaffSkill(id=uuid7(), user_id=user_id, skill=skill))
    if wanted != set(there):
        _record("skills.set", user_id, actor=actor, now=now, count=len(wanted))
    db.session.flush()


def require_of(actor: Actor, user_id: UUID) -> None:
    """Everybody keeps their own; a supervisor everybody's."""
    actor.require("desk.use")
    if user_id != actor.user_id and not actor.can("desk.supervise"):
        raise Forbidden


def _check_span(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    if ends_at <= starts_at:
        raise Invalid(field_errors={"last": [_m("The last day lies before the first.")]})
    if ends_at <= now:
        raise Invalid(field_errors={"last": [_m("This is over already. Choose a later day.")]})
    if ends_at - starts_at > LONGEST:
        raise Invalid(field_errors={"last": [_m("At most 400 days. Enter the rest later.")]})


def _record(name: str, user_id: UUID, *, actor: Actor, now: datetime, **facts: object) -> None:
    audit.record(
        f"staffing.{name}", actor=actor, now=now, object_type="staff", object_id=user_id, **facts
    )
    db.session.flush()
