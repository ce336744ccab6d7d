from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CompoundSelect, Select, func, select, union_all

from app.service_requests.documents.models import DocumentLine
from app.service_requests.models import Question, ServiceRequest
from app.service_requests.reminders.models import Reminder
from tenants.core.db import db
from tenants.scoping import current_scope

Q, L, R, M = Question, DocumentLine, ServiceRequest, Reminder


@dataclass(frozen=True, slots=True)
class Waiting:
    """A question, or a list with a line that is open still."""

    kind: str
    about_id: UUID
    request_id: UUID
    asked_at: datetime


def list_waiting(*, limit: int = 1000) -> list[Waiting]:
    """What the client in scope hasn't answered, of requests that wait for it."""
    asked, listed = _open()
    questions = db.session.execute(
        asked.add_columns(Q.request_id, Q.asked_at).order_by(Q.asked_at).limit(limit)
    ).all()
    lists = db.session.execute(
        listed.add_columns(L.request_id, func.min(L.asked_at).label("asked_at"))
        .group_by(L.list_id, L.request_id)
        .order_by(func.min(L.asked_at))
        .limit(limit)
    ).all()
    return [
        *(Waiting("question", row.id, row.request_id, row.asked_at) for row in questions),
        *(Waiting("documents", row.list_id, row.request_id, row.asked_at) for row in lists),
    ]


def waiting_ids() -> CompoundSelect[Any]:
    """What of the client in scope is open still: its questions, and its lists."""
    return union_all(*_open())


def _open() -> tuple[Select[Any], Select[Any]]:
    waits = (R.tenant_id == current_scope().tenant_id) & (R.state == "waiting_client")
    questions = (
        select(Q.id)
        .join(R, (R.tenant_id == Q.tenant_id) & (R.id == Q.request_id))
        .where(waits, Q.answered_at.is_(None), Q.withdrawn_at.is_(None))
    )
    lists = (
        select(L.list_id)
        .join(R, (R.tenant_id == L.tenant_id) & (R.id == L.request_id))
        .where(waits, L.state == "open")
    )
    return questions, lists


def last_steps(*, about_ids: Sequence[UUID]) -> dict[UUID, int]:
    """By what they are about, the last reminder that was sent."""
    rows = db.session.execute(
        select(M.about_id, func.max(M.step).label("step"))
        .where(M.tenant_id == current_scope().tenant_id, M.about_id.in_(about_ids))
        .group_by(M.about_id)
    ).all()
    return {row.about_id: row.step for row in rows}
