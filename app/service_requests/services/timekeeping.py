"""Time on a request: written by hand or by a timer, corrected by rows that reverse, billed."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.service_requests.billed import bill_minutes, recorded_minutes
from app.service_requests.checking.queries import has_open_findings
from app.service_requests.checking.rework import category_now, is_billed
from app.service_requests.models import ServiceRequest
from app.service_requests.queries import find_request_by_id
from app.service_requests.scope import IN_SCOPE
from app.service_requests.services.moves import RequestMoveRefused
from app.service_requests.transitions import STATES
from app.timesheets.models import TimeComment, TimeEntry, Timer
from app.timesheets.queries import find_timer, is_reversed
from app.timesheets.rounding import MINUTES_OF_A_DAY, rounded
from app.timesheets.services import timers
from app.timesheets.services.months import require_open, settled_before
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Forbidden, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor


class EntryChanged(Conflict):
    code = "entry_changed"
    message = _m("This entry was corrected before. Look at the one that stands for it now.")


class RecordedAlready(Conflict):
    code = "recorded_already"
    message = _m(
        "This form was recorded before, with other words or figures. Look at its entry, and open "
        "the request anew to record more time."
    )


class NotYourEntry(Forbidden):
    code = "not_your_entry"
    message = _m("Only the person who recorded this time, or a reviewer of the line, corrects it.")


class TimeBelow(Conflict):
    code = "time_below"
    message = _m("The correction is larger than the time recorded.")


def record_time(
    *,
    request: ServiceRequest,
    actor: Actor,
    now: datetime,
    minutes: int,
    worked_on: date,
    activity: str,
    billable: bool | None = None,
    category: str | None = None,
    comment: str = "",
    entry_id: UUID | None = None,
) -> TimeEntry:
    """Without a category it is what the request's state says, and billed unless it is rework.
    `minutes` may be negative to correct an earlier entry; neither what is billed nor the rest
    goes below zero. Delivery bills what stands there then; what comes later is billed at once.
    With an `entry_id` it is recorded once, however often it is sent."""
    actor.require("time.record", request.line)
    _hold(request)
    facts = {"user_id": actor.user_id, "minutes": minutes, "worked_on": worked_on,
             "activity": activity, "request_id": request.id}  # fmt: skip
    before = _recorded(request, entry_id, facts)
    if before is not None:
        return before
    if not request.is_open:
        raise RequestMoveRefused(state=STATES[request.state])
    require_open(worked_on, now=now)
    entry = _write(
        request, actor=actor, now=now, minutes=minutes, worked_on=worked_on, activity=activity,
        billable=billable, category=category, id=entry_id or uuid7(),
    )  # fmt: skip
    _comment(entry, comment)
    _settle(request, actor=actor, now=now)
    return entry


def correct_entry(
    *,
    request: ServiceRequest,
    entry: TimeEntry,
    actor: Actor,
    now: datetime,
    minutes: int,
    worked_on: date,
    activity: str,
    billable: bool,
    category: str = "work",
    comment: str = "",
) -> TimeEntry:
    """The entry is reversed and another stands for it. In a settled month the pair is dated on the
    first open day; the original stays where it is."""
    if minutes <= 0:
        raise TimeBelow(field_errors={"minutes": [_m("To take it all back, delete the entry.")]})
    open_from = _may_correct(request, entry, actor)
    if worked_on == entry.worked_on:
        worked_on = max(worked_on, open_from)
    require_open(worked_on, now=now)
    _reverse(request, entry, actor=actor, now=now, open_from=open_from)
    stands = _write(
        request, actor=actor, now=now, minutes=minutes, worked_on=worked_on, activity=activity,
        billable=billable, category=category, replaces_id=entry.id, user_id=entry.user_id,
        user_name=entry.user_name, source=entry.source,
    )  # fmt: skip
    _comment(stands, comment)
    _log("corrected", request, entry, actor, now, after=_facts(stands), replaced_by=stands.id)
    _settle(request, actor=actor, now=now)
    return stands


def delete_entry(
    *, request: ServiceRequest, entry: TimeEntry, actor: Actor, now: datetime
) -> TimeEntry:
    open_from = _may_correct(request, entry, actor)
    row = _reverse(request, entry, actor=actor, now=now, open_from=open_from)
    _log("deleted", request, entry, actor, now)
    _settle(request, actor=actor, now=now)
    return row


def start_timer(*, request: ServiceRequest, actor: Actor, now: datetime, today: date) -> Timer:
    """One a person: the timer that ran elsewhere stops, and what it measured is booked there."""
    actor.require("time.record", request.line)
    if not request.is_open:
        raise RequestMoveRefused(state=STATES[request.state])
    assert actor.user_id is not None
    held = find_timer(user_id=actor.user_id, for_update=True)
    if held is not None:
        if held.request_id == request.id:
            timers.go_on(held, now=now)
            return held
        if timers.is_forgotten(held, now):
            raise timers.TimerForgotten(number=held.number)
        _stop_elsewhere(held, actor=actor, now=now)
    return timers.begin(
        actor=actor, request_id=request.id, number=request.number, worked_on=today, now=now
    )


def pause_timer(*, request: ServiceRequest, actor: Actor, now: datetime) -> None:
    actor.require("time.record", request.line)
    timers.pause(timers.get_own(actor=actor, request_id=request.id), now=now)


def stop_timer(
    *,
    request: ServiceRequest,
    actor: Actor,
    now: datetime,
    minutes: int | None = None,
    activity: str = "",
    billable: bool | None = None,
    category: str | None = None,
) -> TimeEntry | None:
    """Books what it measured, or the `minutes` that the person says; none are written for 0. A
    forgotten timer books nothing without their word; a minus sign is refused while it still runs."""
    actor.require("time.record", request.line)
    timer = timers.get_own(actor=actor, request_id=request.id)
    if minutes is None:
        if timers.is_forgotten(timer, now):
            message = _m("It has run for more than 10 hours: say how much of it was work.")
            raise timers.TimerForgotten(message, field_errors={"minutes": [message]})
        minutes = rounded(timers.seconds_of(timer, now))
    if minutes < 0:
        raise Invalid(field_errors={"minutes": [_m("To take time back, correct its entry.")]})
    timers.drop(timer)
    if not minutes:
        return None
    return _book(
        request, actor=actor, now=now, minutes=minutes, worked_on=timer.worked_on, id=timer.id,
        activity=activity, billable=billable, category=category,
    )  # fmt: skip


def book_timer(
    *, request: ServiceRequest, actor: Actor, now: datetime, timer_id: UUID, minutes: int,
    worked_on: date,
) -> None:  # fmt: skip
    """A timer that its person ended from another client's page. Once, however often it is tried."""
    if actor.side != "system":
        raise Forbidden
    if db.session.get(TimeEntry, (request.tenant_id, timer_id)) is None:
        _book(request, actor=actor, now=now, minutes=minutes, worked_on=worked_on, id=timer_id)


