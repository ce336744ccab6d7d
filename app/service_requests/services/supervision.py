"""What only a supervisor decides."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from app.calendars.business_time import BusinessCalendar
from app.service_requests.models import ServiceRequest
from app.service_requests.reminders.queries import waiting_ids
from app.service_requests.supervision.models import SupervisorTask
from tenants import audit
from tenants.core.db import db
from tenants.core.errors import Conflict, Forbidden
from tenants.core.ids import uuid7
from tenants.core.text import _m
from tenants.permissions import Actor
from tenants.scoping import current_scope

_ANSWERED = _m("The client is not asked for this any more.")


class TaskDone(Conflict):
    code = "task_done"
    message = _m("Somebody did this already. Look at their note.")


def open_task(
    *, request: ServiceRequest, kind: str, about_id: UUID, calendar: BusinessCalendar,
    actor: Actor, now: datetime,
) -> bool:  # fmt: skip
    """Once for each thing that it is about; due by the end of the next business day. Answers whether
    it is new."""
    day = calendar.add_business_days(calendar.local_day(now), 1) + timedelta(days=1)
    task_id = db.session.execute(
        insert(SupervisorTask)
        .values(
            tenant_id=request.tenant_id, id=uuid7(), request_id=request.id, kind=kind,
            about_id=about_id, line=request.line, created_at=now, due_at=calendar.midnight(day),
        )
        .on_conflict_do_nothing(index_elements=["tenant_id", "kind", "about_id"])
        .returning(SupervisorTask.id)
    ).scalar_one_or_none()  # fmt: skip
    if task_id is None:
        return False
    audit.record(
        "service_requests.task.opened", actor=actor, now=now, object_type="request",
        object_id=request.id, task=task_id, kind=kind,
    )  # fmt: skip
    return True


def finish_task(
    *, request: ServiceRequest, task: SupervisorTask, actor: Actor, now: datetime, note: str
) -> None:
    actor.require("request.review", request.line)
    db.session.refresh(task, with_for_update={"key_share": True})
    if task.done_at is not None:
        raise TaskDone
    task.done_at, task.done_by, task.done_by_name, task.note = now, actor.user_id, actor.name, note
    audit.record(
        "service_requests.task.done", actor=actor, now=now, object_type="request",
        object_id=request.id, task=task.id, kind=task.kind,
    )  # fmt: skip
    db.session.flush()


def close_answered(*, actor: Actor, now: datetime) -> int:
    """Nobody phones a client for what was answered or withdrawn; how many of those tasks there
    were, of the client in scope."""
    if actor.side != "system":
        raise Forbidden
    found = db.session.execute(
        update(SupervisorTask)
        .where(
            SupervisorTask.tenant_id == current_scope().tenant_id,
            SupervisorTask.kind == "chased",
            SupervisorTask.done_at.is_(None),
            SupervisorTask.about_id.not_in(waiting_ids()),
        )
        .values(done_at=now, done_by_name=actor.name, note=_ANSWERED)
        .returning(SupervisorTask.id, SupervisorTask.request_id)
        .execution_options(synchronize_session=False)
    ).all()
    for row in found:
        audit.record(
            "service_requests.task.done", actor=actor, now=now, object_type="request",
            object_id=row.request_id, task=row.id, kind="chased",
        )  # fmt: skip
    return len(found)
