"""Which requests belong together, as far as the reader may see them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, and_, case, or_, select

from app.service_requests.links.models import RequestLink
from app.service_requests.models import ServiceRequest
from tenants.core.db import db
from tenants.permissions import Actor
from tenants.scoping import current_scope

L, R = RequestLink, ServiceRequest


def with_merged(request: ServiceRequest) -> Select[Any]:
    """The ids of a request and of those that were merged into it."""
    return select(R.id).where(
        R.tenant_id == request.tenant_id,
        or_(R.id == request.id, R.merged_into == request.id),
    )


def select_linked(*, actor: Actor, request: ServiceRequest) -> Select[Any]:
    """`onward`: the request looked from is the link's first; `state` is the other's."""
    other = case((L.from_id == request.id, L.to_id), else_=L.from_id)
    columns: tuple[Any, ...] = (
        L.id, L.kind, (L.from_id == request.id).label("onward"), R.number, R.item, R.title,
        R.state, L.by_name, L.at,
    )  # fmt: skip
    return (
        select(*columns)
        .join(R, and_(R.tenant_id == L.tenant_id, R.id == other))
        .where(
            L.tenant_id == request.tenant_id,
            or_(L.from_id == request.id, L.to_id == request.id),
            R.line.in_(actor.visible_lines),
        )
        .order_by(L.at, L.id)
    )


def list_linked(*, actor: Actor, request: ServiceRequest) -> Sequence[Row[Any]]:
    return db.session.execute(select_linked(actor=actor, request=request)).all()


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
