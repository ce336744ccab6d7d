"""What stands on the client's home beside what waits for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from app.service_requests.models import ServiceRequest
from app.service_requests.queries import LIST_COLUMNS
from app.service_requests.transitions import PAUSED_BY_CONTRACT
from tenants.core.together import read_together
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


@dataclass(frozen=True, slots=True)
class Beside:
    due_soon: Sequence[Any]
    results: Sequence[Any]


def list_beside(*, actor: Actor, until: datetime, pauses_for_third_party: bool) -> Beside:
    """What is due by then and what was delivered last, in one statement."""
    return Beside(
        **read_together(
            due_soon=_due_soon(actor, until, pauses_for_third_party), results=_results(actor)
        )
    )


def _due_soon(actor: Actor, until: datetime, pauses_for_third_party: bool) -> Select[Any]:
    """What is in work for the client, first what is due first; what waits for others too, unless
    the contract stops the clock meanwhile."""
    held = () if pauses_for_third_party else PAUSED_BY_CONTRACT
    return (
        select(*LIST_COLUMNS)
        .where(
            C.tenant_id == current_scope().tenant_id,
            C.line.in_(actor.visible_lines),
            C.state.in_((*WORKED_ON, *held)),
            C.due_at <= until,
        )
        .order_by(C.due_at, C.id)
        .limit(8)
    )


def _results(actor: Actor) -> Select[Any]:
    columns: tuple[Any, ...] = (*LIST_COLUMNS, C.delivered_at)
    return (
        select(*columns)
        .where(
            C.tenant_id == current_scope().tenant_id,
            C.line.in_(actor.visible_lines),
            C.delivered_at.is_not(None),
        )
        .order_by(C.delivered_at.desc(), C.id)
        .limit(5)
    )
