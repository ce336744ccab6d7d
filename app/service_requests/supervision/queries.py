from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, or_, select
from sqlalchemy.orm import Session

from app.service_requests.models import ServiceRequest
from app.service_requests.supervision.models import SupervisorTask
from tenants.core.db import db
from tenants.core.errors import NotFound
from tenants.scoping import current_scope

T, R = SupervisorTask, ServiceRequest


def select_tasks(*, request_id: UUID) -> Select[Any]:
    """The provider's side sees them, nobody else: the database holds it."""
    return (
        select(T)
        .where(T.tenant_id == current_scope().tenant_id, T.request_id == request_id)
        .order_by(T.created_at, T.id)
    )


def chased_already(*, about_ids: Sequence[UUID]) -> set[UUID]:
    """Of these, what a supervisor has or had a task for."""
    return set(
        db.session.execute(
            select(T.about_id).where(
                T.tenant_id == current_scope().tenant_id,
                T.kind == "chased",
                T.about_id.in_(about_ids),
            )
        ).scalars()
    )


def get_task(*, request: ServiceRequest, task_id: UUID) -> SupervisorTask:
    row = db.session.execute(
        select(T).where(
            T.tenant_id == request.tenant_id, T.request_id == request.id, T.id == task_id
        )
    ).scalar_one_or_none()
    if row is None:
        raise NotFound
    return row


def list_open_tasks(
    session: Session, *, lines_of: Mapping[UUID, Sequence[str]], limit: int = 200
) -> Sequence[Row[Any]]:
    """Across clients, for the lines that the reader reviews at each; what is due first comes first."""
    if not lines_of:
        return []
    mine = or_(*(and_(T.tenant_id == one, T.line.in_(lines)) for one, lines in lines_of.items()))
    columns: tuple[Any, ...] = (
        T.id,
        T.tenant_id,
        T.kind,
        T.line,
        T.created_at,
        T.due_at,
        R.number,
        R.item,
        R.title,
        R.state,
        R.assignee_name,
    )
    return session.execute(
        select(*columns)
        .join(R, and_(R.tenant_id == T.tenant_id, R.id == T.request_id))
        .where(T.tenant_id.in_(list(lines_of)), T.done_at.is_(None), mine)
        .order_by(T.due_at, T.id)
        .limit(limit)
    ).all()  # fmt: skip
