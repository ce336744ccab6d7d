"""Drawing which submissions are checked, and what an error or clean work changes for the next."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from app.service_requests.catalogue import item_of
from app.service_requests.checking.drawing import (
    RAISED_FOR,
    Rate,
    is_drawn,
    rate_of,
    slip_of,
)
from app.service_requests.checking.models import ReviewDraw, ReviewStanding
from app.service_requests.checking.queries import (
    count_submission,
    find_draw,
    find_rates,
    find_standing,
    has_findings,
    has_open_findings,
)
from app.service_requests.models import Review, ServiceRequest
from tenants import audit, keys
from tenants.core.db import db
from tenants.core.ids import uuid7
from tenants.permissions import Actor

PURPOSE = "quality check draws"


def draw(request: ServiceRequest, *, actor: Actor, now: datetime) -> bool:
    """Whether a second person checks it. One slip for each submission, when it is handed over: who
    takes it back and hands it over again gets the same, as another kind of work too."""
    actor.require("request.work", request.line)
    submission = count_submission(request)
    row = find_draw(request=request, submission=submission)
    if row is not None:
        return row.drawn or (row.item != request.item and _again(request, row, actor))
    row = _drawn(request, submission, actor, now)
    db.session.add(row)
    audit.record(
        "service_requests.review.drawn", actor=actor, now=now, object_type="request",
        object_id=request.id, submission=submission, rate=row.rate, because=row.because,
        slip=row.slip, drawn=row.drawn,
    )  # fmt: skip
    db.session.flush()
    return row.drawn


def _again(request: ServiceRequest, row: ReviewDraw, actor: Actor) -> bool:
    return is_drawn(row.slip, _rate(request, actor)[0].percent)


def _drawn(request: ServiceRequest, submission: int, actor: Actor, now: datetime) -> ReviewDraw:
    rate, standing = _rate(request, actor)
    slip = slip_of(keys.ring().mac(f"{request.tenant_id}:{request.id}:{submission}", PURPOSE))
    return ReviewDraw(
        id=uuid7(), request_id=request.id, submission=submission, at=now,
        operator_id=actor.user_id, operator_name=actor.name, item=request.item,
        rate=rate.percent, because=rate.because, slip=slip, drawn=is_drawn(slip, rate.percent),
        raised_by=standing.review_id if standing and rate.because == "raised" else None,
    )  # fmt: skip


def _rate(request: ServiceRequest, actor: Actor) -> tuple[Rate, ReviewStanding | None]:
    for_item, for_operator = find_rates(item=request.item, user_id=actor.user_id)
    standing = find_standing(user_id=actor.user_id, item=request.item)
    rate = rate_of(
        item_of(request).review, for_item=for_item, for_operator=for_operator,
        checks_left=standing.checks_left if standing else 0,
        findings_open=has_open_findings(request_id=request.id),
    )  # fmt: skip
    return rate, standing


def learn(request: ServiceRequest, review: Review, *, now: datetime) -> None:
    """From what the check found. A request that once had a finding isn't clean any more."""
    if review.preparer_id is None:
        return
    if review.outcome == "returned":
        _raise(request, review, review.preparer_id, now)
    elif not has_findings(request_id=request.id):
        _ease(review.preparer_id, request.item)


def _raise(request: ServiceRequest, review: Review, user_id: UUID, now: datetime) -> None:
    values = {"checks_left": RAISED_FOR, "since": now, "client_id": request.tenant_id,
              "review_id": review.id}  # fmt: skip
    db.session.execute(
        insert(ReviewStanding)
        .values(user_id=user_id, item=request.item, **values)
        .on_conflict_do_update(index_elements=["user_id", "item"], set_=values)
    )


def _ease(user_id: UUID, item: str) -> None:
    db.session.execute(
        update(ReviewStanding)
        .where(
            ReviewStanding.user_id == user_id,
            ReviewStanding.item == item,
            ReviewStanding.checks_left > 0,
        )
        .values(checks_left=ReviewStanding.checks_left - 1)
    )
