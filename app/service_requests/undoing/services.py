"""Taking back what can be taken back: assignments, priorities, snoozes, and moves that nobody
outside has seen. The way back is a move of its own in the history, not an erased one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.service_requests.models import ServiceRequest
from app.service_requests.queries import get_request_by_id
from app.service_requests.services.assigning import list_colleagues
from app.service_requests.services.moves import enter, log_move, retarget, touch
from app.service_requests.services.scope_guard import UrgentUsedUp, check_urgent
from app.service_requests.sla import ledger
from app.service_requests.sla.queries import last_row
from app.service_requests.undoing.models import UndoStep
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor
from tenants.scoping import current_scope

WINDOW = timedelta(minutes=10)
KEPT = (
    "state", "assignee_id", "assignee_name", "priority", "proposed_priority", "snoozed_until",
    "snoozed_by", "planned_for", "waiting_for", "preparer_id",
)  # fmt: skip
CHANGED = _m("somebody changed it since")
URGENT_GIVEN = _m("the contract has no place left for one more urgent request this month")
NO_GRANT = _m("who had it before has no access to this line any more")


class TooLate(Conflict):
    code = "undo_too_late"
    message = _m("This can't be taken back any more.")


@dataclass(frozen=True, slots=True)
class Undone:
    """`obstacle` is empty for a request that is as it was before."""

    number: int
    obstacle: str = ""


def reversibly(
    request: ServiceRequest, act: Callable[[], object], *, actor: Actor, now: datetime,
    batch_id: UUID,
) -> None:  # fmt: skip
    """Do it, and keep what it takes to go back."""
    before = {name: getattr(request, name) for name in KEPT}
    ledger_seq = last_row(request_id=request.id)
    act()
    db.session.flush()
    db.session.add(
        UndoStep(
            id=uuid7(), batch_id=batch_id, request_id=request.id, user_id=actor.user_id,
            before={name: _plain(value) for name, value in before.items()},
            version=request.version, ledger_seq=ledger_seq, at=now,
        )
    )  # fmt: skip
    db.session.flush()


def undo(*, batch_id: UUID, actor: Actor, now: datetime) -> Sequence[Undone]:
    """One's own acts of the last minutes, each once, and none that somebody built upon."""
    actor.require("request.work")
    steps = (
        db.session.execute(
            select(UndoStep)
            .where(
                UndoStep.tenant_id == current_scope().tenant_id,
                UndoStep.user_id == actor.user_id,
                UndoStep.batch_id == batch_id,
                UndoStep.undone_at.is_(None),
                UndoStep.at > now - WINDOW,
            )
            .order_by(UndoStep.id)
            .with_for_update()
        )
        .scalars()
        .all()
    )
    if not steps:
        raise TooLate
    return [_undo(step, actor=actor, now=now) for step in steps]


def _undo(step: UndoStep, *, actor: Actor, now: datetime) -> Undone:
    request = get_request_by_id(request_id=step.request_id)
    actor.require("request.work", request.line)
    if request.version != step.version:
        return Undone(request.number, CHANGED)
    if not _urgent_again(request, step.before, now=now):
        return Undone(request.number, URGENT_GIVEN)
    if not _may_hold(request, step.before["assignee_id"], now=now):
        return Undone(request.number, NO_GRANT)
    step.undone_at = now
    ledger.unanswer(request, after=step.ledger_seq, since=step.at, actor=actor, now=now)
    _put_back(request, step.before, actor=actor, now=now)
    audit.record(
        "service_requests.request.undone", actor=actor, now=now, object_type="request",
        object_id=request.id, batch=step.batch_id,
    )  # fmt: skip
    touch(request)
    db.session.flush()
    return Undone(request.number)


def _urgent_again(request: ServiceRequest, before: dict[str, Any], *, now: datetime) -> bool:
    if before["priority"] == "urgent" != request.priority:
        try:
            check_urgent(request, field="priority", now=now)
        except UrgentUsedUp:
            return False
    return True


def _may_hold(request: ServiceRequest, user_id: str | None, *, now: datetime) -> bool:
    """In the hands in which it is anyway, or in those of somebody who has a live grant still."""
    if user_id is None or user_id == _plain(request.assignee_id):
        return True
    colleagues = list_colleagues(line=request.line, now=now)
    return user_id in {str(one.user_id) for one in colleagues}


def _put_back(
    request: ServiceRequest, before: dict[str, Any], *, actor: Actor, now: datetime
) -> None:
    source, target, priority = request.state, before["state"], request.priority
    shown = ("state", "assignee_id", "priority")
    if any(_plain(getattr(request, name)) != before[name] for name in shown):
        log_move(request, "undo", actor=actor, now=now, source=source, target=target)
    if source != target:
        enter(request, source, target, actor=actor, now=now)
    for name in KEPT:
        if name != "state":
            setattr(request, name, _typed(name, before[name]))
    if request.priority != priority:
        retarget(request, actor=actor, now=now)


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str) else (
        value.isoformat() if hasattr(value, "isoformat") else str(value)
    )  # fmt: skip


def _typed(name: str, value: str | None) -> Any:
    if value is None:
        return None
    if name in ("assignee_id", "snoozed_by", "preparer_id"):
        return UUID(value)
    if name == "snoozed_until":
        return datetime.fromisoformat(value)
    if name == "planned_for":
        return datetime.fromisoformat(value).date()
    return value