def _recorded(
    request: ServiceRequest, entry_id: UUID | None, facts: dict[str, Any]
) -> TimeEntry | None:
    """By the same form, sent before."""
    entry = db.session.get(TimeEntry, (request.tenant_id, entry_id)) if entry_id else None
    if entry is not None and any(getattr(entry, name) != facts[name] for name in facts):
        raise RecordedAlready
    return entry


def _hold(request: ServiceRequest) -> None:
    # One after the other, and none between a delivery's sum and its commit.
    db.session.refresh(request, with_for_update={"key_share": True})


def _book(
    request: ServiceRequest, *, actor: Actor, now: datetime, minutes: int, worked_on: date,
    **more: Any,
) -> TimeEntry:  # fmt: skip
    """Worked while it was open, so it counts even if the request ended meanwhile."""
    _hold(request)
    entry = _write(
        request, actor=actor, now=now, minutes=min(minutes, MINUTES_OF_A_DAY),
        worked_on=max(worked_on, settled_before()), source="timer", **more,
    )  # fmt: skip
    _settle(request, actor=actor, now=now)
    return entry


def _write(
    request: ServiceRequest, *, actor: Actor, now: datetime, minutes: int, activity: str = "",
    **columns: Any,
) -> TimeEntry:  # fmt: skip
    columns["category"] = columns.get("category") or category_now(
        request, findings_open=has_open_findings(request_id=request.id)
    )
    if columns.get("billable") is None:
        columns["billable"] = is_billed(columns["category"])
    # Nothing is billed before a price is agreed, and the agreed price covers the work.
    if request.scope != IN_SCOPE and columns.get("reverses_id") is None:
        columns["billable"] = False
    row = TimeEntry(
        **{"id": uuid7(), "user_id": actor.user_id, "user_name": actor.name} | columns,
        request_id=request.id, minutes=minutes, activity=activity, at=now,
    )  # fmt: skip
    db.session.add(row)
    audit.record(
        "timesheets.entry.recorded", actor=actor, now=now,
        object_type="request", object_id=request.id, entry=row.id, minutes=minutes,
    )  # fmt: skip
    db.session.flush()
    return row


