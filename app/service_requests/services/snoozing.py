"""Putting a request off until a time: it leaves the queue and comes back by itself, at once when
the client does something. The client sees nothing of it."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from app.service_requests.models import ServiceRequest
from app.service_requests.services.moves import RequestMoveRefused, check_version, touch
from app.service_requests.transitions import STATES
from tenants import audit
from tenants.core.db import Session as AppSession
from tenants.core.db import db
from tenants.core.errors import Forbidden, Invalid
from tenants.core.text import _m
from tenants.permissions import Actor
from tenants.scoping import current_scope

LONGEST = timedelta(days=366)


def snooze(
    *, request: ServiceRequest, actor: Actor, now: datetime, until: datetime,
    expected_version: int | None = None,
) -> None:  # fmt: skip
    _check(request, actor, expected_version)
    if until <= now:
        raise _wrong_time(_m("Choose a time to come."))
    if until > now + LONGEST:
        raise _wrong_time(_m("One year at most, please."))
    _set(request, until, actor=actor, now=now)


def _wrong_time(message: str) -> Invalid:
    return Invalid(message, field_errors={"until": [message]})


def wake(
    *, request: ServiceRequest, actor: Actor, now: datetime, expected_version: int | None = None
) -> None:
    _check(request, actor, expected_version)
    if request.snoozed_until is not None:
        _set(request, None, actor=actor, now=now)


def _check(request: ServiceRequest, actor: Actor, expected_version: int | None) -> None:
    check_version(request, expected_version)
    if actor.side == "client":
        raise Forbidden
    actor.require("request.work", request.line)
    if not request.is_open:
        raise RequestMoveRefused(state=STATES[request.state])


def _set(request: ServiceRequest, until: datetime | None, *, actor: Actor, now: datetime) -> None:
    request.snoozed_until = until
    request.snoozed_by = actor.user_id if until else None
    touch(request)
    audit.record(
        "service_requests.request.snoozed" if until else "service_requests.request.woken",
        actor=actor, now=now, object_type="request", object_id=request.id, until=until,
    )  # fmt: skip
    db.session.flush()


@event.listens_for(AppSession, "before_flush")
def _wake_for_the_client(session: Session, _context: Any, _instances: Any) -> None:
    """Whatever the client's side does to a request changes its row."""
    if current_scope().side != "client":
        return
    for row in session.dirty:
        if isinstance(row, ServiceRequest) and row.snoozed_until is not None:
            row.snoozed_until = row.snoozed_by = None
