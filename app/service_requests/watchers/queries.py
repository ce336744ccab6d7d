from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, exists, func, or_, select

from app.service_requests.models import ServiceRequest
from app.service_requests.watchers.models import Watcher
from tenants.core.db import db
from tenants.models import Grant, Member
from tenants.scoping import current_scope

W, M, G = Watcher, Member, Grant


def select_watchers(*, request: ServiceRequest, now: datetime) -> Select[Any]:
    """Those who may still see it: members of the line, and who holds a live grant on it."""
    member = exists().where(
        M.tenant_id == W.tenant_id, M.user_id == W.user_id, M.removed_at.is_(None),
        M.lines.contains([request.line]), or_(M.expires_at.is_(None), M.expires_at > func.now()),
    )  # fmt: skip
    grant = exists().where(
        G.tenant_id == W.tenant_id, G.user_id == W.user_id, G.line == request.line,
        G.ended_at.is_(None), G.expires_at > now,
    )  # fmt: skip
    columns: tuple[Any, ...] = (W.id, W.user_id, W.name, W.side, W.added_by_name, W.at)
    return (
        select(*columns)
        .where(
            W.tenant_id == request.tenant_id,
            W.request_id == request.id,
            W.left_at.is_(None),
            or_(and_(W.side == "client", member), and_(W.side == "provider", grant)),
        )
        .order_by(W.at, W.id)
    )


def list_watchers(*, request: ServiceRequest, now: datetime) -> Sequence[Row[Any]]:
    return db.session.execute(select_watchers(request=request, now=now)).all()


def watcher_ids(*, request_id: UUID, side: str) -> Sequence[UUID]:
    """Whether they may still be told is asked when the mail is written."""
    return (
        db.session.execute(
            select(W.user_id).where(
                W.tenant_id == current_scope().tenant_id,
                W.request_id == request_id,
                W.side == side,
                W.left_at.is_(None),
            )
        )
        .scalars()
        .all()
    )
