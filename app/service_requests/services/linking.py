"""Requests that belong together: linked, merged, marked as a duplicate."""

from datetime import datetime

from sqlalchemy import select, update

from app.service_requests import telling
from app.service_requests.billed import bill_minutes
from app.service_requests.links.models import RequestLink
from app.service_requests.links.queries import find_related
from app.service_requests.models import RequestFile, ServiceRequest
from app.service_requests.scope import AGREED, NEEDS_OFFER
from app.service_requests.services.moves import (
    RequestMoveRefused,
    check_move,
    check_version,
    log_move,
    move,
    touch,
)
from app.service_requests.services.watching import follow_along
from app.service_requests.sla import ledger
from app.service_requests.transitions import ENDED
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Invalid, NotFound
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor

_ITSELF = _m("This is the request itself. Name the other one.")
_OTHER_LINE = _m(
    "That request is on another service line, with other readers. Change the line of one of them "
    "first."
)
_ENDED = _m("That request is ended: work can't go on there. Name one that is open.")
_MERGED = _m("That request was merged itself. Name the one that it was merged into.")
_BILLED = _m(
    "This request was delivered and billed before: its work goes on here. Link the two instead."
)
_PRICED = _m(
    "A price was agreed for this request: it is billed when this one is delivered. Link the two "
    "instead."
)
_UNCOVERED = _m(
    "The contract doesn't cover this request. Make an offer, or have a reviewer take it as "
    "covered first."
)


class LinkedAlready(Conflict):
    code = "linked_already"
    message = _m("These two requests are linked already.")


class TooLateToMerge(Conflict):
    code = "too_late_to_merge"
    message = _m(
        "Only a request that nobody works on yet can end in another one. Link the two, or split off "
        "what belongs there."
    )


def link(
    *, request: ServiceRequest, other: ServiceRequest, actor: Actor, now: datetime
) -> RequestLink:
    """They concern each other; nothing else changes."""
    for one in (request, other):
        actor.require("request.work", one.line)
    if other.id == request.id:
        raise Invalid(field_errors={"number": [_ITSELF]})
    lock(request, other)
    if find_related(request=request, other=other) is not None:
        raise LinkedAlready
    made = add_link(request, other, "related", actor=actor, now=now)
    for one in (request, other):
        touch(one)
    db.session.flush()
    return made


def unlink(*, request: ServiceRequest, other: ServiceRequest, actor: Actor, now: datetime) -> None:
    """Only what was linked by hand; what was merged or split stays known."""
    actor.require("request.work", request.line)
    found = find_related(request=request, other=other)
    if found is None:
        raise NotFound
    db.session.delete(found)
    _record("unlinked", request, other, actor=actor, now=now)
    touch(request)
    db.session.flush()


def merge(
    *, request: ServiceRequest, into: ServiceRequest, actor: Actor, now: datetime,
    expected_version: int | None = None,
) -> None:  # fmt: skip
    """Both are one piece of work, which goes on in `into`: with the files, time and followers of this
    one, and its start when that is the earlier. This one stays readable."""
    _give_over(request, into, "merge", "merged", actor, now, expected_version)


def mark_duplicate(
    *, request: ServiceRequest, of: ServiceRequest, actor: Actor, now: datetime,
    expected_version: int | None = None,
) -> None:  # fmt: skip
    """The same thing asked twice; `of` may be delivered or closed already."""
    _give_over(request, of, "duplicate", "duplicate", actor, now, expected_version)


def add_link(
    first: ServiceRequest, second: ServiceRequest, kind: str, *, actor: Actor, now: datetime
) -> RequestLink:
    row = RequestLink(
        id=uuid7(), from_id=first.id, to_id=second.id, kind=kind, by_name=actor.name, at=now
    )
    db.session.add(row)
    _record("linked", first, second, actor=actor, now=now, kind=kind)
    return row


def _record(
    what: str, first: ServiceRequest, second: ServiceRequest, *, actor: Actor, now: datetime,
    **facts: str,
) -> None:  # fmt: skip
    """In the trail of both."""
    for one, other in ((first, second), (second, first)):
        audit.record(
            f"service_requests.request.{what}", actor=actor, now=now, object_type="request",
            object_id=one.id, other=other.id, number=other.number, line=other.line, **facts,
        )  # fmt: skip


