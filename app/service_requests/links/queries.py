"""Which requests belong together, as far as the reader may see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, case, or_, select

from app.service_requests.links.models import RequestLink
from app.service_requests.models import ServiceRequest
from tenants.core.db import db
from tenants.permissions import Actor
from tenants.scoping import current_scope

L, R = RequestLink, ServiceRequest


@dataclass(frozen=True, slots=True)
class Linked:
    """`onward`: the request looked from is the link's first; `state` is the other's."""

    id: UUID
    kind: str
    onward: bool
    number: int
    item: str
    title: str
    state: str
    by_name: str
    at: datetime


def with_merged(request: ServiceRequest) -> Select[Any]:
    """The ids of a request and of those that were merged into it."""
    return select(R.id).where(
        R.tenant_id == request.tenant_id,
        or_(R.id == request.id, R.merged_into == request.id),
    )


def list_linked(*, actor: Actor, request: ServiceRequest) -> Sequence[Linked]:
    other = case((L.from_id == request.id, L.to_id), else_=L.from_id)
    rows = db.session.execute(
        select(
            L.id, L.kind, (L.from_id == request.id).label("onward"), R.number, R.item, R.title,
            R.state, L.by_name, L.at,
        )
        .join(R, and_(R.tenant_id == L.tenant_id, R.id == other))
        .where(
            L.tenant_id == request.tenant_id,
            or_(L.from_id == request.id, L.to_id == request.id),
            R.line.in_(actor.visible_lines),
        )
        .order_by(L.at, L.id)
    ).all()  # fmt: skip
    return [Linked(**row._mapping) for row in rows]


def find_related(*, request: ServiceRequest, other: ServiceRequest) -> RequestLink | None:
    """The mutual link, whichever of the two it was made from."""
    return db.session.execute(
        select(L).where(
            L.tenant_id == current_scope().tenant_id,
            L.kind == "related",
            or_(
                and_(L.from_id == request.id, L.to_id == other.id),
                and_(L.from_id == other.id, L.to_id == request.id),
            ),
        )
    ).scalar_one_or_none()
