"""Draws, findings and rates, of the client in scope and of the provider."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from app.service_requests.checking.models import (
    ReviewDraw,
    ReviewFinding,
    ReviewRate,
    ReviewStanding,
)
from app.service_requests.models import RequestMove, ServiceRequest
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.scoping import current_scope

D, F, S = ReviewDraw, ReviewFinding, ReviewStanding
# After each of these the work is handed over anew.
SENT_BACK = ("return", "refuse", "reopen")


def count_submission(request: ServiceRequest) -> int:
    """Taking a hand-over back doesn't make another of it."""
    found = db.session.execute(
        select(func.count()).where(
            RequestMove.tenant_id == request.tenant_id,
            RequestMove.request_id == request.id,
            RequestMove.verb.in_(SENT_BACK),
        )
    ).scalar_one()
    return int(found) + 1


def find_draw(*, request: ServiceRequest, submission: int) -> ReviewDraw | None:
    return db.session.execute(
        select(D).where(
            D.tenant_id == request.tenant_id,
            D.request_id == request.id,
            D.submission == submission,
        )
    ).scalar_one_or_none()


def select_draws(*, request_id: UUID) -> Select[Any]:
    return (
        select(D)
        .where(D.tenant_id == current_scope().tenant_id, D.request_id == request_id)
        .order_by(D.submission)
    )


def list_draws(*, request_id: UUID) -> Sequence[ReviewDraw]:
    return db.session.execute(select_draws(request_id=request_id)).scalars().all()


def select_findings(*, request_id: UUID) -> Select[Any]:
    return (
        select(F)
        .where(F.tenant_id == current_scope().tenant_id, F.request_id == request_id)
        .order_by(F.at, F.position)
    )


def list_open_findings(*, request_id: UUID) -> Sequence[ReviewFinding]:
    found = select_findings(request_id=request_id).where(F.confirmed_at.is_(None))
    return db.session.execute(found).scalars().all()


def get_finding(*, request_id: UUID, finding_id: UUID) -> ReviewFinding:
    row: ReviewFinding | None = db.session.execute(
        select_findings(request_id=request_id).where(F.id == finding_id)
    ).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def has_findings(*, request_id: UUID) -> bool:
    """At any time."""
    found = select_findings(request_id=request_id).with_only_columns(F.id).limit(1)
    return db.session.execute(found.order_by(None)).first() is not None


def has_open_findings(*, request_id: UUID) -> bool:
    found = select_findings(request_id=request_id).where(F.confirmed_at.is_(None))
    found = found.with_only_columns(F.id).order_by(None).limit(1)
    return db.session.execute(found).first() is not None


def find_rates(*, item: str, user_id: UUID | None) -> tuple[int | None, int | None]:
    """Of everybody, and of this operator alone."""
    rows = db.session.execute(
        select(ReviewRate.user_id, ReviewRate.rate).where(ReviewRate.item == item)
    ).all()
    rates = {row.user_id: row.rate for row in rows}
    return rates.get(None), rates.get(user_id) if user_id else None


def find_standing(*, user_id: UUID | None, item: str) -> ReviewStanding | None:
    return db.session.execute(
        select(S).where(S.user_id == user_id, S.item == item)
    ).scalar_one_or_none()


def list_rates() -> Sequence[ReviewRate]:
    query = select(ReviewRate).order_by(
        ReviewRate.item, ReviewRate.user_id.is_not(None), ReviewRate.id
    )
    return db.session.execute(query).scalars().all()


def get_rate(*, rate_id: UUID) -> ReviewRate:
    row = db.session.get(ReviewRate, rate_id)
    if row is None:
        raise NotFound
    return row


def list_raised(*, user_id: UUID | None = None) -> Sequence[ReviewStanding]:
    """Whose work of a kind is all checked for now; of everybody, or of one person."""
    query = select(S).where(S.checks_left > 0).order_by(S.since.desc(), S.user_id, S.item)
    if user_id is not None:
        query = query.where(S.user_id == user_id)
    return db.session.execute(query).scalars().all()