def lock(*requests: ServiceRequest) -> None:
    """Always in the same order, so that two who merge crosswise wait instead of blocking each
    other; what they decided on is compared by the versions."""
    for one in sorted(requests, key=lambda row: row.id):
        db.session.execute(
            select(ServiceRequest.id)
            .where(ServiceRequest.tenant_id == one.tenant_id, ServiceRequest.id == one.id)
            .with_for_update()
        )


def _give_over(
    request: ServiceRequest, into: ServiceRequest, verb: str, kind: str, actor: Actor,
    now: datetime, expected_version: int | None,
) -> None:  # fmt: skip
    check_version(request, expected_version)
    _check_move(request, verb, actor=actor)
    actor.require("request.work", into.line)
    _check_target(request, into, open_only=verb == "merge")
    lock(request, into)
    move(request, verb, actor=actor, now=now, reason=f"#{into.number}")
    request.merged_into = into.id
    _follow(request, into, actor=actor, now=now)
    if into.is_open and into.state != "delivered":
        ledger.keep_earliest(into, merged=request, actor=actor, now=now)
    add_link(request, into, kind, actor=actor, now=now)
    log_move(into, "absorb", actor=actor, now=now, source=into.state, target=into.state,
             reason=f"#{request.number}")  # fmt: skip
    touch(into)
    telling.merged(request, into, actor=actor)
    db.session.flush()


def _check_move(request: ServiceRequest, verb: str, *, actor: Actor) -> None:
    """So nothing is ever open on what ends in another: it was not asked for yet."""
    try:
        check_move(request, verb, actor=actor)
    except RequestMoveRefused:
        if request.is_open and actor.side == "provider":
            raise TooLateToMerge from None
        raise


def _check_target(request: ServiceRequest, into: ServiceRequest, *, open_only: bool) -> None:
    problem = ""
    if into.id == request.id:
        problem = _ITSELF
    elif into.merged_into is not None:
        problem = _MERGED
    elif into.line != request.line:
        problem = _OTHER_LINE
    elif into.state in (ENDED if open_only else ("cancelled", "rejected")):
        problem = _ENDED
    problem = problem or _held_by_money(request, into, work_goes_on=open_only)
    if problem:
        raise Invalid(field_errors={"number": [problem]})


def _held_by_money(request: ServiceRequest, into: ServiceRequest, *, work_goes_on: bool) -> str:
    """What was billed or agreed for a request stands on it; its work is covered nowhere else."""
    if request.delivered_at is not None:
        return _BILLED
    if request.scope == AGREED:
        return _PRICED
    uncovered = request.scope in NEEDS_OFFER and into.scope not in NEEDS_OFFER
    return _UNCOVERED if work_goes_on and uncovered else ""


def _follow(request: ServiceRequest, into: ServiceRequest, *, actor: Actor, now: datetime) -> None:
    """Files, recorded time, followers and what was merged before go along."""
    db.session.execute(
        update(ServiceRequest)
        .where(
            ServiceRequest.tenant_id == request.tenant_id,
            ServiceRequest.merged_into == request.id,
        )
        .values(merged_into=into.id)
        .execution_options(synchronize_session="fetch")
    )
    db.session.flush()
    _add_files(request, into)
    follow_along(request, into, actor=actor, now=now)
    if into.delivered_at is not None:
        bill_minutes(into, actor=actor, now=now)


def _add_files(request: ServiceRequest, into: ServiceRequest) -> None:
    there = select(RequestFile.file_id).where(
        RequestFile.tenant_id == into.tenant_id, RequestFile.request_id == into.id
    )
    rows = db.session.execute(
        select(RequestFile).where(
            RequestFile.tenant_id == request.tenant_id,
            RequestFile.request_id == request.id,
            RequestFile.file_id.not_in(there),
        )
    ).scalars()
    for row in rows:
        db.session.add(
            RequestFile(
                request_id=into.id, file_id=row.file_id, slot="", message_id=row.message_id,
                added_by_name=row.added_by_name, added_side=row.added_side, at=row.at,
            )
        )  # fmt: skip
