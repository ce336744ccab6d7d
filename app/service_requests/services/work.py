"""The operator's part: take, start, attach results, hand to review."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from app.service_requests.billed import recorded_minutes
from app.service_requests.catalogue import item_of
from app.service_requests.checking.services import draws
from app.service_requests.checking.services.findings import require_fixed
from app.service_requests.checklists.services import refresh, require_complete
from app.service_requests.models import Deliverable, ServiceRequest
from app.service_requests.services import timekeeping
from app.service_requests.services.assigning import Colleague, hand_back_from, put_in_hands
from app.service_requests.services.moves import (
    RequestMoveRefused,
    check_move,
    check_version,
    move,
    touch,
)
from app.service_requests.transitions import STATES
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Forbidden, Invalid
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.models import StoredFile
from tenants.permissions import Actor
from tenants.uploads import take_file

record_time = timekeeping.record_time


class NothingToReview(Conflict):
    code = "nothing_to_review"
    message = _m("Attach the result first: a review needs at least one deliverable.")


class NoTimeRecorded(Conflict):
    code = "no_time_recorded"
    message = _m("Record your time first: work without time can't be explained to the client.")


def assign_to_me(
    *, request: ServiceRequest, actor: Actor, now: datetime, expected_version: int | None = None
) -> None:
    """Take a request that waits in the queue, or take over one that another operator holds."""
    check_version(request, expected_version)
    if actor.side != "provider" or actor.user_id is None:
        raise Forbidden
    actor.require("request.work", request.line)
    if not request.is_open:
        raise RequestMoveRefused(state=STATES[request.state])
    put_in_hands(request, Colleague(actor.user_id, actor.name), actor=actor, now=now)


def hand_back(*, request: ServiceRequest, actor: Actor, now: datetime) -> None:
    """By the system alone, when its operator left."""
    if actor.side != "system":
        raise Forbidden
    hand_back_from(request, actor=actor, now=now)


def start_work(
    *, request: ServiceRequest, actor: Actor, now: datetime, expected_version: int | None = None
) -> None:
    check_version(request, expected_version)
    if request.state == "new":
        assign_to_me(request=request, actor=actor, now=now)
    move(request, "start", actor=actor, now=now)
    db.session.flush()


def add_deliverable(
    *,
    request: ServiceRequest,
    actor: Actor,
    now: datetime,
    stored: StoredFile,
    kind: str,
    title: str,
    measures: dict[str, int] | None = None,
    slip: dict[str, Any] | None = None,
) -> Deliverable:
    """A newer file of the same kind supersedes the older; both stay readable."""
    actor.require("request.work", request.line)
    if request.state not in ("assigned", "in_progress"):
        raise RequestMoveRefused(state=STATES[request.state])
    earlier = db.session.execute(
        select(Deliverable).where(
            Deliverable.tenant_id == request.tenant_id,
            Deliverable.request_id == request.id,
            Deliverable.kind == kind,
            Deliverable.superseded_at.is_(None),
        )
    ).scalar_one_or_none()
    if earlier is not None:
        earlier.superseded_at = now
        db.session.flush()
    row = Deliverable(
        id=uuid7(), request_id=request.id, file_id=stored.id, kind=kind,
        version=_next_version(request, kind), title=title, sha256=stored.sha256,
        measures=measures or {}, slip=slip or {}, added_by=actor.user_id,
        added_by_name=actor.name, at=now,
    )  # fmt: skip
    db.session.add(row)
    touch(request)
    audit.record(
        "documents.deliverable.attached", actor=actor, now=now, object_type="request",
        object_id=request.id, deliverable=row.id, sha256=row.sha256, version=row.version,
    )  # fmt: skip
    db.session.flush()
    refresh(request, actor=actor, now=now)
    return row


def withdraw_deliverables(
    *, request: ServiceRequest, kinds: Sequence[str], actor: Actor, now: datetime
) -> int:
    """Take back results that no longer say what is so; they stay readable as older versions."""
    actor.require("request.work", request.line)
    taken = db.session.execute(
        update(Deliverable)
        .where(
            Deliverable.tenant_id == request.tenant_id,
            Deliverable.request_id == request.id,
            Deliverable.kind.in_(kinds),
            Deliverable.superseded_at.is_(None),
        )
        .values(superseded_at=now)
        .returning(Deliverable.id)
    ).all()
    for row in taken:
        audit.record(
            "documents.deliverable.withdrawn", actor=actor, now=now, object_type="request",
            object_id=request.id, deliverable=row.id,
        )  # fmt: skip
    if taken:
        touch(request)
        db.session.flush()
        refresh(request, actor=actor, now=now)
    return len(taken)


def _next_version(request: ServiceRequest, kind: str) -> int:
    last = db.session.execute(
        select(func.coalesce(func.max(Deliverable.version), 0)).where(
            Deliverable.tenant_id == request.tenant_id,
            Deliverable.request_id == request.id,
            Deliverable.kind == kind,
        )
    ).scalar_one()
    return int(last) + 1


def upload_deliverable(
    *, request: ServiceRequest, actor: Actor, now: datetime, name: str, content_type: str,
    content: bytes, title: str, kind: str = "",
) -> Deliverable:  # fmt: skip
    """`kind` is one of the item's results; a file of none stands beside them under its own name."""
    actor.require("request.work", request.line)
    welcome = _endings(request, kind, name) if kind else ()
    stored = take_file(
        name=name, content_type=content_type, content=content, actor=actor, now=now,
        welcome=welcome,
    )  # fmt: skip
    return add_deliverable(
        request=request, actor=actor, now=now, stored=stored,
        kind=kind or f"file:{stored.name}", title=title or stored.name,
    )  # fmt: skip


def _endings(request: ServiceRequest, kind: str, name: str) -> tuple[str, ...]:
    """What this result may be; Invalid when the file isn't."""
    result = next((one for one in item_of(request).results if one.code == kind), None)
    if result is None:
        raise Invalid(field_errors={"kind": [_m("Choose one of the results of this item.")]})
    endings = tuple(result.accept.split(",")) if result.accept else ()
    if endings and not name.lower().endswith(endings):
        raise Invalid(field_errors={"file": [_m("This result is a file of another kind.")]})
    return endings


def submit_for_review(
    *, request: ServiceRequest, actor: Actor, now: datetime, expected_version: int | None = None
) -> None:
    check_version(request, expected_version)
    check_move(request, "submit", actor=actor)
    require_result(request, actor=actor, now=now)
    draws.draw(request, actor=actor, now=now)
    move(request, "submit", actor=actor, now=now)
    request.preparer_id = actor.user_id
    db.session.flush()


def require_result(request: ServiceRequest, *, actor: Actor, now: datetime) -> None:
    """What stands before a quality check, and before a delivery without one."""
    actor.require("request.work", request.line)
    found = db.session.execute(
        select(Deliverable.id)
        .where(
            Deliverable.tenant_id == request.tenant_id,
            Deliverable.request_id == request.id,
            Deliverable.superseded_at.is_(None),
        )
        .limit(1)
    ).first()
    if found is None:
        raise NothingToReview
    if recorded_minutes(request) == 0:
        raise NoTimeRecorded
    require_complete(request, actor=actor, now=now)
    require_fixed(request)
