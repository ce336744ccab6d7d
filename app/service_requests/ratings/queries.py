from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, or_, select

from app.service_requests.models import ServiceRequest
from app.service_requests.ratings.models import Rating, RatingInvitation
from tenants.core.db import db
from tenants.scoping import current_scope

R, V, S = Rating, RatingInvitation, ServiceRequest


def find_invitation(*, request_id: UUID, user_id: UUID) -> RatingInvitation | None:
    return db.session.execute(
        select(V).where(
            V.tenant_id == current_scope().tenant_id,
            V.request_id == request_id,
            V.user_id == user_id,
        )
    ).scalar_one_or_none()


def was_asked_since(*, user_id: UUID, since: datetime) -> bool:
    return (
        db.session.execute(
            select(V.id)
            .where(V.tenant_id == current_scope().tenant_id, V.user_id == user_id, V.at > since)
            .limit(1)
        ).first()
        is not None
    )


def find_rating(*, request_id: UUID, user_id: UUID, for_change: bool = False) -> Rating | None:
    query = select(R).where(
        R.tenant_id == current_scope().tenant_id, R.request_id == request_id, R.user_id == user_id
    )
    if for_change:
        query = query.with_for_update()
    return db.session.execute(query).scalar_one_or_none()


def get_rating(*, rating_id: UUID) -> Rating:
    return db.session.execute(
        select(R).where(R.tenant_id == current_scope().tenant_id, R.id == rating_id)
    ).scalar_one()


def select_ratings(*, request_id: UUID) -> Select[Any]:
    return (
        select(R)
        .where(R.tenant_id == current_scope().tenant_id, R.request_id == request_id)
        .order_by(R.rated_at, R.id)
    )


def list_asked(*, user_id: UUID, lines: Sequence[str], now: datetime) -> Sequence[Row[Any]]:
    """Requests that this person was asked to rate and hasn't since."""
    columns: tuple[Any, ...] = (S.number, S.item, S.title, V.request_id, V.expires_at)
    return db.session.execute(
        select(*columns)
        .join(S, and_(S.tenant_id == V.tenant_id, S.id == V.request_id))
        .outerjoin(
            R,
            and_(
                R.tenant_id == V.tenant_id,
                R.request_id == V.request_id,
                R.user_id == V.user_id,
            ),
        )
        .where(
            V.tenant_id == current_scope().tenant_id,
            V.user_id == user_id,
            V.expires_at > now,
            S.line.in_(lines),
            or_(R.id.is_(None), R.rated_at < V.at),
        )
        .order_by(V.at)
        .limit(5)
    ).all()
