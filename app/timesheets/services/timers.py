"""The one timer of a person. What it measured is booked by whoever knows the request."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select

from app.timesheets.models import Timer
from app.timesheets.queries import find_timer
from app.timesheets.rounding import elapsed, rounded
from tenants.core.db import db
from tenants.core.errors import Conflict
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor

# Nobody works that long without a pause: the timer was forgotten.
FORGOTTEN_SECONDS = 10 * 3600


class TimerForgotten(Conflict):
    code = "timer_forgotten"
    message = _m(
        "Your timer on request #%(number)s has run for more than 10 hours. "
        "Say there first how much of it was work."
    )


class NoTimer(Conflict):
    code = "no_timer"
    message = _m("Your timer doesn't run on this request any more.")


def seconds_of(timer: Timer, now: datetime) -> int:
    return elapsed(seconds=timer.seconds, running_since=timer.running_since, now=now)


def is_forgotten(timer: Timer, now: datetime) -> bool:
    return seconds_of(timer, now) > FORGOTTEN_SECONDS


def begin(*, actor: Actor, request_id: UUID, number: int, worked_on: date, now: datetime) -> Timer:
    actor.require("time.record")
    assert actor.user_id is not None
    assert actor.tenant_id is not None
    timer = Timer(
        user_id=actor.user_id, id=uuid7(), client_id=actor.tenant_id, request_id=request_id,
        number=number, worked_on=worked_on, seconds=0, running_since=now,
    )  # fmt: skip
    db.session.add(timer)
    db.session.flush()
    return timer


def get_own(*, actor: Actor, request_id: UUID) -> Timer:
    """The actor's timer on this request, held; NoTimer when it runs elsewhere or not at all."""
    actor.require("time.record")
    timer = find_timer(user_id=actor.user_id, for_update=True) if actor.user_id else None
    if timer is None or (timer.client_id, timer.request_id) != (actor.tenant_id, request_id):
        raise NoTimer
    return timer


def pause(timer: Timer, *, now: datetime) -> None:
    timer.seconds, timer.running_since = seconds_of(timer, now), None
    db.session.flush()


def go_on(timer: Timer, *, now: datetime) -> None:
    if timer.running_since is None:
        timer.running_since = now
    db.session.flush()


def discard(*, user_id: UUID) -> bool:
    """Nothing is booked; also when its client isn't open to the person any more."""
    timer = find_timer(user_id=user_id, for_update=True)
    if timer is not None:
        drop(timer)
    return timer is not None


def drop(timer: Timer) -> None:
    db.session.delete(timer)
    db.session.flush()


def hand_over(timer: Timer, *, actor: Actor, now: datetime) -> None:
    """A job of the timer's own client books it there: this transaction belongs to another."""
    actor.require("time.record")
    minutes = rounded(seconds_of(timer, now))
    db.session.execute(select(func.hand_over_timer(minutes, actor.request_id)))
    db.session.expunge(timer)
