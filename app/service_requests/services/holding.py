"""When work can't go on yet: it is planned, or waits for others or for ourselves."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.calendars.business_time import BusinessCalendar
from app.contracts.queries import get_terms
from app.service_requests.models import ServiceRequest
from app.service_requests.services.conversation import add_note
from app.service_requests.services.moves import check_move, check_version, log_move, move
from app.service_requests.sla import ledger
from tenants.core.db import db
from tenants.core.errors import Invalid
from tenants.core.text import _m
from tenants.permissions import Actor
from tenants.scoping import current_scope

R = ServiceRequest
FARTHEST = timedelta(days=5 * 365)


def plan(
    *, request: ServiceRequest, actor: Actor, now: datetime, planned_for: date,
    due_on: date | None = None, expected_version: int | None = None,
) -> None:  # fmt: skip
    """Accept it for a day to come; while it is planned, for another day. `due_on` is the day agreed
    with the client, by whose closing it is due instead of by the contract's target."""
    check_version(request, expected_version)
    again = request.state == "planned" and actor.side == "provider"
    if again:
        actor.require("request.work", request.line)
    else:
        check_move(request, "plan", actor=actor)
    calendar = get_terms(on=now).calendar
    _check_days(calendar, now, planned_for, due_on)
    if again:
        log_move(request, "plan", actor=actor, now=now, source="planned", target="planned",
                 reason=planned_for.isoformat())  # fmt: skip
    else:
        move(request, "plan", actor=actor, now=now, reason=planned_for.isoformat())
    request.planned_for = planned_for
    if request.assignee_id is None:
        request.assignee_id, request.assignee_name = actor.user_id, actor.name
    if due_on is not None:
        ledger.agree(request, due=calendar.closing(due_on), actor=actor, now=now)
    db.session.flush()


def _check_days(
    calendar: BusinessCalendar, now: datetime, planned_for: date, due_on: date | None
) -> None:
    today = calendar.local_day(now)
    days = {"planned_for": planned_for, "due_on": due_on}
    far = [name for name, day in days.items() if day is not None and day - today > FARTHEST]
    if far:
        problem = _m("Choose a day in the next five years.")
        raise Invalid(field_errors={name: [problem] for name in far})
    if planned_for <= today:
        raise Invalid(field_errors={"planned_for": [_m("Choose a day after today.")]})
    if due_on is not None and (due_on < planned_for or not calendar.is_business_day(due_on)):
        problem = _m("Choose a working day of the client, not before the work begins.")
        raise Invalid(field_errors={"due_on": [problem]})


def fall_due(*, actor: Actor, now: datetime, zone: str) -> int:
    """Planned requests of the client in scope whose day has come, or came while nobody looked."""
    today = now.astimezone(ZoneInfo(zone)).date()
    due = db.session.execute(
        select(R)
        .where(
            R.tenant_id == current_scope().tenant_id,
            R.state == "planned",
            R.planned_for <= today,
        )
        .order_by(R.id)
        .with_for_update()
    ).scalars()
    count = 0
    for request in due:
        move(request, "fall_due", actor=actor, now=now)
        count += 1
    db.session.flush()
    return count


def wait_for_others(
    *, request: ServiceRequest, actor: Actor, now: datetime, waiting_for: str, reason: str,
    expected_version: int | None = None,
) -> None:  # fmt: skip
    """A bank, an authority, a supplier; the client reads whom and why."""
    check_version(request, expected_version)
    check_move(request, "wait", actor=actor)
    _require(waiting_for=waiting_for, reason=reason)
    move(request, "wait", actor=actor, now=now, reason=reason)
    request.waiting_for = waiting_for
    db.session.flush()


def hold(
    *, request: ServiceRequest, actor: Actor, now: datetime, reason: str,
    expected_version: int | None = None,
) -> None:  # fmt: skip
    """For a reason of our own, which stays an internal note: to the client it is work."""
    check_version(request, expected_version)
    check_move(request, "hold", actor=actor)
    _require(reason=reason)
    move(request, "hold", actor=actor, now=now)
    add_note(request=request, actor=actor, now=now, body=reason)
    db.session.flush()


def resume(
    *, request: ServiceRequest, actor: Actor, now: datetime, expected_version: int | None = None
) -> None:
    check_version(request, expected_version)
    move(request, "resume", actor=actor, now=now)
    db.session.flush()


def _require(**texts: str) -> None:
    missing = {name: [_m("Please fill in this field.")] for name, one in texts.items() if not one}
    if missing:
        raise Invalid(field_errors=missing)