def _reverse(
    request: ServiceRequest, entry: TimeEntry, *, actor: Actor, now: datetime, open_from: date
) -> TimeEntry:
    return _write(
        request, actor=actor, now=now, minutes=-entry.minutes, activity=entry.activity,
        worked_on=max(entry.worked_on, open_from), billable=entry.billable,
        category=entry.category, source=entry.source, reverses_id=entry.id,
        user_id=entry.user_id, user_name=entry.user_name,
    )  # fmt: skip


def _may_correct(request: ServiceRequest, entry: TimeEntry, actor: Actor) -> date:
    """The first open day. One's own, or by a reviewer; each entry once."""
    actor.require("time.record", request.line)
    own = entry.user_id == actor.user_id and actor.user_id is not None
    if not own and not actor.can("request.review", request.line):
        raise NotYourEntry
    _hold(request)
    if entry.reverses_id is not None or is_reversed(entry=entry):
        raise EntryChanged
    return settled_before()


def _settle(request: ServiceRequest, *, actor: Actor, now: datetime) -> None:
    """Neither kind of time may be less than nothing; what is delivered is billed, of a merged
    request with the one that goes on."""
    if request.merged_into is not None:
        request = find_request_by_id(request_id=request.merged_into) or request
        _hold(request)
    for billable in (True, False):
        if recorded_minutes(request, billable=billable) < 0:
            raise TimeBelow(field_errors={"minutes": [TimeBelow.message]})
    if request.delivered_at is not None or request.state == "cancelled":
        bill_minutes(request, actor=actor, now=now)


def _comment(entry: TimeEntry, comment: str) -> None:
    if comment:
        db.session.add(TimeComment(entry_id=entry.id, body=comment))
        db.session.flush()


def _stop_elsewhere(timer: Timer, *, actor: Actor, now: datetime) -> None:
    other = None
    if timer.client_id == actor.tenant_id:
        other = find_request_by_id(request_id=timer.request_id)
    if other is None:
        timers.hand_over(timer, actor=actor, now=now)
        return
    minutes = rounded(timers.seconds_of(timer, now))
    timers.drop(timer)
    _book(other, actor=actor, now=now, minutes=minutes, worked_on=timer.worked_on, id=timer.id)


def _facts(entry: TimeEntry) -> dict[str, Any]:
    return {
        "minutes": entry.minutes, "worked_on": entry.worked_on, "billable": entry.billable,
        "category": entry.category,
    }  # fmt: skip


def _log(
    verb: str, request: ServiceRequest, entry: TimeEntry, actor: Actor, now: datetime, **more: Any
) -> None:
    audit.record(
        f"timesheets.entry.{verb}", actor=actor, now=now, object_type="request",
        object_id=request.id, entry=entry.id, before=_facts(entry), **more,
    )  # fmt: skip
