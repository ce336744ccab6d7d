"""Who stands in for what, and when a supervisor has to look: pure rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from app.calendars.business_time import BusinessCalendar
from app.service_requests.assignment.rules import Candidate, Rule, choose

# Who writes is left alone for so long after each change, though the absence has begun.
WRITING = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an item of a note stands. `able`: its substitute may work on the line still."""

    state: str
    due_at: datetime
    answer_by: datetime | None = None
    able: bool = True


def propose(
    rules: Sequence[Rule], candidates: Sequence[Candidate], *, absent: UUID
) -> Candidate | None:
    """Whom the rules name, else whoever of those who can has the fewest open requests; `candidates`
    are marked as away when they are at some time of the absence."""
    others = [one for one in candidates if one.user_id != absent]
    named = choose(rules, others).who
    if named is not None:
        return named
    first = sorted(rules, key=lambda one: one.item == "")[:1]
    skill = first[0].skill if first else ""
    return choose([Rule(skill=skill, by_load=True)], others).who


def waits_for_return(due_at: datetime, ends_at: datetime) -> bool:
    return due_at >= ends_at


def answer_by(now: datetime, office: BusinessCalendar) -> datetime:
    """The end of the next business day of our own office."""
    day: date = office.add_business_days(office.local_day(now), 1) + timedelta(days=1)
    return office.midnight(day)


def needs_supervisor(
    item: Standing, *, starts_at: datetime, ends_at: datetime, now: datetime
) -> str:
    """Why, or nothing: 'declined', 'no_access', 'late', 'urgent' or 'nobody'."""
    if item.state == "declined":
        return "declined"
    if item.state == "kept":
        return "" if waits_for_return(item.due_at, ends_at) else "nobody"
    if item.state != "sent" or item.answer_by is None:
        return ""
    if not item.able:
        return "no_access"
    if now >= item.answer_by:
        return "late"
    # Nobody works on it, and it would be missed before the answer has to be there.
    return "urgent" if now >= starts_at and item.due_at < item.answer_by else ""
