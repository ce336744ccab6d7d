"""What stands on the client's home beside what waits for them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from app.service_requests.models import ServiceRequest
from app.service_requests.queries import LIST_COLUMNS
from app.service_requests.transitions import PAUSED_BY_CONTRACT
from tenants.core.db import db
from tenants.permissions import Actor
from tenants.scoping import current_scope

C = ServiceRequest.__table__.c
WORKED_ON = (
    "new",
    "planned",
    "assigned",
    "in_progress",
    "on_hold_provider",
    "in_review",
    "reopened",
)


def list_due_soon(
    *, actor: Actor, until: datetime, pauses_for_third_party: bool
) -> Sequence[Row[Any]]:
    """What is in work for the client and due by then, first what is due first; what waits for
    others too, unless the contract stops the clock meanwhile."""
    held = () if pauses_for_third_party else PAUSED_BY_CONTRACT
    return db.session.execute(
        select(*LIST_COLUMNS)
        .where(
            C.tenant_id == current_scope().tenant_id,
            C.line.in_(actor.visible_lines),
            C.state.in_((*WORKED_ON, *held)),
            C.due_at <= until,
        )
        .order_by(C.due_at, C.id)
        .limit(8)
    ).all()


def list_last_results(*, actor: Actor) -> Sequence[Row[Any]]:
    columns: tuple[Any, ...] = (*LIST_COLUMNS, C.delivered_at)
    return db.session.execute(
        select(*columns)
        .where(
            C.tenant_id == current_scope().tenant_id,
            C.line.in_(actor.visible_lines),
            C.delivered_at.is_not(None),
        )
        .order_by(C.delivered_at.desc(), C.id)
        .limit(5)
    ).all()
